// The files of the page, built into the program from api/page/.
#pragma once

#include <string_view>

namespace cauce::api {

struct PageFile {
  std::string_view path;  // "/page.css"
  std::string_view content_type;
  std::string_view content;
};

// nullptr when the page has no file of this path.
const PageFile* page_file(std::string_view path);

}  // namespace cauce::api

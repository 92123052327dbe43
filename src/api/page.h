// The files of the page and the contract, contract/openapi.yaml, built into the program.
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

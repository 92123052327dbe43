// Lists whose youngest item comes first, page by page: where an item stands, and that as a cursor.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace cauce::datasets {

struct Place {
  Time created_at;
  std::string id;  // 32 hexadecimal digits

  // The youngest first; among those of one moment, by id.
  bool is_before(const Place& other) const;
};

std::string to_cursor(const Place& place);
std::optional<Place> parse_cursor(std::string_view text);  // nullopt: it is none

}  // namespace cauce::datasets

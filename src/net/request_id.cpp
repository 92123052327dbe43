#include "net/request_id.h"

#include <algorithm>

namespace cauce::net {

bool is_request_id(std::string_view text) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
  return !text.empty() && text.size() <= request_id_bytes_max &&
         text.find_first_not_of(letters) == std::string_view::npos;
}

std::string request_id_of(const Request& request, std::string made) {
  const auto given = request.headers.find("x-request-id");
  if (given == request.headers.end() || !is_request_id(given->second)) return made;
  return given->second;
}

}  // namespace cauce::net

// The id of a request: in its answer, in every line of the log that it causes, and in the words of
// whoever asks about it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "net/http.h"

namespace cauce::net {

constexpr std::size_t request_id_bytes_max = 64;

// 1 to request_id_bytes_max of A-Z a-z 0-9 _ - . so that it is safe in a header, a log and a URI.
bool is_request_id(std::string_view text);

// The one that the client gave as X-Request-Id, when it is one; `made` otherwise.
std::string request_id_of(const Request& request, std::string made);

}  // namespace cauce::net

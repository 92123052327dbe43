// The target of a request, taken apart (RFC 9112 section 3.2, RFC 3986 section 2.1).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cauce::net {

struct Target {
  std::string path;
  std::map<std::string, std::string> query;
};

// Reads "/path?a=b", "http://host/path" and "*". Invalid when it is anything else, when a percent
// is not followed by two hexadecimal digits, or when a NUL hides in it.
Result<Target> parse_target(std::string_view text);

// What parse_target reads back: everything but letters, digits and "-._~" (and '/' in a path) is
// percent-encoded.
std::string to_text(const Target& target);

}  // namespace cauce::net

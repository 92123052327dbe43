#include "api/precondition.h"

#include <fmt/core.h>

#include "crypto/crypto.h"

namespace cauce::api {
namespace {

// Half of a SHA-256: two states of one object that share it will not be met.
constexpr std::size_t tag_bytes = 16;

// Whether the list of If-Match holds `etag`. A weak tag never matches here.
bool names(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    while (item.starts_with(' ') || item.starts_with('\t'))
      item.remove_prefix(1);
    while (item.ends_with(' ') || item.ends_with('\t'))
      item.remove_suffix(1);
    if (item == "*" || item == etag) return true;
  }
  return false;
}

}  // namespace

std::string etag_of(const Json& json) {
  return fmt::format("\"{}\"", to_hex(crypto::sha256(json.text()).substr(0, tag_bytes)));
}

std::pair<std::string, std::string> etag_header(const Json& json) {
  return {"ETag", etag_of(json)};
}

std::optional<Answer> refused_by_precondition(const Call& call, const Json& json) {
  const auto header = call.request.headers.find("if-match");
  if (header == call.request.headers.end() || names(header->second, etag_of(json)))
    return std::nullopt;
  return Answer::refused(412,
                         "It has changed since you read it: read it again, then decide, and send "
                         "its new ETag as If-Match.");
}

}  // namespace cauce::api

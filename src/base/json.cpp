#include "base/json.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/invariant.h"

namespace cauce {
namespace {

// How many bytes the UTF-8 character at the beginning of `text` has (RFC 3629, section 4); 0 when
// none begins there.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t index) {
    return index < text.size() ? static_cast<std::uint8_t>(text[index]) : std::uint8_t{0};
  };
  const auto follows = [&](std::size_t index) { return (byte(index) & 0xc0) == 0x80; };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    const bool least = first != 0xe0 || byte(1) >= 0xa0;
    const bool surrogate = first == 0xed && byte(1) >= 0xa0;
    return least && !surrogate && follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    const bool inside = (first != 0xf0 || byte(1) >= 0x90) && (first != 0xf4 || byte(1) < 0x90);
    return inside && follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string json = "\"";
  while (!text.empty()) {
    const std::size_t bytes = character_bytes(text);
    const char first = text.front();
    if (bytes == 0) {
      json += "\xEF\xBF\xBD";
    } else if (first == '"' || first == '\\') {
      json += {'\\', first};
    } else if (static_cast<std::uint8_t>(first) < 0x20 || first == 0x7f) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned>(first));
    } else {
      json += text.substr(0, bytes);
    }
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return json + '"';
}

Json::Json(double number) : text_(std::isfinite(number) ? fmt::format("{}", number) : "null") {}

Json::Json(std::initializer_list<std::pair<std::string_view, Json>> members) : text_("{}") {
  for (const auto& [name, value] : members) {
    set(name, value);
  }
}

Json Json::array() {
  return written("[]");
}

Json Json::object() {
  return written("{}");
}

Json Json::written(std::string text) {
  Json json;
  json.text_ = std::move(text);
  return json;
}

void Json::set(std::string_view name, const Json& value) {
  INVARIANT(text_.front() == '{');
  append(json_string(name) + ":" + value.text_);
}

void Json::add_members(const Json& object) {
  INVARIANT(text_.front() == '{' && object.text_.front() == '{');
  if (!object.empty()) append(std::string_view(object.text_).substr(1, object.text_.size() - 2));
}

void Json::push_back(const Json& element) {
  INVARIANT(text_.front() == '[');
  append(element.text_);
}

void Json::append(std::string_view part) {
  const char closing = text_.back();
  text_.back() = ',';
  if (text_.size() == 2) text_.pop_back();
  text_ += part;
  text_ += closing;
}

}  // namespace cauce

#include "decode/quote.h"

#include <cstdint>

namespace cauce::decode {
namespace {

// The length of the UTF-8 character that begins `text`; 0 when there is no valid one.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t index) { return std::uint8_t(text[index]); };
  const std::uint8_t lead = byte(0);
  std::size_t length = 0;
  if (lead < 0x80) length = 1;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t index = 1; index < length; ++index) {
    if ((byte(index) & 0xC0) != 0x80) return 0;
  }
  // Unicode 15 table 3-7: overlong forms, surrogates and what lies beyond U+10FFFF.
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) > 0x9F) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

bool is_control(std::string_view character) {
  const std::uint8_t lead = std::uint8_t(character.front());
  if (lead < 0x20 || lead == 0x7F) return true;
  return lead == 0xC2 && std::uint8_t(character[1]) < 0xA0;  // U+0080 to U+009F
}

}  // namespace

std::string quote(std::string_view text) {
  std::string shown = "\"";
  std::size_t taken = 0;
  while (taken < text.size()) {
    const std::size_t length = character_bytes(text.substr(taken));
    const std::size_t step = length == 0 ? 1 : length;
    if (taken + step > quoted_bytes_max) break;
    const std::string_view character = text.substr(taken, step);
    if (length == 0 || is_control(character)) {
      shown += '?';
    } else {
      shown += character;
    }
    taken += step;
  }
  shown += taken < text.size() ? "…\"" : "\"";
  return shown;
}

}  // namespace cauce::decode

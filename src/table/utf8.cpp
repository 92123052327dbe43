#include "table/utf8.h"

#include <cstdint>

namespace cauce::table {
namespace {

bool in(std::uint8_t byte, std::uint8_t least, std::uint8_t most) {
  return byte >= least && byte <= most;
}

// How many bytes the well-formed character at the front of `bytes` has; 0 when there is none.
std::size_t character_bytes(std::string_view bytes) {
  const auto at = [&](std::size_t index) {
    return index < bytes.size() ? static_cast<std::uint8_t>(bytes[index]) : std::uint8_t{0};
  };
  const auto follows = [&](std::size_t index) { return in(at(index), 0x80, 0xbf); };
  const std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  if (in(first, 0xc2, 0xdf)) return follows(1) ? 2 : 0;
  if (in(first, 0xe0, 0xef)) {
    const std::uint8_t least = first == 0xe0 ? 0xa0 : 0x80;
    const std::uint8_t most = first == 0xed ? 0x9f : 0xbf;
    return in(at(1), least, most) && follows(2) ? 3 : 0;
  }
  if (in(first, 0xf0, 0xf4)) {
    const std::uint8_t least = first == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t most = first == 0xf4 ? 0x8f : 0xbf;
    return in(at(1), least, most) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t count = character_bytes(bytes);
    if (count == 0) return false;
    bytes.remove_prefix(count);
  }
  return true;
}

std::string to_utf8(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t count = character_bytes(bytes);
    text += count == 0 ? std::string_view("\xef\xbf\xbd") : bytes.substr(0, count);
    bytes.remove_prefix(count == 0 ? 1 : count);
  }
  return text;
}

}  // namespace cauce::table

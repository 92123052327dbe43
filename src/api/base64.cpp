#include "api/base64.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace cauce::api {

std::string to_base64(BytesView bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      group = (group << 8) | (index < count ? static_cast<unsigned char>(bytes[at + index]) : 0u);
    }
    for (std::size_t index = 0; index < 4; ++index) {
      text += index <= count ? letters[(group >> (18 - 6 * index)) & 63u] : '=';
    }
  }
  return text;
}

}  // namespace cauce::api

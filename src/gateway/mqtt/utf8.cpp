#include "gateway/mqtt/utf8.h"

#include <cstddef>
#include <cstdint>

namespace cauce::gateway::mqtt {
namespace {

struct Form {
  std::size_t continuation_count;
  std::uint32_t least;  // a smaller code point in this form is overlong
  std::uint32_t bits;   // of the code point, in the first byte
};

// False for a byte that cannot begin a character of several bytes.
bool form_of(std::uint8_t first, Form& form) {
  if ((first & 0xE0) == 0xC0) {
    form = {1, 0x80, first & 0x1FU};
  } else if ((first & 0xF0) == 0xE0) {
    form = {2, 0x800, first & 0x0FU};
  } else if ((first & 0xF8) == 0xF0) {
    form = {3, 0x10000, first & 0x07U};
  } else {
    return false;
  }
  return true;
}

// `least` is the smallest character allowed.
bool is_text(std::string_view text, std::uint8_t least, bool controls) {
  std::size_t index = 0;
  while (index < text.size()) {
    const auto first = std::uint8_t(text[index++]);
    // Most characters of most topics.
    if (first >= ' ' && first < 0x7F) continue;
    if (first < least || (first == 0x7F && !controls)) return false;
    if (first < 0x80) continue;
    Form form{};
    if (!form_of(first, form) || text.size() - index < form.continuation_count) return false;
    std::uint32_t code_point = form.bits;
    for (std::size_t count = 0; count < form.continuation_count; ++count) {
      const auto next = std::uint8_t(text[index++]);
      if ((next & 0xC0) != 0x80) return false;
      code_point = code_point << 6 | (next & 0x3FU);
    }
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < form.least || code_point > 0x10FFFF || surrogate) return false;
    if (code_point < 0xA0 && !controls) return false;
  }
  return true;
}

}  // namespace

bool is_utf8_string(std::string_view text) {
  return is_text(text, 0x01, true);
}

bool is_utf8_name(std::string_view text) {
  return is_text(text, ' ', false);
}

}  // namespace cauce::gateway::mqtt

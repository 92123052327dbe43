#include "gateway/http/json_scan.h"

#include <fmt/core.h>

#include "base/bytes.h"

namespace cauce::gateway::http {
namespace {

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

bool is_hexadecimal(char character) {
  return is_digit(character) || (character >= 'a' && character <= 'f') ||
         (character >= 'A' && character <= 'F');
}

}  // namespace

Error JsonScan::malformed(std::string_view why) const {
  return {Outcome::invalid,
          fmt::format("the body is not JSON near byte {} of {}: {}", at_, text_.size(), why)};
}

void JsonScan::skip_space() {
  while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos)
    ++at_;
}

bool JsonScan::take(char expected) {
  skip_space();
  if (next() != expected || at_ == text_.size()) return false;
  ++at_;
  return true;
}

bool JsonScan::at_end() {
  skip_space();
  return at_ == text_.size();
}

Result<std::string_view> JsonScan::value() {
  skip_space();
  const std::size_t begin = at_;
  if (auto skipped = skip_value(0); !skipped) return skipped.error();
  return text_.substr(begin, at_ - begin);
}

Result<std::string_view> JsonScan::string() {
  skip_space();
  const std::size_t begin = at_;
  if (next() != '"') return malformed("a text in double quotes has to stand here");
  if (auto skipped = skip_string(); !skipped) return skipped.error();
  return text_.substr(begin + 1, at_ - begin - 2);
}

Result<void> JsonScan::skip_value(int depth) {
  skip_space();
  if (at_ == text_.size()) return malformed("it ends too early");
  if (depth > depth_max) {
    return malformed(fmt::format("values inside values, deeper than {}", depth_max));
  }
  const char first = text_[at_];
  if (first == '{') return skip_members('}', depth);
  if (first == '[') return skip_members(']', depth);
  if (first == '"') return skip_string();
  if (first == '-' || is_digit(first)) return skip_number();
  for (const std::string_view word : {"true", "false", "null"}) {
    if (!text_.substr(at_).starts_with(word)) continue;
    at_ += word.size();
    return {};
  }
  return malformed("no value begins like this");
}

// An object or an array, from its first character to its last.
Result<void> JsonScan::skip_members(char close, int depth) {
  ++at_;
  if (take(close)) return {};
  do {
    if (close == '}') {
      skip_space();
      if (next() != '"') return malformed("the name of a member has to stand here");
      if (auto skipped = skip_string(); !skipped) return skipped;
      if (!take(':')) return malformed("a colon is missing");
    }
    if (auto skipped = skip_value(depth + 1); !skipped) return skipped;
  } while (take(','));
  if (!take(close)) return malformed("a comma or a closing bracket is missing");
  return {};
}

Result<void> JsonScan::skip_string() {
  ++at_;
  while (at_ < text_.size()) {
    const char character = text_[at_++];
    if (character == '"') return {};
    if (std::uint8_t(character) < 0x20) {
      return malformed("a control character stands inside a string");
    }
    if (character == '\\' && !skip_escape()) {
      return malformed("a string has an escape that does not exist");
    }
  }
  return malformed("a string has no end");
}

// What follows a backslash. A surrogate has to be half of a pair.
bool JsonScan::skip_escape() {
  const char kind = next();
  ++at_;
  if (kind != 'u') {
    return kind != '\0' && std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos;
  }
  const auto unit_at = [&](std::size_t begin) {
    unsigned unit = 0;
    const std::string_view digits = text_.substr(std::min(begin, text_.size()), 4);
    if (digits.size() < 4) return 0x10000u;
    for (const char digit : digits) {
      if (!is_hexadecimal(digit)) return 0x10000u;
      unit = unit * 16 + unsigned(is_digit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
    }
    return unit;
  };
  const unsigned unit = unit_at(at_);
  if (unit > 0xFFFF || (unit >= 0xDC00 && unit < 0xE000)) return false;
  at_ += 4;
  if (unit < 0xD800 || unit >= 0xE000) return true;
  if (text_.substr(at_, 2) != "\\u") return false;
  const unsigned low = unit_at(at_ + 2);
  if (low < 0xDC00 || low >= 0xE000) return false;
  at_ += 6;
  return true;
}

std::size_t JsonScan::skip_digits() {
  const std::size_t begin = at_;
  while (is_digit(next()))
    ++at_;
  return at_ - begin;
}

Result<void> JsonScan::skip_number() {
  if (next() == '-') ++at_;
  const bool leading_zero = next() == '0';
  const std::size_t whole = skip_digits();
  if (whole == 0 || (leading_zero && whole > 1)) return malformed("this is not a number");
  if (next() == '.') {
    ++at_;
    if (skip_digits() == 0) return malformed("digits are missing after the point");
  }
  if (next() == 'e' || next() == 'E') {
    ++at_;
    if (next() == '+' || next() == '-') ++at_;
    if (skip_digits() == 0) return malformed("the exponent has no digits");
  }
  return {};
}

Result<std::string> printable_ascii(std::string_view escaped) {
  std::string text;
  text.reserve(escaped.size());
  const Error refused{Outcome::invalid, "it holds something other than printable ASCII"};
  for (std::size_t index = 0; index < escaped.size(); ++index) {
    char character = escaped[index];
    if (character == '\\') {
      character = escaped[++index];
      if (character == 'u') {
        Bytes unit;
        if (!from_hex(escaped.substr(index + 1, 4), unit) || unit[0] != 0) return refused;
        character = unit[1];
        index += 4;
      } else if (std::string_view("bfnrt").find(character) != std::string_view::npos) {
        return refused;
      }
    }
    if (character < 0x20 || character > 0x7E) return refused;
    text += character;
  }
  return text;
}

}  // namespace cauce::gateway::http

#include "datasets/csv/number_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>

namespace cauce::datasets::csv {

namespace {

// Powers of ten that are doubles without rounding. A whole number below 2^53 divided by one of
// them is rounded once, so correctly (Clinger 1990, the fast path).
constexpr std::array<double, 23> exact_powers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t exact_whole_max = std::uint64_t{1} << 53;

constexpr std::uint64_t every_byte(std::uint64_t byte) {
  return byte * 0x0101010101010101;
}

// `digits` holds 0 to 9 in each byte, the first digit lowest. Pairs, then fours, then the eight are
// added up in parallel (Mula 2017, "SWAR parsing of decimal numbers").
inline std::uint64_t value_of_eight(std::uint64_t digits) {
  const std::uint64_t pairs = digits * 10 + (digits >> 8);
  const std::uint64_t lower = 0x000000FF000000FF;
  const std::uint64_t even = (pairs & lower) * (100 + (std::uint64_t{1000000} << 32));
  const std::uint64_t odd = ((pairs >> 16) & lower) * (1 + (std::uint64_t{10000} << 32));
  return (even + odd) >> 32;
}

inline bool all_digits(std::uint64_t digits) {
  return (((digits + every_byte(0x76)) | digits) & every_byte(0x80)) == 0;
}

inline std::uint64_t load(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, 8);
  return word;
}

// The highest bit of the lowest byte of `word` that equals `byte`; 0: none does.
inline std::uint64_t first_equal(std::uint64_t word, char byte) {
  const std::uint64_t difference = word ^ every_byte(std::uint8_t(byte));
  return (difference - every_byte(1)) & ~difference & every_byte(0x80);
}

// At most 8 bytes, digits and one decimal sign.
inline bool read_eight(const char* text, std::size_t bytes, char decimal_sign, double& value) {
  std::uint64_t word = load(text);
  const std::uint64_t used = ~std::uint64_t{0} >> (64 - 8 * bytes);
  std::size_t whole_digits = bytes;
  const std::uint64_t sign = first_equal(word & used, decimal_sign);
  if (sign != 0) {
    const int bit = std::countr_zero(sign) & 56;  // of the sign's byte
    const std::uint64_t before = (std::uint64_t{1} << bit) - 1;
    word = (word & before) | ((word >> 8) & ~before);
    whole_digits = std::size_t(bit) / 8;
    bytes -= 1;
    if (bytes == 0) return false;
  }
  if (whole_digits > 1 && *text == '0') return false;
  const std::uint64_t kept = ~std::uint64_t{0} >> (64 - 8 * bytes);
  const std::uint64_t digits = (word ^ every_byte('0')) & kept;
  if (!all_digits(digits)) return false;
  const std::uint64_t whole = value_of_eight(digits << (64 - 8 * bytes));
  value = double(whole) / exact_powers[bytes - whole_digits];
  return true;
}

// 9 to 17 bytes: the same for two words.
inline bool read_sixteen(const char* text, std::size_t bytes, char decimal_sign, double& value) {
  char digits[32];
  std::memset(digits, '0', 16);
  std::size_t whole_digits = bytes;
  const auto* sign = static_cast<const char*>(std::memchr(text, decimal_sign, bytes));
  if (sign != nullptr) {
    whole_digits = std::size_t(sign - text);
    bytes -= 1;
  }
  if (bytes > 16) return false;
  if (whole_digits > 1 && *text == '0') return false;
  char* target = digits + 16 - bytes;
  std::memcpy(target, text, 17);
  if (sign != nullptr) std::memcpy(target + whole_digits, sign + 1, 16);
  const std::uint64_t high = load(digits) ^ every_byte('0');
  const std::uint64_t low = load(digits + 8) ^ every_byte('0');
  if (!all_digits(high) || !all_digits(low)) return false;
  const std::uint64_t whole = value_of_eight(high) * 100'000'000 + value_of_eight(low);
  if (whole > exact_whole_max) return false;
  value = double(whole) / exact_powers[bytes - whole_digits];
  return true;
}

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count]))
    ++count;
  return count;
}

// A number taken apart; all parts are digits.
struct Parts {
  bool negative = false;
  std::string_view whole;  // with group signs inside when `grouped`
  std::string_view fraction;
  std::string_view exponent;  // with its sign
  bool grouped = false;
};

// "1,234,567": one to three digits, then groups of three.
std::size_t count_grouped(std::string_view text, char group_sign) {
  std::size_t end = count_digits(text);
  if (end == 0 || end > 3 || text[0] == '0') return 0;
  bool any = false;
  while (end < text.size() && text[end] == group_sign && count_digits(text.substr(end + 1)) == 3) {
    end += 4;
    any = true;
  }
  return any ? end : 0;
}

bool take_apart(std::string_view text, Decimal decimal, Parts& parts) {
  const char decimal_sign = decimal == Decimal::point ? '.' : ',';
  const char group_sign = decimal == Decimal::point ? ',' : '.';
  if (text.empty()) return false;
  if (text[0] == '-' || text[0] == '+') {
    parts.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  std::size_t whole = count_grouped(text, group_sign);
  parts.grouped = whole > 0;
  if (whole == 0) whole = count_digits(text);
  parts.whole = text.substr(0, whole);
  text.remove_prefix(whole);
  if (!text.empty() && text[0] == decimal_sign) {
    text.remove_prefix(1);
    parts.fraction = text.substr(0, count_digits(text));
    text.remove_prefix(parts.fraction.size());
  }
  if (parts.whole.empty() && parts.fraction.empty()) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  parts.exponent = text;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && count_digits(text) == text.size();
}

// True when the value is too small for a double, so zero; false when it is too large. from_chars
// says for both that it is out of range. Called only then.
bool is_underflow(const Parts& parts) {
  std::string_view exponent = parts.exponent;
  const bool negative = !exponent.empty() && exponent[0] == '-';
  if (!exponent.empty() && !is_digit(exponent[0])) exponent.remove_prefix(1);
  while (!exponent.empty() && exponent[0] == '0')
    exponent.remove_prefix(1);
  if (exponent.size() > 9) return negative;
  std::int64_t power = 0;
  for (const char digit : exponent)
    power = power * 10 + (digit - '0');
  if (negative) power = -power;
  const auto is_significant = [](char letter) { return letter != '0'; };
  const auto first = std::find_if(parts.whole.begin(), parts.whole.end(), is_significant);
  if (first != parts.whole.end()) return power + (parts.whole.end() - first) < 0;
  const auto later = std::find_if(parts.fraction.begin(), parts.fraction.end(), is_significant);
  return power - (later - parts.fraction.begin()) < 0;
}

bool value_of(const Parts& parts, double& value) {
  std::string text;
  text.reserve(parts.whole.size() + parts.fraction.size() + parts.exponent.size() + 4);
  if (parts.negative) text += '-';
  for (const char letter : parts.whole) {
    if (is_digit(letter)) text += letter;
  }
  if (parts.whole.empty()) text += '0';
  if (!parts.fraction.empty()) (text += '.') += parts.fraction;
  if (!parts.exponent.empty()) (text += 'e') += parts.exponent;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc{}) return end == text.data() + text.size();
  if (status != std::errc::result_out_of_range || !is_underflow(parts)) return false;
  value = parts.negative ? -0.0 : 0.0;
  return true;
}

}  // namespace

bool read_plain_number(const char* text, std::size_t bytes, char decimal_sign, double& value) {
  const bool negative = bytes > 0 && *text == '-';
  text += negative ? 1 : 0;
  bytes -= negative ? 1 : 0;
  double magnitude = 0;
  if (bytes - 1 < 8) [[likely]] {
    if (!read_eight(text, bytes, decimal_sign, magnitude)) return false;
  } else if (bytes - 1 < 17) {
    if (!read_sixteen(text, bytes, decimal_sign, magnitude)) return false;
  } else {
    return false;
  }
  value = negative ? -magnitude : magnitude;
  return true;
}

NumberText read_number(std::string_view text, Decimal decimal, double& value) {
  Parts parts;
  if (!take_apart(text, decimal, parts)) return NumberText::other;
  if (parts.whole.size() > 1 && parts.whole[0] == '0') {
    const bool only_digits =
        parts.fraction.empty() && parts.exponent.empty() && !parts.grouped && is_digit(text.back());
    return only_digits ? NumberText::code : NumberText::other;
  }
  return value_of(parts, value) ? NumberText::number : NumberText::other;
}

bool is_ambiguous_number(std::string_view text) {
  double as_point = 0;
  double as_comma = 0;
  return read_number(text, Decimal::point, as_point) == NumberText::number &&
         read_number(text, Decimal::comma, as_comma) == NumberText::number && as_point != as_comma;
}

}  // namespace cauce::datasets::csv

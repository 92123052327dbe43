#include "datasets/csv/number_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace cauce::datasets::csv {

namespace {

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

#include "charts/drawing/number_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace cauce::charts::drawing {

namespace {

constexpr const char* minus = "\u2212";

// Digits with an optional ".fraction", grouped.
std::string localised(std::string_view digits, Locale locale) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::string_view whole = digits.substr(0, point);
  const bool grouped = whole.size() > (locale == Locale::es ? 4 : 3);
  std::string text;
  for (std::size_t index = 0; index < whole.size(); ++index) {
    if (grouped && index > 0 && (whole.size() - index) % 3 == 0)
      text += locale == Locale::es ? '.' : ',';
    text += whole[index];
  }
  if (point < digits.size()) {
    text += locale == Locale::es ? ',' : '.';
    text += digits.substr(point + 1);
  }
  return text;
}

std::string trimmed(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0')
    text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string power_text(double value, int digits, Locale locale) {
  const std::string text = fmt::format("{:.{}e}", value, std::max(digits - 1, 0));
  const std::size_t letter = text.find('e');
  const int power = std::stoi(text.substr(letter + 1));
  return localised(trimmed(text.substr(0, letter)), locale) + "e" + (power < 0 ? minus : "") +
         std::to_string(std::abs(power));
}

}  // namespace

std::string fixed_text(double value, int decimals, Locale locale) {
  if (!std::isfinite(value)) return std::isnan(value) ? "NaN" : value < 0 ? "−∞" : "∞";
  if (std::abs(value) >= 1e15) return number_text(value, 6, locale);
  std::string digits = fmt::format("{:.{}f}", std::abs(value), std::clamp(decimals, 0, 20));
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  return (value < 0 && !zero ? minus : "") + localised(digits, locale);
}

std::string number_text(double value, int digits, Locale locale) {
  if (!std::isfinite(value)) return fixed_text(value, 0, locale);
  if (value == 0) return "0";
  const double size = std::abs(value);
  const std::string sign = value < 0 ? minus : "";
  if (size >= 1e15 || size < 1e-5) return sign + power_text(size, digits, locale);
  const int power = int(std::floor(std::log10(size)));
  const int decimals = std::max(0, digits - 1 - power);
  return sign + localised(trimmed(fmt::format("{:.{}f}", size, decimals)), locale);
}

std::string rounded_text(double value, int digits, Locale locale) {
  const double last = std::pow(10, std::floor(std::log10(std::abs(value))) - digits + 1);
  const bool has_more = std::isfinite(value) && last > 1;
  return number_text(has_more ? std::round(value / last) * last : value, digits, locale);
}

std::string count_text(std::uint64_t count, Locale locale) {
  return localised(std::to_string(count), locale);
}

std::string exact_text(double value) {
  return fmt::format("{}", value);
}

std::string counted(std::uint64_t count, const char* one, const char* many, Locale locale) {
  return count_text(count, locale) + " " + (count == 1 ? one : many);
}

}  // namespace cauce::charts::drawing

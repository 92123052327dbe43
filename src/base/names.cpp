#include "base/names.h"

namespace cauce {
namespace {

bool is_letter_or_digit(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9');
}

bool consists_of(std::string_view text, std::string_view also) {
  for (const char character : text) {
    if (!is_letter_or_digit(character) && also.find(character) == std::string_view::npos) {
      return false;
    }
  }
  return !text.empty() && is_letter_or_digit(text.front());
}

}  // namespace

bool is_name(std::string_view text) {
  return text.size() <= name_bytes_max && consists_of(text, "_-.");
}

bool is_metric(std::string_view text) {
  return text.size() <= metric_bytes_max && consists_of(text, "_-./");
}

}  // namespace cauce

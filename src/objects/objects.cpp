#include "objects/objects.h"

#include <fmt/core.h>

namespace cauce::objects {
namespace {

bool is_key_character(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') ||
         std::string_view("_-.=").find(character) != std::string_view::npos;
}

bool is_key_name(std::string_view name) {
  if (name.empty() || name.size() > key_name_bytes_max || name.front() == '.') return false;
  for (const char character : name) {
    if (!is_key_character(character)) return false;
  }
  return true;
}

}  // namespace

bool is_key(std::string_view key) {
  if (key.size() > key_bytes_max) return false;
  while (true) {
    const std::size_t slash = key.find('/');
    if (!is_key_name(key.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

Result<void> check_key(std::string_view key) {
  if (is_key(key)) return {};
  return Error{Outcome::invalid,
               fmt::format("\"{}\" ({} bytes) is no object key; use at most {} bytes of names of "
                           "A-Z a-z 0-9 _ - . = between slashes, none beginning with a dot",
                           key.substr(0, 128), key.size(), key_bytes_max)};
}

}  // namespace cauce::objects

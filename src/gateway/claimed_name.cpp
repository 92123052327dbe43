#include "gateway/claimed_name.h"

#include <fmt/core.h>

#include <algorithm>

namespace cauce::gateway {

std::string claimed_name(std::string_view name) {
  if (name.empty()) return {};
  const bool is_text = std::all_of(name.begin(), name.end(), [](char letter) {
    return letter > ' ' && letter <= '~' && letter != '"';
  });
  if (!is_text || name.size() > claimed_name_bytes_max) {
    return fmt::format("it claimed a name of {} bytes, which is not shown", name.size());
  }
  return fmt::format("it claimed to be device \"{}\"", name);
}

}  // namespace cauce::gateway

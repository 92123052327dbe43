#include "app/counted.h"

#include <fmt/core.h>

namespace cauce::app {

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace cauce::app

#include "app/counted.h"

#include <fmt/core.h>

namespace cauce::app {

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string counted_positions(stream::Position first, stream::Position end) {
  if (end <= first) return "no positions";
  if (end.number - first.number == 1) return fmt::format("position {}", first.number);
  return fmt::format("positions {} to {}", first.number, end.number - 1);
}

}  // namespace cauce::app

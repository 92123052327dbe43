#include "stream/verification.h"

#include <fmt/core.h>

namespace cauce::stream {

std::string tell_positions(Position from, Position to) {
  if (to <= from) return "no position";
  if (to.number - from.number == 1) return fmt::format("position {}", from.number);
  return fmt::format("positions {} to {}", from.number, to.number - 1);
}

std::string tell_lost(Position from, Position to) {
  const bool are_several = to > from && to.number - from.number > 1;
  return tell_positions(from, to) + (are_several ? " are lost" : " is lost");
}

}  // namespace cauce::stream

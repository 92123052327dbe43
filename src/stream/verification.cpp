#include "stream/verification.h"

#include <fmt/core.h>

namespace cauce::stream {

std::string tell_lost(Position from, Position to) {
  if (to <= from) return "no position is lost";
  if (to.number - from.number == 1) return fmt::format("position {} is lost", from.number);
  return fmt::format("positions {} to {} are lost", from.number, to.number - 1);
}

}  // namespace cauce::stream

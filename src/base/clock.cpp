#include "base/clock.h"

#include "base/invariant.h"

namespace cauce {

Time SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Duration SystemClock::elapsed() const {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

void VirtualClock::advance(Duration span) {
  INVARIANT(span >= Duration{0});
  now_ += span;
  elapsed_ += span;
}

}  // namespace cauce

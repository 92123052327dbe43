// Stream time: how far the gateway's receive times have come. It moves only with records, and the
// gateway writes a tick in every idle second, so a longer step means that we were away, not the
// devices. Each such step begins a new run; silence is measured inside one run only, and after our
// own outage every device has its full time to be heard again.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace cauce::record {

struct StreamClock {
  // Five missed ticks: more than a restart of the gateway takes (0.3 s), less than any sensible
  // silence rule.
  static constexpr Duration step_max = std::chrono::seconds{5};

  bool started = false;
  Time now;        // never decreases
  Time run_since;  // when the run that holds `now` began; <= now

  void advance(Time at) {
    if (!started || at - now > step_max) run_since = at;
    now = std::max(now, at);
    started = true;
  }
  // The next record begins a new run, however soon it comes.
  void interrupt() { started = false; }

  // The time that we know nothing happened in since `event`.
  Duration quiet_since(Time event) const { return now - std::max(event, run_since); }

  bool operator==(const StreamClock&) const = default;
};

}  // namespace cauce::record

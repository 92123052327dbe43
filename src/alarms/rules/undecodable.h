// Messages of one device that cannot be decoded: raised at `count` of them within `duration` of
// stream time, cleared when none came for `duration`, our own outages not counted.
//
// The window is kept as counts of 64 equal slots, so its memory is bounded whatever `count` is, and
// its length is exact to one sixty-fourth.
#pragma once

#include <cstdint>
#include <vector>

#include "alarms/rules/verdict.h"
#include "base/time.h"
#include "record/stream_clock.h"

namespace cauce::alarms::rules {

struct Undecodable {
  std::uint32_t count = 1;
  Duration duration{0};  // at least undecodable_min
};

constexpr Duration undecodable_min = std::chrono::seconds{1};

struct UndecodableState {
  struct Slot {
    std::int64_t index = 0;  // stream time divided by the slot's length
    Time first;
    std::uint64_t messages = 0;
    bool operator==(const Slot&) const = default;
  };
  static constexpr std::size_t slots_max = 64;

  bool raised = false;
  Time last_at;
  Time since;                // while raised: of the first message counted
  std::uint64_t total = 0;   // while raised: messages of the window that raised it and since
  std::vector<Slot> window;  // oldest first, at most slots_max; empty while raised

  bool operator==(const UndecodableState&) const = default;
};

// An undecodable message arrived. After `raise` and `stays`, state.total says how many.
Verdict count(const Undecodable& rule, UndecodableState& state, Time at);
// Stream time went on.
Verdict pass(const Undecodable& rule, UndecodableState& state, const record::StreamClock& clock);

}  // namespace cauce::alarms::rules

// Nothing came from a device for `duration` of stream time, our own outages not counted
// (stream_clock.h). A device that never sent is waiting, not silent: its state begins with its
// first message. Whatever arrives ends the silence, decodable or not.
#pragma once

#include "alarms/rules/verdict.h"
#include "base/time.h"
#include "record/stream_clock.h"

namespace cauce::alarms::rules {

struct Silence {
  Duration duration{0};  // at least silence_min
};

// A shorter silence cannot be told from an idle second of the gateway.
constexpr Duration silence_min = std::chrono::seconds{1};

struct SilenceState {
  bool raised = false;
  Time heard_at;  // stream time

  bool operator==(const SilenceState&) const = default;
};

// A message arrived.
Verdict hear(SilenceState& state, Time at);
// Stream time went on.
Verdict pass(const Silence& rule, SilenceState& state, const record::StreamClock& clock);

}  // namespace cauce::alarms::rules

#include "alarms/rules/silence.h"

#include <algorithm>

namespace cauce::alarms::rules {

Verdict hear(SilenceState& state, Time at) {
  state.heard_at = std::max(state.heard_at, at);
  if (!state.raised) return Verdict::quiet;
  state.raised = false;
  return Verdict::clear;
}

Verdict pass(const Silence& rule, SilenceState& state, const record::StreamClock& clock) {
  if (state.raised) return Verdict::stays;
  if (clock.quiet_since(state.heard_at) < std::max(rule.duration, silence_min)) {
    return Verdict::quiet;
  }
  state.raised = true;
  return Verdict::raise;
}

}  // namespace cauce::alarms::rules

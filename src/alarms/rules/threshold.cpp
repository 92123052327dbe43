#include "alarms/rules/threshold.h"

#include <algorithm>

namespace cauce::alarms::rules {
namespace {

using business::Direction;

bool at_or_above(const Threshold& rule, double value, double limit) {
  return rule.direction == Direction::above ? value >= limit : value <= limit;
}

bool back_behind(const Threshold& rule, double value) {
  return rule.direction == Direction::above ? value <= std::min(rule.clear_at, rule.raise_at)
                                            : value >= std::max(rule.clear_at, rule.raise_at);
}

// True when the reading at `time` is to be judged; moves the state's idea of the newest one.
bool admit(ThresholdState& state, Time time, Time received_at) {
  if (state.newest && time < *state.newest) {
    if (!state.late_since) state.late_since = received_at;
    if (received_at - *state.late_since < older_only_max) return false;
    state.beyond.reset();
  }
  state.newest = time;
  state.late_since.reset();
  return true;
}

}  // namespace

double worse(Direction direction, double one, double other) {
  return direction == Direction::above ? std::max(one, other) : std::min(one, other);
}

Verdict judge(const Threshold& rule, ThresholdState& state, const Sample& sample) {
  const Time time = std::min(sample.time, sample.received_at);
  if (!admit(state, time, sample.received_at)) return Verdict::ignored;

  if (!at_or_above(rule, sample.value, rule.raise_at)) {
    state.beyond.reset();
    if (!state.raised) return Verdict::quiet;
    if (!back_behind(rule, sample.value)) return Verdict::stays;
    state.raised = false;
    return Verdict::clear;
  }
  if (!state.beyond) state.beyond = ThresholdState::Moment{time, sample.received_at};
  if (state.raised) return Verdict::stays;
  const Duration lasted = time > state.beyond->time
                              ? time - state.beyond->time
                              : sample.received_at - state.beyond->received_at;
  if (lasted < rule.duration) return Verdict::quiet;
  state.raised = true;
  return Verdict::raise;
}

}  // namespace cauce::alarms::rules

#include "alarms/rules/undecodable.h"

#include <algorithm>

namespace cauce::alarms::rules {
namespace {

Duration length_of(const Undecodable& rule) {
  return std::max(rule.duration, undecodable_min);
}

}  // namespace

Verdict count(const Undecodable& rule, UndecodableState& state, Time at) {
  state.last_at = std::max(state.last_at, at);
  if (state.raised) {
    ++state.total;
    return Verdict::stays;
  }
  constexpr auto slots = std::int64_t(UndecodableState::slots_max);
  const std::int64_t width = length_of(rule).count() / slots;
  const std::int64_t index = to_microseconds(state.last_at) / width;
  std::erase_if(state.window, [&](const auto& slot) { return slot.index <= index - slots; });
  if (state.window.empty() || state.window.back().index < index) {
    state.window.push_back({index, at, 0});
  }
  ++state.window.back().messages;
  state.total = 0;
  for (const auto& slot : state.window)
    state.total += slot.messages;
  if (state.total < rule.count) return Verdict::quiet;
  state.raised = true;
  state.since = state.window.front().first;
  state.window.clear();
  return Verdict::raise;
}

Verdict pass(const Undecodable& rule, UndecodableState& state, const record::StreamClock& clock) {
  if (!state.raised) return Verdict::quiet;
  if (clock.quiet_since(state.last_at) < length_of(rule)) return Verdict::stays;
  state = UndecodableState{};
  return Verdict::clear;
}

}  // namespace cauce::alarms::rules

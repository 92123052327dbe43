#include "alarms/rules/anomaly.h"

#include <algorithm>

namespace cauce::alarms::rules {
namespace {

bool belongs(const AnomalyState& state, double value) {
  const AnomalyState::Episode& episode = *state.episode;
  if (state.detector.readings() - episode.first_reading >= settled_readings) return false;
  const double margin = belonging_margin * (episode.value_high - episode.value_low);
  return value < episode.value_low - margin || value > episode.value_high + margin;
}

Duration quiet_of(const Anomaly& rule) {
  return std::max(rule.quiet, quiet_min);
}

}  // namespace

AnomalyVerdict judge(const Anomaly& rule, AnomalyState& state, const Sample& sample) {
  AnomalyVerdict answer;
  const Time time = std::min(sample.time, sample.received_at);
  answer.judgement = state.detector.judge(time, sample.value);
  if (!answer.judgement.judged) return answer;
  const bool unusual = answer.judgement.score >= rule.score_min;
  const bool was_raised = state.episode.has_value();
  const bool is_over = was_raised && time - state.episode->last_time >= quiet_of(rule);
  if (is_over) {
    answer.ended = state.episode->last_time;
    state.episode.reset();
  }
  if (unusual || (state.episode && belongs(state, sample.value))) {
    if (!state.episode) {
      state.episode = AnomalyState::Episode{};
      state.episode->first_reading = state.detector.readings();
      state.episode->value_low = answer.judgement.value_low;
      state.episode->value_high = answer.judgement.value_high;
    }
    state.episode->last_at = sample.received_at;
    state.episode->last_time = time;
  }
  if (is_over) {
    answer.verdict = Verdict::clear;
    answer.raises_again = unusual;
  } else if (was_raised) {
    answer.verdict = Verdict::stays;
  } else {
    answer.verdict = unusual ? Verdict::raise : Verdict::quiet;
  }
  return answer;
}

AnomalyVerdict pass(const Anomaly& rule, AnomalyState& state, const record::StreamClock& clock) {
  AnomalyVerdict answer;
  answer.verdict = Verdict::quiet;
  if (!state.episode) return answer;
  answer.verdict = Verdict::stays;
  if (clock.quiet_since(state.episode->last_at) < quiet_of(rule)) return answer;
  answer.verdict = Verdict::clear;
  answer.ended = state.episode->last_time;
  state.episode.reset();
  return answer;
}

}  // namespace cauce::alarms::rules

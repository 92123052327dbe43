// The part of the board that judges readings by anomaly rules.
#include <algorithm>
#include <cmath>

#include "alarms/board.h"
#include "base/invariant.h"

namespace cauce::alarms {
namespace {

using business::Direction;
using detectors::Feature;
using detectors::Judgement;
using rules::AnomalyState;
using rules::Verdict;

// Says of the alarm that the value itself left its range, which people understand at once.
void blame_value(Alarm& alarm, const AnomalyState::Episode& episode, double value) {
  alarm.feature = detectors::name_of(Feature::value);
  alarm.direction = value > episode.value_high ? Direction::above : Direction::below;
  alarm.limit = value > episode.value_high ? episode.value_high : episode.value_low;
  alarm.feature_peak = value;
  alarm.peak = value;
}

double feature_of(const Judgement& judgement, std::string_view name) {
  for (std::size_t index = 0; index < detectors::features_count; ++index) {
    if (detectors::name_of(Feature(index)) == name) return judgement.features[index];
  }
  INVARIANT(false);  // the names are those that this room wrote
  return 0;
}

// One more reading of an open alarm.
void follow_episode(Alarm& alarm, const AnomalyState& state, const Judgement& judgement,
                    double value) {
  alarm.score = std::max(alarm.score, judgement.score);
  if (!state.episode) return;
  const bool outside = value < state.episode->value_low || value > state.episode->value_high;
  if (outside && alarm.feature != detectors::name_of(Feature::value)) {
    blame_value(alarm, *state.episode, value);
    return;
  }
  const double feature = feature_of(judgement, alarm.feature);
  if (rules::worse(alarm.direction, alarm.feature_peak, feature) == alarm.feature_peak) return;
  alarm.feature_peak = feature;
  alarm.peak = value;
}

}  // namespace

// A metric that is met for the first time gets its slots here. Where the company has no room for
// more instances nothing is remembered of it, because a device may invent names without end.
void Board::judge_anomalies(Watched& watched, const record::Reading& reading,
                            const Measured& measured) {
  if (watched.anomaly_rules.empty() || measured.is_truth) return;
  const auto [slots, is_new] = watched.anomalies.try_emplace(measured.metric);
  if (is_new) {
    for (ActiveRule* active : watched.anomaly_rules) {
      if (!active->rule.metric.empty() && active->rule.metric != measured.metric) continue;
      const auto existing = instances_.find(
          {active->rule.company, active->rule.name, watched.device, measured.metric});
      slots->second.push_back(
          {active, existing == instances_.end() ? nullptr : existing->second.get()});
    }
  }
  bool has_instance = false;
  for (Slot& slot : slots->second) {
    judge_anomaly(slot, reading, measured);
    has_instance = has_instance || slot.instance != nullptr;
  }
  if (!has_instance) watched.anomalies.erase(slots);
}

void Board::judge_anomaly(Slot& slot, const record::Reading& reading, const Measured& measured) {
  Instance* instance = instance_of(slot, reading.device, measured.metric);
  if (instance == nullptr) return;
  auto& state = std::get<AnomalyState>(instance->state);
  const rules::Sample sample{reading.time, changes_.progress.clock.now, measured.value};
  const rules::AnomalyVerdict answer = rules::judge(slot.rule->anomaly(), state, sample);
  state_changed(*instance);
  if (answer.verdict == Verdict::clear) {
    dequeue(*instance);
    clear(*instance, ClearReason::recovered, answer.ended);
  } else if (answer.verdict == Verdict::stays) {
    Alarm& alarm = *instance->alarm;
    alarm.last = measured.value;
    alarm.last_value_time = reading.time;
    follow_episode(alarm, state, answer.judgement, measured.value);
    alarm_changed(*instance);
    // Behind all that were heard of earlier, as the queue wants it, if this reading prolonged it.
    if (state.episode->last_at == sample.received_at) enqueue(*instance, *slot.rule);
  }
  if (answer.verdict == Verdict::raise || answer.raises_again) {
    raise_anomaly(*instance, *slot.rule, reading, measured, answer.judgement);
  }
}

void Board::raise_anomaly(Instance& instance, ActiveRule& active, const record::Reading& reading,
                          const Measured& measured, const Judgement& judgement) {
  auto& state = std::get<AnomalyState>(instance.state);
  Alarm alarm;
  alarm.since = alarm.raised_value_time = alarm.last_value_time = reading.time;
  alarm.span = std::max(Duration{0}, reading.time - judgement.range_since);
  alarm.value = alarm.peak = alarm.last = measured.value;
  alarm.unit = measured.unit;
  alarm.value_metric = measured.metric;
  alarm.score = judgement.score;
  alarm.feature = detectors::name_of(judgement.feature);
  alarm.direction = judgement.above ? Direction::above : Direction::below;
  alarm.limit = judgement.bound;
  alarm.feature_peak = judgement.features[std::size_t(judgement.feature)];
  const AnomalyState::Episode& episode = *state.episode;
  if (measured.value < episode.value_low || measured.value > episode.value_high) {
    blame_value(alarm, episode, measured.value);
  }
  if (raise(instance, active, std::move(alarm))) {
    enqueue(instance, active);
  } else {
    state.episode.reset();  // for want of room: the next unusual reading asks again
  }
}

}  // namespace cauce::alarms

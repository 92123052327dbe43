#include "alarms/board.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "base/log.h"

namespace cauce::alarms {
namespace {

using business::RuleKind;
using rules::AnomalyState;
using rules::ThresholdState;
using rules::UndecodableState;
using rules::Verdict;

// Deadlines are looked at when stream time enters a new tenth of a second, not at every record.
constexpr std::int64_t pass_interval_us = 100'000;

// A limit that is met again within a minute is the same Gap, extended at most once a second.
constexpr Duration gap_rest_max = std::chrono::minutes{1};
constexpr Duration gap_extension_min = std::chrono::seconds{1};

constexpr std::size_t detail_bytes_max = 512;

// At most detail_bytes_max, not cut inside a character of UTF-8.
std::string shortened(std::string_view reason) {
  if (reason.size() <= detail_bytes_max) return std::string(reason);
  std::size_t size = detail_bytes_max;
  while (size > 0 && (std::uint8_t(reason[size]) & 0xC0) == 0x80)
    --size;
  return std::string(reason.substr(0, size));
}

// Whether the front of a queue is due, without changing it.
bool is_due(const ActiveRule& active, const Instance& instance, const record::StreamClock& clock) {
  if (const auto* silence = std::get_if<SilenceInstance>(&instance.state)) {
    rules::SilenceState copy = silence->state;
    return rules::pass(active.silence(), copy, clock) == Verdict::raise;
  }
  if (const auto* anomaly = std::get_if<AnomalyState>(&instance.state)) {
    rules::AnomalyState copy = *anomaly;
    return rules::pass(active.anomaly(), copy, clock).verdict == Verdict::clear;
  }
  const auto* undecodable = std::get_if<UndecodableState>(&instance.state);
  INVARIANT(undecodable != nullptr);
  UndecodableState copy = *undecodable;
  return rules::pass(active.undecodable(), copy, clock) == Verdict::clear;
}

Alarm silence_alarm(const SilenceInstance& silence, const record::StreamClock& clock) {
  Alarm alarm;
  alarm.since = silence.state.heard_at;
  alarm.span = clock.quiet_since(silence.state.heard_at);
  alarm.raised_value_time = silence.last.value ? silence.last.time : alarm.since;
  alarm.last_value_time = alarm.raised_value_time;
  alarm.value = alarm.peak = alarm.last = silence.last.value;
  alarm.unit = silence.last.unit;
  alarm.value_metric = silence.last.metric;
  return alarm;
}

}  // namespace

Board::Board(BoardLimits limits, Snapshot snapshot)
    : limits_(limits), definitions_(std::move(snapshot.definitions)) {
  changes_.progress = snapshot.progress;
  for (StoredState& stored : snapshot.states) {
    auto instance = std::make_unique<Instance>();
    instance->key = stored.key;
    instance->state = std::move(stored.state);
    ++usage_[stored.key.company].instances;
    instances_[std::move(stored.key)] = std::move(instance);
  }
  for (Alarm& alarm : snapshot.open) {
    const auto found = instances_.find({alarm.company, alarm.rule, alarm.device, alarm.metric});
    INVARIANT(found != instances_.end());  // both are written in one transaction
    ++usage_[alarm.company].alarms_open;
    ++alarms_open_total_;
    found->second->alarm = std::move(alarm);
  }
  for (Gap& gap : snapshot.gaps) {
    const auto key = std::make_pair(gap.reason, gap.company);
    gaps_[key] = std::move(gap);
  }
}

void Board::judge(const record::ReadingRecord& record) {
  if (const auto* reading = std::get_if<record::Reading>(&record)) {
    pass_time(reading->received_at);
    judge_reading(*reading);
  } else if (const auto* undecodable = std::get_if<record::Undecodable>(&record)) {
    pass_time(undecodable->received_at);
    judge_undecodable(*undecodable);
  } else {
    pass_time(std::get<record::Tick>(record).at);
  }
}

void Board::pass_time(Time at) {
  record::StreamClock& clock = changes_.progress.clock;
  const bool started = clock.started;
  const std::int64_t before = to_microseconds(clock.now) / pass_interval_us;
  clock.advance(at);
  end_skipped_gap(clock.now);
  if (started && to_microseconds(clock.now) / pass_interval_us == before) return;
  for (const auto& active : rulebook_.all()) {
    if (!active->due.empty()) pass_rule(*active);
  }
}

void Board::pass_rule(ActiveRule& active) {
  const record::StreamClock& clock = changes_.progress.clock;
  const bool raises = active.rule.kind == RuleKind::silence;
  const std::size_t open = usage_[active.rule.company].alarms_open;
  const std::size_t room = limits_.alarms_open_max - std::min(open, limits_.alarms_open_max);

  std::vector<Instance*> over;
  while (!active.due.empty() && is_due(active, *active.due.front(), clock)) {
    if (raises && over.size() == room) {
      note_limit(GapReason::alarms_open_max, active.rule.company);
      break;
    }
    over.push_back(active.due.front());
    dequeue(*over.back());
  }
  // By key, so that a board that was loaded from the store numbers alarms as one that ran on.
  std::sort(over.begin(), over.end(),
            [](const Instance* one, const Instance* other) { return one->key < other->key; });
  for (Instance* instance : over) {
    if (auto* silence = std::get_if<SilenceInstance>(&instance->state)) {
      rules::pass(active.silence(), silence->state, clock);
      state_changed(*instance);
      raise(*instance, active, silence_alarm(*silence, clock));
    } else if (auto* anomaly = std::get_if<AnomalyState>(&instance->state)) {
      const Time ended = rules::pass(active.anomaly(), *anomaly, clock).ended;
      state_changed(*instance);
      clear(*instance, ClearReason::recovered, ended);
    } else {
      auto& undecodable = std::get<UndecodableState>(instance->state);
      const Time ended = undecodable.last_at;
      rules::pass(active.undecodable(), undecodable, clock);
      state_changed(*instance);
      clear(*instance, ClearReason::recovered, ended);
    }
  }
}

void Board::hear(Watched& watched, Time value_time) {
  const Time now = changes_.progress.clock.now;
  for (Slot& slot : watched.silence) {
    Instance* instance = instance_of(slot, watched.device, "");
    if (instance == nullptr) continue;
    auto& silence = std::get<SilenceInstance>(instance->state);
    if (rules::hear(silence.state, now) == Verdict::clear) {
      clear(*instance, ClearReason::recovered, value_time);
    }
    state_changed(*instance);
    enqueue(*instance, *slot.rule);
  }
}

void Board::judge_reading(const record::Reading& reading) {
  Watched* watched = find_watched(reading.company, reading.device);
  if (watched == nullptr) return;
  hear(*watched, reading.time);
  // The device itself says that a bad value means nothing; text is beyond no number.
  if (reading.quality == record::Quality::bad) return;
  const std::optional<Measured> measured = measure(*watched, reading);
  if (!measured) return;
  remember_value(*watched, reading, *measured);
  judge_anomalies(*watched, reading, *measured);
  const auto slots = watched->thresholds.find(measured->metric);
  if (slots == watched->thresholds.end()) return;
  for (Slot& slot : slots->second)
    judge_threshold(slot, reading, *measured);
}

void Board::judge_threshold(Slot& slot, const record::Reading& reading, const Measured& measured) {
  Instance* instance = instance_of(slot, reading.device, measured.metric);
  if (instance == nullptr) return;
  auto& state = std::get<ThresholdState>(instance->state);
  const rules::Sample sample{reading.time, changes_.progress.clock.now, measured.value};
  const Verdict verdict = rules::judge(slot.rule->threshold(), state, sample);
  state_changed(*instance);
  if (verdict == Verdict::raise) {
    Alarm alarm;
    alarm.direction = slot.rule->rule.direction;
    alarm.limit = slot.rule->rule.raise_at;
    alarm.since = state.beyond->time;
    alarm.raised_value_time = alarm.last_value_time = reading.time;
    alarm.value = alarm.peak = alarm.last = measured.value;
    alarm.unit = measured.unit;
    alarm.value_metric = measured.metric;
    // Not raised for want of room: the next reading beyond the limit asks again.
    if (!raise(*instance, *slot.rule, std::move(alarm))) state.raised = false;
  } else if (verdict == Verdict::stays || verdict == Verdict::clear) {
    Alarm& alarm = *instance->alarm;
    alarm.last = measured.value;
    alarm.last_value_time = reading.time;
    alarm.peak = rules::worse(alarm.direction, alarm.peak.value_or(measured.value), measured.value);
    alarm_changed(*instance);
    if (verdict == Verdict::clear) clear(*instance, ClearReason::recovered, reading.time);
  }
}

void Board::remember_value(Watched& watched, const record::Reading& reading,
                           const Measured& measured) {
  const Time time = std::min(reading.time, changes_.progress.clock.now);
  for (Slot& slot : watched.silence) {
    if (slot.instance == nullptr) continue;
    LastValue& last = std::get<SilenceInstance>(slot.instance->state).last;
    if (last.value && time < last.time) continue;
    last.metric = measured.metric;
    last.unit = measured.unit;
    last.value = measured.value;
    last.time = time;
  }
}

void Board::judge_undecodable(const record::Undecodable& undecodable) {
  Watched* watched = find_watched(undecodable.company, undecodable.device);
  if (watched == nullptr) return;
  const Time now = changes_.progress.clock.now;
  hear(*watched, now);
  for (Slot& slot : watched->undecodable) {
    Instance* instance = instance_of(slot, undecodable.device, "");
    if (instance == nullptr) continue;
    auto& state = std::get<UndecodableState>(instance->state);
    const Verdict verdict = rules::count(slot.rule->undecodable(), state, now);
    state_changed(*instance);
    if (verdict == Verdict::quiet) continue;
    if (verdict == Verdict::raise) {
      Alarm alarm;
      alarm.since = state.since;
      alarm.raised_value_time = now;
      alarm.value = alarm.peak = alarm.last = double(state.total);
      alarm.stage = undecodable.stage;
      alarm.detail = shortened(undecodable.reason);
      if (!raise(*instance, *slot.rule, std::move(alarm))) {
        state = UndecodableState{};
        continue;
      }
    }
    Alarm& alarm = *instance->alarm;
    alarm.peak = alarm.last = double(state.total);
    alarm.last_value_time = now;
    alarm.stage = undecodable.stage;
    alarm.detail = shortened(undecodable.reason);
    alarm_changed(*instance);
    enqueue(*instance, *slot.rule);
  }
}

bool Board::raise(Instance& instance, const ActiveRule& active, Alarm alarm) {
  Usage& usage = usage_[instance.key.company];
  if (usage.alarms_open >= limits_.alarms_open_max) {
    note_limit(GapReason::alarms_open_max, instance.key.company);
    return false;
  }
  INVARIANT(!instance.alarm);
  alarm.id = changes_.progress.next_alarm++;
  alarm.company = instance.key.company;
  alarm.rule = instance.key.rule;
  alarm.kind = active.rule.kind;
  alarm.severity = active.rule.severity;
  alarm.device = instance.key.device;
  alarm.metric = instance.key.metric;
  alarm.raised_at = changes_.progress.clock.now;
  ++usage.alarms_open;
  ++alarms_open_total_;
  post(EventType::raised, alarm);
  changes_.raised.push_back(alarm.kind);
  instance.alarm = std::move(alarm);
  alarm_changed(instance);
  return true;
}

void Board::clear(Instance& instance, ClearReason reason, Time value_time) {
  INVARIANT(instance.alarm.has_value());
  Alarm alarm = std::move(*instance.alarm);
  instance.alarm.reset();
  alarm.cleared_at = changes_.progress.clock.now;
  alarm.cleared_value_time = std::max(value_time, alarm.raised_value_time);
  alarm.clear_reason = reason;
  --usage_[instance.key.company].alarms_open;
  --alarms_open_total_;
  post(EventType::cleared, alarm);
  changes_.cleared.push_back(std::move(alarm));
}

void Board::post(EventType type, const Alarm& alarm) {
  const std::uint64_t sequence = changes_.progress.next_event++;
  changes_.events.push_back({sequence, alarm_event(type, alarm, sequence)});
}

void Board::skip(std::uint64_t from, std::uint64_t to) {
  record::StreamClock& clock = changes_.progress.clock;
  Gap& gap = gaps_[{GapReason::retention, ""}];
  if (gap.id == 0 || gap.to) {
    gap = Gap{};
    gap.id = changes_.progress.next_gap++;
    gap.from_position = from;
    if (clock.now != Time{}) gap.from = clock.now;
  }
  gap.to_position = to;
  changes_.gaps.push_back(gap);
  changes_.progress.cursor = to;
  clock.interrupt();
}

void Board::end_skipped_gap(Time at) {
  const auto found = gaps_.find({GapReason::retention, ""});
  if (found == gaps_.end() || found->second.to) return;
  found->second.to = at;
  changes_.gaps.push_back(found->second);
  const std::uint64_t sequence = changes_.progress.next_event++;
  changes_.events.push_back({sequence, gap_event(found->second, sequence)});
}

void Board::note_limit(GapReason reason, std::string_view company) {
  const Time now = changes_.progress.clock.now;
  Gap& gap = gaps_[{reason, std::string(company)}];
  if (gap.id != 0 && now - *gap.to <= gap_rest_max) {
    if (now - *gap.to < gap_extension_min) return;
    gap.to = now;
    changes_.gaps.push_back(gap);
    return;
  }
  gap = Gap{changes_.progress.next_gap++, reason, std::string(company), 0, 0, now, now};
  changes_.gaps.push_back(gap);
  const std::uint64_t sequence = changes_.progress.next_event++;
  changes_.events.push_back({sequence, gap_event(gap, sequence)});
  if (reason == GapReason::alarms_open_max) {
    log::warning(
        fmt::format("company {} has {} open alarms, which is the limit: further ones are "
                    "not raised until some clear; look at its rules",
                    company, limits_.alarms_open_max));
  } else {
    log::warning(
        fmt::format("company {} has {} devices under rules, which is the limit: further "
                    "ones are not judged; remove rules or narrow them to a device type",
                    company, limits_.instances_max));
  }
}

void Board::state_changed(Instance& instance) {
  if (!instance.state_changed && !instance.alarm_changed) changes_.instances.push_back(&instance);
  instance.state_changed = true;
}

void Board::alarm_changed(Instance& instance) {
  if (!instance.state_changed && !instance.alarm_changed) changes_.instances.push_back(&instance);
  instance.alarm_changed = true;
}

void Board::committed() {
  for (Instance* instance : changes_.instances) {
    instance->state_changed = false;
    instance->alarm_changed = false;
  }
  const Progress progress = changes_.progress;
  changes_ = Changes{};
  changes_.progress = progress;
}

}  // namespace cauce::alarms

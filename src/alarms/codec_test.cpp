// Alarms and states as the store holds them.
#include <doctest/doctest.h>

#include "alarms/alarm.h"
#include "alarms/instance.h"

namespace cauce::alarms {
namespace {

const Time start = from_microseconds(1'795'304'920'000'000);

Alarm full_alarm() {
  Alarm alarm;
  alarm.id = 7;
  alarm.company = "acme";
  alarm.rule = "r";
  alarm.kind = business::RuleKind::undecodable;
  alarm.severity = "critical";
  alarm.device = "d";
  alarm.metric = "m/n";
  alarm.direction = business::Direction::below;
  alarm.limit = -3.5;
  alarm.span = Duration{11};
  alarm.raised_at = start;
  alarm.since = start - Duration{1};
  alarm.raised_value_time = start - Duration{2};
  alarm.value = 1;
  alarm.peak = 2;
  alarm.last = 3;
  alarm.last_value_time = start + Duration{3};
  alarm.unit = "Cel";
  alarm.value_metric = "t";
  alarm.stage = "decrypt";
  alarm.detail = "why";
  alarm.feature = "season";
  alarm.feature_peak = -7.5;
  alarm.score = 0.875;
  alarm.cleared_at = start + Duration{4};
  alarm.cleared_value_time = start + Duration{5};
  alarm.clear_reason = ClearReason::device_removed;
  return alarm;
}

std::vector<State> states() {
  rules::ThresholdState threshold;
  threshold.raised = true;
  threshold.newest = start;
  threshold.late_since = start + Duration{1};
  threshold.beyond = rules::ThresholdState::Moment{start + Duration{2}, start + Duration{3}};
  SilenceInstance silence;
  silence.state = {true, start};
  silence.last = {"t", "Cel", 27.3, start};
  rules::UndecodableState undecodable;
  undecodable.raised = true;
  undecodable.last_at = start;
  undecodable.since = start - Duration{9};
  undecodable.total = 500;
  undecodable.window = {{1, start, 2}, {3, start, 4}};
  rules::AnomalyState anomaly;
  for (int reading = 0; reading < 7000; ++reading)
    anomaly.detector.judge(start + std::chrono::minutes{reading}, double(reading % 17));
  anomaly.episode = {start, start + Duration{1}, 6900, -3.5, 16};
  return {threshold,
          anomaly,
          silence,
          undecodable,
          initial_state(business::RuleKind::threshold),
          initial_state(business::RuleKind::silence),
          initial_state(business::RuleKind::undecodable),
          initial_state(business::RuleKind::anomaly)};
}

}  // namespace

TEST_CASE("an alarm survives being written and read") {
  for (const Alarm& alarm : {full_alarm(), Alarm{}}) {
    const auto back = decode_alarm(encode(alarm));
    REQUIRE(back.has_value());
    CHECK((*back == alarm));
  }
}

TEST_CASE("an alarm that was written before there were anomalies is read") {
  Alarm alarm = full_alarm();
  alarm.feature.clear();
  alarm.feature_peak = alarm.score = 0;
  Bytes bytes = encode(alarm);
  constexpr std::size_t added = 4 + 8 + 8;  // an empty text and two numbers at the end
  bytes.resize(bytes.size() - added);
  bytes[0] = 1;
  const auto back = decode_alarm(bytes);
  REQUIRE(back.has_value());
  CHECK((*back == alarm));
}

TEST_CASE("a state survives being written and read") {
  for (const State& state : states()) {
    const auto back = decode_state(encode(state));
    REQUIRE(back.has_value());
    CHECK((*back == state));
  }
}

TEST_CASE("cut or lengthened bytes are damage, never another alarm or state") {
  std::vector<Bytes> all_states;
  for (const State& state : states())
    all_states.push_back(encode(state));
  for (const Bytes& bytes : all_states) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CHECK(decode_state(BytesView{bytes}.substr(0, size)).error().outcome == Outcome::corrupt);
    }
    CHECK_FALSE(decode_state(bytes + "x"));
  }
  const Bytes bytes = encode(full_alarm());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(decode_alarm(BytesView{bytes}.substr(0, size)).error().outcome == Outcome::corrupt);
  }
  CHECK_FALSE(decode_alarm(bytes + "x"));
  Bytes other_version = bytes;
  other_version[0] = 3;
  CHECK_FALSE(decode_alarm(other_version));
}

}  // namespace cauce::alarms

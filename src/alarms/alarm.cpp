#include "alarms/alarm.h"

#include "base/invariant.h"

namespace cauce::alarms {
namespace {

// 1 was without the members of an anomaly, which 2 writes at the end.
constexpr std::uint8_t alarm_version = 2;
constexpr std::uint8_t alarm_version_first = 1;

void put_time(Bytes& target, Time time) {
  put_i64(target, to_microseconds(time));
}

template <class Value, class Put>
void put_optional(Bytes& target, const std::optional<Value>& value, Put put) {
  put_u8(target, value ? 1 : 0);
  if (value) put(target, *value);
}

Time take_time(ByteReader& reader) {
  return from_microseconds(reader.i64());
}

std::optional<double> take_optional_f64(ByteReader& reader) {
  if (reader.u8() == 0) return std::nullopt;
  return reader.f64();
}

std::optional<Time> take_optional_time(ByteReader& reader) {
  if (reader.u8() == 0) return std::nullopt;
  return take_time(reader);
}

std::string take_text(ByteReader& reader) {
  return std::string(reader.sized());
}

}  // namespace

std::string_view name_of(business::RuleKind kind) {
  switch (kind) {
    case business::RuleKind::threshold: return "threshold";
    case business::RuleKind::silence: return "silence";
    case business::RuleKind::undecodable: return "undecodable";
    case business::RuleKind::anomaly: return "anomaly";
  }
  return "unknown";
}

std::string_view name_of(business::Direction direction) {
  return direction == business::Direction::above ? "above" : "below";
}

std::string_view name_of(ClearReason reason) {
  switch (reason) {
    case ClearReason::recovered: return "recovered";
    case ClearReason::rule_changed: return "rule_changed";
    case ClearReason::rule_disabled: return "rule_disabled";
    case ClearReason::rule_removed: return "rule_removed";
    case ClearReason::device_disabled: return "device_disabled";
    case ClearReason::device_removed: return "device_removed";
    case ClearReason::rule_not_applicable: return "rule_not_applicable";
  }
  return "unknown";
}

std::string_view name_of(GapReason reason) {
  switch (reason) {
    case GapReason::retention: return "retention";
    case GapReason::alarms_open_max: return "alarms_open_max";
    case GapReason::instances_max: return "instances_max";
  }
  return "unknown";
}

Bytes encode(const Alarm& alarm) {
  Bytes target;
  put_u8(target, alarm_version);
  put_u64(target, alarm.id);
  for (const std::string* text :
       {&alarm.company, &alarm.rule, &alarm.severity, &alarm.device, &alarm.metric, &alarm.unit,
        &alarm.value_metric, &alarm.stage, &alarm.detail}) {
    put_sized(target, *text);
  }
  put_u8(target, std::uint8_t(alarm.kind));
  put_u8(target, std::uint8_t(alarm.direction));
  put_f64(target, alarm.limit);
  put_i64(target, alarm.span.count());
  put_time(target, alarm.raised_at);
  put_time(target, alarm.since);
  put_time(target, alarm.raised_value_time);
  put_optional(target, alarm.value, put_f64);
  put_optional(target, alarm.peak, put_f64);
  put_optional(target, alarm.last, put_f64);
  put_time(target, alarm.last_value_time);
  put_optional(target, alarm.cleared_at, put_time);
  put_time(target, alarm.cleared_value_time);
  put_u8(target, std::uint8_t(alarm.clear_reason));
  put_sized(target, alarm.feature);
  put_f64(target, alarm.feature_peak);
  put_f64(target, alarm.score);
  return target;
}

Result<Alarm> decode_alarm(BytesView bytes) {
  const Error damaged{Outcome::corrupt,
                      "a stored alarm is damaged; restore alarms.db from its backup, or delete it "
                      "to judge again what the stream still holds"};
  ByteReader reader{bytes};
  const std::uint8_t version = reader.u8();
  if (version < alarm_version_first || version > alarm_version) return damaged;
  Alarm alarm;
  alarm.id = reader.u64();
  for (std::string* text :
       {&alarm.company, &alarm.rule, &alarm.severity, &alarm.device, &alarm.metric, &alarm.unit,
        &alarm.value_metric, &alarm.stage, &alarm.detail}) {
    *text = take_text(reader);
  }
  const std::uint8_t kind = reader.u8();
  const std::uint8_t direction = reader.u8();
  alarm.limit = reader.f64();
  alarm.span = Duration{reader.i64()};
  alarm.raised_at = take_time(reader);
  alarm.since = take_time(reader);
  alarm.raised_value_time = take_time(reader);
  alarm.value = take_optional_f64(reader);
  alarm.peak = take_optional_f64(reader);
  alarm.last = take_optional_f64(reader);
  alarm.last_value_time = take_time(reader);
  alarm.cleared_at = take_optional_time(reader);
  alarm.cleared_value_time = take_time(reader);
  const std::uint8_t reason = reader.u8();
  if (version > alarm_version_first) {
    alarm.feature = take_text(reader);
    alarm.feature_peak = reader.f64();
    alarm.score = reader.f64();
  }
  if (!reader.complete() || kind > std::uint8_t(business::RuleKind::anomaly) ||
      direction > std::uint8_t(business::Direction::below) ||
      reason > std::uint8_t(ClearReason::rule_not_applicable)) {
    return damaged;
  }
  alarm.kind = business::RuleKind(kind);
  alarm.direction = business::Direction(direction);
  alarm.clear_reason = ClearReason(reason);
  return alarm;
}

}  // namespace cauce::alarms

#include "alarms/event.h"

#include <nlohmann/json.hpp>

#include "alarms/text.h"

namespace cauce::alarms {
namespace {

using Json = nlohmann::ordered_json;

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Json time_or_null(const std::optional<Time>& time) {
  return time ? Json(format_time(*time)) : Json();
}

Json alarm_json(const Alarm& alarm) {
  Json json;
  json["id"] = alarm.id;
  json["company"] = alarm.company;
  json["rule"] = alarm.rule;
  json["kind"] = name_of(alarm.kind);
  json["severity"] = alarm.severity;
  json["device"] = alarm.device;
  json["metric"] = alarm.metric;
  const bool is_anomaly = alarm.kind == business::RuleKind::anomaly;
  if (is_anomaly || alarm.kind == business::RuleKind::threshold) {
    json["direction"] = name_of(alarm.direction);
    json["limit"] = alarm.limit;
  }
  if (is_anomaly || alarm.kind == business::RuleKind::silence) {
    json["span_us"] = alarm.span.count();
  }
  if (is_anomaly) {
    json["feature"] = alarm.feature;
    json["feature_peak"] = alarm.feature_peak;
    json["score"] = alarm.score;
  }
  json["raised_at"] = format_time(alarm.raised_at);
  json["since"] = format_time(alarm.since);
  json["raised_value_time"] = format_time(alarm.raised_value_time);
  json["value"] = number_or_null(alarm.value);
  json["peak"] = number_or_null(alarm.peak);
  json["last"] = number_or_null(alarm.last);
  json["unit"] = alarm.unit;
  json["value_metric"] = alarm.value_metric;
  if (alarm.kind == business::RuleKind::undecodable) {
    json["stage"] = alarm.stage;
    json["detail"] = alarm.detail;
  }
  if (!alarm.open()) {
    json["cleared_at"] = format_time(*alarm.cleared_at);
    json["cleared_value_time"] = format_time(alarm.cleared_value_time);
    json["clear_reason"] = name_of(alarm.clear_reason);
  }
  return json;
}

template <class Subject>
Json sentences(const Subject& subject) {
  return {{"en", sentence_about(subject, Language::english)},
          {"es", sentence_about(subject, Language::spanish)}};
}

// Text that came from a device's message may hold bytes that are not UTF-8: they are replaced.
Bytes dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Bytes alarm_event(EventType type, const Alarm& alarm, std::uint64_t sequence) {
  Json json;
  json["type"] = type == EventType::raised ? "alarm.raised" : "alarm.cleared";
  json["version"] = 1;
  json["sequence"] = sequence;
  json["at"] = format_time(type == EventType::raised ? alarm.raised_at : *alarm.cleared_at);
  json["message"] = sentences(alarm);
  json["alarm"] = alarm_json(alarm);
  return dumped(json);
}

Bytes gap_event(const Gap& gap, std::uint64_t sequence) {
  Json json;
  json["type"] = "alarms.not_evaluated";
  json["version"] = 1;
  json["sequence"] = sequence;
  json["at"] = time_or_null(gap.to);
  json["message"] = sentences(gap);
  json["gap"] = {{"id", gap.id},
                 {"reason", name_of(gap.reason)},
                 {"company", gap.company},
                 {"from_position", gap.from_position},
                 {"to_position", gap.to_position},
                 {"from", time_or_null(gap.from)},
                 {"to", time_or_null(gap.to)}};
  return dumped(json);
}

}  // namespace cauce::alarms

#include "api/handlers.h"
#include "api/json.h"
#include "api/query.h"

namespace cauce::api {
namespace {

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Json items_of(const std::vector<Alarm>& alarms) {
  Json items = Json::array();
  for (const Alarm& alarm : alarms) {
    items.push_back(json_of(alarm));
  }
  return items;
}

// Cuts what was asked with one more to a page; answers where the next one starts.
std::string cut(std::vector<Alarm>& alarms, std::size_t limit) {
  if (alarms.size() <= limit) return {};
  alarms.resize(limit);
  return std::to_string(alarms.back().id);
}

double seconds_of(Duration span) {
  return std::chrono::duration<double>(span).count();
}

}  // namespace

Json json_of(const Alarm& alarm) {
  Json json = {{"id", alarm.id},
               {"company", alarm.company},
               {"rule", alarm.rule},
               {"kind", alarm.kind},
               {"severity", alarm.severity},
               {"device", alarm.device},
               {"metric", alarm.metric},
               {"state", alarm.cleared_at ? "cleared" : "open"},
               {"raised_at", format_time(alarm.raised_at)},
               {"cleared_at", json_of(alarm.cleared_at)},
               {"clear_reason", alarm.cleared_at ? Json(alarm.clear_reason) : Json()},
               {"since", format_time(alarm.since)},
               {"until", json_of(alarm.until)},
               {"value", number_or_null(alarm.value)},
               {"peak", number_or_null(alarm.peak)},
               {"last", number_or_null(alarm.last)},
               {"unit", alarm.unit},
               {"value_metric", alarm.value_metric},
               {"text", {{"en", alarm.text_en}, {"es", alarm.text_es}}}};
  if (alarm.kind == "threshold" || alarm.kind == "anomaly") {
    json.set("direction", alarm.direction);
    json.set("limit", alarm.limit);
  }
  if (alarm.kind == "silence") json.set("silent_seconds", seconds_of(alarm.span));
  if (alarm.kind == "anomaly") {
    json.set("feature", alarm.feature);
    json.set("score", alarm.score);
    json.set("span_seconds", seconds_of(alarm.span));
  }
  if (alarm.kind == "undecodable") {
    json.set("stage", alarm.stage);
    json.set("detail", alarm.detail);
  }
  return json;
}

Result<Answer> list_alarms(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const std::string state = parameter(call, "state");
  if (state != "open" && state != "all" && !state.empty())
    return Error{Outcome::invalid, "\"state\" must be \"open\" or \"all\"."};
  AlarmQuery query;
  query.company = call.company;
  query.device = parameter(call, "device");
  query.open_only = state != "all";
  query.alarms_max = *limit + 1;
  if (const std::string after = parameter(call, "after"); !after.empty()) {
    query.after = number_of(after);
    if (!query.after) return damaged_cursor();
  }
  auto found = call.house.alarms.list(query);
  if (!found) return found.error();
  const std::string next = cut(*found, *limit);
  return answer(200, {{"items", items_of(*found)}, {"next", next_of(next)}});
}

Result<Answer> show_alarm(Call& call) {
  const Error unknown{Outcome::not_found, "There is no such alarm."};
  const auto id = number_of(call.parameters[0]);
  if (!id) return unknown;
  const auto found = call.house.alarms.find(call.company, *id);
  if (!found) return found.error();
  if (!*found) return unknown;
  return answer(200, json_of(**found));
}

Result<Answer> show_series_alarms(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto range = span_of(call);
  if (!range) return range.error();
  AlarmStretch stretch{{call.company, call.parameters[1], call.parameters[2]},
                       range->from,
                       range->to,
                       std::nullopt,
                       *limit + 1};
  if (const std::string after = parameter(call, "after"); !after.empty()) {
    stretch.after = number_of(after);
    if (!stretch.after) return damaged_cursor();
  }
  auto found = call.house.alarms.overlapping(stretch);
  if (!found) return found.error();
  const std::string next = cut(*found, *limit);
  return answer(200, {{"items", items_of(*found)}, {"next", next_of(next)}});
}

}  // namespace cauce::api

#include <nlohmann/json.hpp>

#include "api/body.h"
#include "api/handlers.h"
#include "api/json.h"
#include "api/query.h"

namespace cauce::api {
namespace {

// A week: longer than any window of an alarm, and far from the limits of Duration.
constexpr std::uint32_t duration_seconds_max = 7 * 24 * 3600;

std::string_view name_of(business::RuleKind kind) {
  switch (kind) {
    case business::RuleKind::threshold: return "threshold";
    case business::RuleKind::silence: return "silence";
    case business::RuleKind::undecodable: return "undecodable";
    case business::RuleKind::anomaly: return "anomaly";
  }
  return "threshold";
}

Json json_of(const business::Rule& rule) {
  const bool threshold = rule.kind == business::RuleKind::threshold;
  Json json = {{"company", rule.company},
               {"name", rule.name},
               {"kind", name_of(rule.kind)},
               {"device", rule.device},
               {"device_type", rule.device_type},
               {"duration_seconds", std::chrono::duration<double>(rule.duration).count()},
               {"severity", rule.severity},
               {"enabled", rule.enabled}};
  if (threshold) {
    json["metric"] = rule.metric;
    json["direction"] = rule.direction == business::Direction::above ? "above" : "below";
    json["raise_at"] = rule.raise_at;
    json["clear_at"] = rule.clear_at;
  }
  if (rule.kind == business::RuleKind::undecodable) json["count"] = rule.count;
  if (rule.kind == business::RuleKind::anomaly) {
    json["metric"] = rule.metric;
    json["raise_at"] = rule.raise_at;
  }
  return json;
}

Result<void> read_kind(const std::string& text, business::Rule& rule) {
  for (const auto kind : {business::RuleKind::threshold, business::RuleKind::silence,
                          business::RuleKind::undecodable, business::RuleKind::anomaly}) {
    if (text != name_of(kind)) continue;
    rule.kind = kind;
    return {};
  }
  return Error{Outcome::invalid,
               "\"kind\" must be \"threshold\", \"silence\", \"undecodable\" or \"anomaly\"."};
}

Result<void> read_direction(const std::string& text, business::Rule& rule) {
  if (text != "above" && text != "below")
    return Error{Outcome::invalid, "\"direction\" must be \"above\" or \"below\"."};
  rule.direction = text == "above" ? business::Direction::above : business::Direction::below;
  return {};
}

// Members that belong to another kind are refused as unknown ones.
Result<business::Rule> rule_of(const Call& call) {
  Body body(call.request.body);
  business::Rule rule;
  rule.company = call.company;
  rule.name = body.text("name");
  const auto kind = read_kind(body.text("kind"), rule);
  rule.device = body.text_or("device", "");
  rule.device_type = body.text_or("device_type", "");
  rule.severity = body.text_or("severity", rule.severity);
  rule.enabled = body.optional_boolean("enabled").value_or(true);
  const std::uint32_t seconds = body.count_or("duration_seconds", 0);
  rule.duration = std::chrono::seconds{seconds};
  Result<void> direction;
  if (kind && rule.kind == business::RuleKind::threshold) {
    rule.metric = body.text("metric");
    direction = read_direction(body.text_or("direction", "above"), rule);
    rule.raise_at = body.number("raise_at");
    rule.clear_at = body.number_or("clear_at", rule.raise_at);
  }
  if (kind && rule.kind == business::RuleKind::undecodable) rule.count = body.count_or("count", 1);
  if (kind && rule.kind == business::RuleKind::anomaly) {
    rule.metric = body.text_or("metric", "");
    rule.raise_at = body.number_or("raise_at", business::anomaly_score_default);
    if (seconds == 0) rule.duration = business::anomaly_quiet_default;
  }
  if (!kind) body.take(kind.error());
  if (!direction) body.take(direction.error());
  if (const auto fault = body.fault()) return *fault;
  if (seconds > duration_seconds_max)
    return Error{Outcome::invalid, "\"duration_seconds\" must be at most 604800, a week."};
  return rule;
}

}  // namespace

Result<Answer> list_rules(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto page =
      page_of(call.house.registry.rules(call.company), parameter(call, "after"), *limit);
  Json items = Json::array();
  for (const business::Rule* rule : page.items) {
    items.push_back(json_of(*rule));
  }
  return answer(200, {{"items", items}, {"next", next_of(page.next)}});
}

Result<Answer> create_rule(Call& call) {
  const auto rule = rule_of(call);
  if (!rule) return rule.error();
  const auto created = call.house.business.create(*rule);
  if (!created) return created.error();
  return answer(201, json_of(*rule));
}

Result<Answer> remove_rule(Call& call) {
  const std::string& name = call.parameters[0];
  const auto rules = call.house.registry.rules(call.company);
  const bool exists = std::any_of(rules.begin(), rules.end(),
                                  [&](const business::Rule* rule) { return rule->name == name; });
  if (!exists)
    return Error{Outcome::not_found,
                 "There is no such rule: GET /api/v1/rules lists those that exist."};
  const auto removed = call.house.business.remove_rule(call.company, name);
  if (!removed) return removed.error();
  return Answer{.status = 204};
}

}  // namespace cauce::api

#include "api/body.h"
#include "api/handlers.h"
#include "api/json.h"
#include "api/precondition.h"
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
    json.set("metric", rule.metric);
    json.set("direction", rule.direction == business::Direction::above ? "above" : "below");
    json.set("raise_at", rule.raise_at);
    json.set("clear_at", rule.clear_at);
  }
  if (rule.kind == business::RuleKind::undecodable) json.set("count", rule.count);
  if (rule.kind == business::RuleKind::anomaly) {
    json.set("metric", rule.metric);
    json.set("raise_at", rule.raise_at);
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

const business::Rule* find_rule(const Call& call, const std::string& name) {
  for (const business::Rule* rule : call.house.registry.rules(call.company)) {
    if (rule->name == name) return rule;
  }
  return nullptr;
}

Error no_such_rule() {
  return {Outcome::not_found, "There is no such rule: GET /api/v1/rules lists those that exist."};
}

// What the body says over what `rule` says already; of a threshold, raise_at and metric are
// `needed` in a new one. Members that belong to another kind are refused as unknown ones.
Result<void> read_members(Body& body, business::Rule& rule, bool needed) {
  rule.device = body.text_or("device", rule.device);
  rule.device_type = body.text_or("device_type", rule.device_type);
  rule.severity = body.text_or("severity", rule.severity);
  rule.enabled = body.optional_boolean("enabled").value_or(rule.enabled);
  const auto known = std::chrono::duration_cast<std::chrono::seconds>(rule.duration).count();
  const std::uint32_t seconds =
      body.count_or("duration_seconds", static_cast<std::uint32_t>(known));
  rule.duration = std::chrono::seconds{seconds};
  if (rule.kind == business::RuleKind::threshold) {
    rule.metric = needed ? body.text("metric") : body.text_or("metric", rule.metric);
    const bool above = rule.direction == business::Direction::above;
    const auto direction =
        read_direction(body.text_or("direction", above ? "above" : "below"), rule);
    rule.raise_at = needed ? body.number("raise_at") : body.number_or("raise_at", rule.raise_at);
    rule.clear_at = body.number_or("clear_at", needed ? rule.raise_at : rule.clear_at);
    if (!direction) body.take(direction.error());
  }
  if (rule.kind == business::RuleKind::undecodable) rule.count = body.count_or("count", rule.count);
  if (rule.kind == business::RuleKind::anomaly) {
    rule.metric = body.text_or("metric", rule.metric);
    rule.raise_at = body.number_or("raise_at", rule.raise_at);
  }
  if (const auto fault = body.fault()) return *fault;
  if (seconds > duration_seconds_max)
    return Error{Outcome::invalid, "\"duration_seconds\" must be at most 604800, a week."};
  return {};
}

Result<business::Rule> rule_of(const Call& call) {
  Body body(call.request.body);
  business::Rule rule;
  rule.company = call.company;
  rule.name = body.text("name");
  if (const auto kind = read_kind(body.text("kind"), rule); !kind) body.take(kind.error());
  if (rule.kind == business::RuleKind::anomaly) {
    rule.raise_at = business::anomaly_score_default;
    rule.duration = business::anomaly_quiet_default;
  }
  const auto read = read_members(body, rule, true);
  if (!read) return read.error();
  return rule;
}

Answer answer_with_etag(int status, const Json& json) {
  Answer made = answer(status, json);
  made.headers.push_back(etag_header(json));
  return made;
}

}  // namespace

Result<Answer> list_rules(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto after = cursor_of(call);
  if (!after) return after.error();
  const auto page = page_of(call.house.registry.rules(call.company), *after, *limit);
  Json items = Json::array();
  for (const business::Rule* rule : page.items) {
    items.push_back(json_of(*rule));
  }
  return answer(200, {{"items", items}, {"next", next_of(page.next)}});
}

Result<Answer> show_rule(Call& call) {
  const business::Rule* rule = find_rule(call, call.parameters[0]);
  if (rule == nullptr) return no_such_rule();
  return answer_with_etag(200, json_of(*rule));
}

Result<Answer> create_rule(Call& call) {
  const auto rule = rule_of(call);
  if (!rule) return rule.error();
  const auto created = call.house.business.create(*rule);
  if (!created) return created.error();
  return answer_with_etag(201, json_of(*rule));
}

// Name and kind stay what they are: another kind is another rule.
Result<Answer> change_rule(Call& call) {
  const business::Rule* known = find_rule(call, call.parameters[0]);
  if (known == nullptr) return no_such_rule();
  if (auto refused = refused_by_precondition(call, json_of(*known))) return std::move(*refused);
  business::Rule rule = *known;
  Body body(call.request.body);
  const auto read = read_members(body, rule, false);
  if (!read) return read.error();
  const auto updated = call.house.business.update(rule);
  if (!updated) return updated.error();
  return answer_with_etag(200, json_of(rule));
}

Result<Answer> remove_rule(Call& call) {
  const business::Rule* known = find_rule(call, call.parameters[0]);
  if (known == nullptr) return no_such_rule();
  if (auto refused = refused_by_precondition(call, json_of(*known))) return std::move(*refused);
  const auto removed = call.house.business.remove_rule(call.company, call.parameters[0]);
  if (!removed) return removed.error();
  return Answer{.status = 204};
}

}  // namespace cauce::api

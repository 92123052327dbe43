#include "alarms/rulebook.h"

namespace cauce::alarms {

rules::Threshold ActiveRule::threshold() const {
  return {rule.direction, rule.raise_at, rule.clear_at, rule.duration};
}

rules::Silence ActiveRule::silence() const {
  return {rule.duration};
}

rules::Undecodable ActiveRule::undecodable() const {
  return {rule.count, rule.duration};
}

rules::Anomaly ActiveRule::anomaly() const {
  return {rule.raise_at, rule.duration};
}

Bytes definition_of(const business::Rule& rule) {
  Bytes bytes;
  put_u8(bytes, std::uint8_t(rule.kind));
  put_sized(bytes, rule.device);
  put_sized(bytes, rule.device_type);
  put_sized(bytes, rule.metric);
  put_u8(bytes, std::uint8_t(rule.direction));
  put_f64(bytes, rule.raise_at);
  put_f64(bytes, rule.clear_at);
  put_i64(bytes, rule.duration.count());
  put_u32(bytes, rule.count);
  put_sized(bytes, rule.severity);
  return bytes;
}

bool applies(const business::Rule& rule, const business::Device& device) {
  return rule.company == device.company && (rule.device.empty() || rule.device == device.name) &&
         (rule.device_type.empty() || rule.device_type == device.type);
}

void Rulebook::read(const business::Registry& registry) {
  rules_.clear();
  by_company_.clear();
  by_name_.clear();
  for (const business::Company* company : registry.companies()) {
    for (const business::Rule* rule : registry.rules(company->name)) {
      if (!rule->enabled) continue;
      rules_.push_back(std::make_unique<ActiveRule>(ActiveRule{*rule, definition_of(*rule), {}}));
      by_company_[company->name].push_back(rules_.back().get());
      by_name_[company->name + "/" + rule->name] = rules_.back().get();
    }
  }
}

ActiveRule* Rulebook::find(std::string_view company, std::string_view rule) {
  const auto active = by_name_.find(std::string(company) + "/" + std::string(rule));
  return active == by_name_.end() ? nullptr : active->second;
}

std::vector<ActiveRule*>* Rulebook::rules_of(std::string_view company) {
  const auto rules = by_company_.find(company);
  return rules == by_company_.end() ? nullptr : &rules->second;
}

}  // namespace cauce::alarms

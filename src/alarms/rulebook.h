// The rules of all companies as they are now, found by company, metric and device without looking
// at those that do not matter. Rebuilt when the registry changed.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "alarms/instance.h"
#include "business/business.h"

namespace cauce::alarms {

// An enabled rule, and its instances that wait for time to pass, the first due in front:
// silence: those not raised, by when they were heard; undecodable: those raised, by last message;
// anomaly: those raised, by the last reading of the episode.
struct ActiveRule {
  business::Rule rule;
  Bytes definition;
  std::list<Instance*> due;

  rules::Threshold threshold() const;
  rules::Silence silence() const;
  rules::Undecodable undecodable() const;
  rules::Anomaly anomaly() const;
};

// Everything about a rule that its alarms depend on, as bytes to compare.
Bytes definition_of(const business::Rule& rule);

// True when `rule` speaks of this device (of its own company).
bool applies(const business::Rule& rule, const business::Device& device);

class Rulebook {
 public:
  // Reads all enabled rules anew. ActiveRules of before are gone, and so are their queues.
  void read(const business::Registry& registry);

  // nullptr when the company has no enabled rule of this name.
  ActiveRule* find(std::string_view company, std::string_view rule);
  // The company's enabled rules; nullptr when it has none.
  std::vector<ActiveRule*>* rules_of(std::string_view company);
  const std::vector<std::unique_ptr<ActiveRule>>& all() const { return rules_; }

 private:
  std::vector<std::unique_ptr<ActiveRule>> rules_;
  std::map<std::string, std::vector<ActiveRule*>, std::less<>> by_company_;
  std::unordered_map<std::string, ActiveRule*> by_name_;  // "company/rule"
};

}  // namespace cauce::alarms

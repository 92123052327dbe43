// The part of the board that follows rules and devices as people change them.
#include <map>
#include <utility>

#include "alarms/board.h"
#include "base/invariant.h"
#include "business/normalise.h"

namespace cauce::alarms {
namespace {

using business::RuleKind;
using rules::AnomalyState;
using rules::ThresholdState;
using rules::UndecodableState;

// What a changed rule keeps of its state: what was heard and how far was judged, but no opinion.
void begin_anew(State& state) {
  if (auto* threshold = std::get_if<ThresholdState>(&state)) {
    threshold->raised = false;
    threshold->beyond.reset();
  } else if (auto* silence = std::get_if<SilenceInstance>(&state)) {
    silence->state.raised = false;
  } else if (auto* anomaly = std::get_if<AnomalyState>(&state)) {
    anomaly->episode.reset();
  } else {
    state = UndecodableState{};
  }
}

// What the queue of due instances is ordered by; nullopt when the instance does not wait.
std::optional<Time> waits_since(const Instance& instance) {
  if (const auto* silence = std::get_if<SilenceInstance>(&instance.state)) {
    if (silence->state.raised) return std::nullopt;
    return silence->state.heard_at;
  }
  if (const auto* anomaly = std::get_if<AnomalyState>(&instance.state)) {
    if (!anomaly->episode) return std::nullopt;
    return anomaly->episode->last_at;
  }
  const auto* undecodable = std::get_if<UndecodableState>(&instance.state);
  if (undecodable == nullptr || !undecodable->raised) return std::nullopt;
  return undecodable->last_at;
}

std::set<RuleName> disabled_rules(const business::Registry& registry) {
  std::set<RuleName> names;
  for (const business::Company* company : registry.companies()) {
    for (const business::Rule* rule : registry.rules(company->name)) {
      if (!rule->enabled) names.insert({company->name, rule->name});
    }
  }
  return names;
}

}  // namespace

void Board::follow(const business::Registry& registry) {
  INVARIANT(changes_.instances.empty());  // what is removed below must not wait to be written
  registry_ = &registry;
  watched_.clear();
  types_.clear();
  for (auto& [key, instance] : instances_)
    instance->queue = nullptr;
  rulebook_.read(registry);
  const std::set<RuleName> disabled = disabled_rules(registry);
  for (auto next = instances_.begin(); next != instances_.end();) {
    Instance& instance = *next->second;
    const std::optional<ClearReason> end = end_of(instance, registry, disabled);
    if (!end) {
      ++next;
      continue;
    }
    if (instance.alarm) clear(instance, *end, instance.alarm->last_value_time);
    if (survives(instance, registry)) {
      begin_anew(instance.state);
      state_changed(instance);
      ++next;
    } else {
      changes_.removed.push_back(instance.key);
      --usage_[instance.key.company].instances;
      next = instances_.erase(next);
    }
  }
  compare_definitions();
  queue_all();
}

// Why the instance cannot go on as it is; nullopt when it can.
std::optional<ClearReason> Board::end_of(const Instance& instance,
                                         const business::Registry& registry,
                                         const std::set<RuleName>& disabled) {
  const RuleName name{instance.key.company, instance.key.rule};
  const ActiveRule* active = rulebook_.find(name.first, name.second);
  if (active == nullptr) {
    return disabled.contains(name) ? ClearReason::rule_disabled : ClearReason::rule_removed;
  }
  const business::Device* device = registry.device(instance.key.company, instance.key.device);
  if (device == nullptr) return ClearReason::device_removed;
  if (!device->enabled) return ClearReason::device_disabled;
  if (definitions_[name] != active->definition) return ClearReason::rule_changed;
  if (!applies(active->rule, *device)) return ClearReason::rule_not_applicable;
  return std::nullopt;
}

// Whether an instance that was ended begins anew instead of going away.
bool Board::survives(const Instance& instance, const business::Registry& registry) {
  const ActiveRule* active = rulebook_.find(instance.key.company, instance.key.rule);
  const business::Device* device = registry.device(instance.key.company, instance.key.device);
  if (active == nullptr || device == nullptr || !device->enabled) return false;
  if (!applies(active->rule, *device) || kind_of(instance.state) != active->rule.kind) return false;
  const bool is_threshold = active->rule.kind == RuleKind::threshold;
  if (active->rule.kind == RuleKind::anomaly && active->rule.metric.empty()) return true;
  const bool has_metric = is_threshold || active->rule.kind == RuleKind::anomaly;
  return instance.key.metric == (has_metric ? active->rule.metric : "");
}

void Board::compare_definitions() {
  std::map<RuleName, Bytes> now;
  for (const auto& active : rulebook_.all()) {
    now[{active->rule.company, active->rule.name}] = active->definition;
  }
  for (const auto& [name, definition] : definitions_) {
    if (!now.contains(name)) changes_.definitions[name] = Bytes{};
  }
  for (const auto& [name, definition] : now) {
    const auto known = definitions_.find(name);
    if (known == definitions_.end() || known->second != definition) {
      changes_.definitions[name] = definition;
    }
  }
  definitions_ = std::move(now);
}

void Board::queue_all() {
  std::multimap<Time, Instance*> waiting;  // those of one time in the order of their keys
  for (auto& [key, instance] : instances_) {
    if (const auto since = waits_since(*instance)) waiting.emplace(*since, instance.get());
  }
  for (const auto& [since, instance] : waiting) {
    ActiveRule* active = rulebook_.find(instance->key.company, instance->key.rule);
    INVARIANT(active != nullptr);  // instances of other rules were removed before
    enqueue(*instance, *active);
  }
}

void Board::enqueue(Instance& instance, ActiveRule& active) {
  if (instance.queue != nullptr) {
    active.due.splice(active.due.end(), *instance.queue, instance.place);
    return;
  }
  instance.queue = &active.due;
  instance.place = active.due.insert(active.due.end(), &instance);
}

void Board::dequeue(Instance& instance) {
  if (instance.queue == nullptr) return;
  instance.queue->erase(instance.place);
  instance.queue = nullptr;
}

Board::Watched* Board::find_watched(std::string_view company, std::string_view device) {
  lookup_.assign(company);
  lookup_ += '/';
  lookup_ += device;
  const auto found = watched_.find(lookup_);
  return found != watched_.end() ? &found->second : watch(company, device);
}

// nullptr when no rule can concern the device: it is then not remembered, because the names that
// `--open` admits have no bound.
Board::Watched* Board::watch(std::string_view company, std::string_view device) {
  const std::vector<ActiveRule*>* company_rules = rulebook_.rules_of(company);
  if (company_rules == nullptr) return nullptr;
  const business::Device* known = registry_->device(company, device);
  if (known == nullptr || !known->enabled) return nullptr;
  Watched watched;
  watched.device = known->name;
  if (const auto* type = registry_->device_type(company, known->type)) {
    watched.type = &(types_[{known->company, known->type}] = *type);
  }
  for (ActiveRule* active : *company_rules) {
    if (!applies(active->rule, *known)) continue;
    if (active->rule.kind == RuleKind::anomaly) {
      watched.anomaly_rules.push_back(active);
      continue;
    }
    const bool is_threshold = active->rule.kind == RuleKind::threshold;
    const std::string metric = is_threshold ? active->rule.metric : "";
    const auto existing = instances_.find({known->company, active->rule.name, known->name, metric});
    const Slot slot{active, existing == instances_.end() ? nullptr : existing->second.get()};
    switch (active->rule.kind) {
      case RuleKind::threshold: watched.thresholds[metric].push_back(slot); break;
      case RuleKind::silence: watched.silence.push_back(slot); break;
      case RuleKind::undecodable: watched.undecodable.push_back(slot); break;
      case RuleKind::anomaly: break;
    }
  }
  return &(watched_[lookup_] = std::move(watched));
}

// nullopt for text, and for what the device type's scale makes infinite (processing reports it).
std::optional<Board::Measured> Board::measure(const Watched& watched,
                                              const record::Reading& reading) {
  if (std::holds_alternative<std::string>(reading.value)) return std::nullopt;
  auto normalised = business::normalise(reading, watched.type);
  if (!normalised) return std::nullopt;
  double value = 0;
  if (const auto* number = std::get_if<double>(&normalised->value)) value = *number;
  const auto* truth = std::get_if<bool>(&normalised->value);
  if (truth != nullptr) value = *truth ? 1 : 0;
  return Measured{std::move(normalised->metric), std::move(normalised->unit), value,
                  truth != nullptr};
}

Instance* Board::instance_of(Slot& slot, std::string_view device, std::string_view metric) {
  if (slot.instance != nullptr) return slot.instance;
  const business::Rule& rule = slot.rule->rule;
  Usage& usage = usage_[rule.company];
  if (usage.instances >= limits_.instances_max) {
    note_limit(GapReason::instances_max, rule.company);
    return nullptr;
  }
  ++usage.instances;
  auto instance = std::make_unique<Instance>();
  instance->key = {rule.company, rule.name, std::string(device), std::string(metric)};
  instance->state = initial_state(rule.kind);
  slot.instance = instance.get();
  instances_[instance->key] = std::move(instance);
  return slot.instance;
}

}  // namespace cauce::alarms

// For the tests of this room: two companies' devices and rules, the records they send, and an
// alarms.db in a directory of its own. Positions and stream time are kept here; crash() forgets
// what memory holds, as kill -9 does.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "alarms/alarms.h"
#include "alarms/history.h"

namespace cauce::alarms {

class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "alarms_XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  Directory(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path_); }
  std::filesystem::path database() const { return path_ / "alarms.db"; }

 private:
  std::filesystem::path path_;
};

// What the operator has configured, changed at will.
class Configuration final : public business::Registry {
 public:
  void put(business::Device device) {
    companies_.try_emplace(device.company, business::Company{device.company, device.company});
    devices_[{device.company, device.name}] = std::move(device);
    changed_ = true;
  }
  void put(business::DeviceType type) {
    types_[{type.company, type.name}] = std::move(type);
    changed_ = true;
  }
  void put(business::Rule rule) {
    companies_.try_emplace(rule.company, business::Company{rule.company, rule.company});
    rules_[{rule.company, rule.name}] = std::move(rule);
    changed_ = true;
  }
  void remove_rule(const std::string& company, const std::string& name) {
    rules_.erase({company, name});
    changed_ = true;
  }
  void remove_device(const std::string& company, const std::string& name) {
    devices_.erase({company, name});
    changed_ = true;
  }

  Result<bool> refresh() override { return std::exchange(changed_, false); }
  const business::Company* company(std::string_view name) const override {
    const auto found = companies_.find(std::string(name));
    return found == companies_.end() ? nullptr : &found->second;
  }
  const business::Site* site(std::string_view, std::string_view) const override { return nullptr; }
  const business::DeviceType* device_type(std::string_view company,
                                          std::string_view name) const override {
    return find(types_, company, name);
  }
  const business::Device* device(std::string_view company, std::string_view name) const override {
    return find(devices_, company, name);
  }
  const business::Device* device_by_token(BytesView) const override { return nullptr; }
  const business::AccessToken* access_token(BytesView) const override { return nullptr; }
  std::vector<const business::Company*> companies() const override {
    std::vector<const business::Company*> all;
    for (const auto& [name, company] : companies_)
      all.push_back(&company);
    return all;
  }
  std::vector<const business::Site*> sites(std::string_view) const override { return {}; }
  std::vector<const business::DeviceType*> device_types(std::string_view company) const override {
    return of_company(types_, company);
  }
  std::vector<const business::Device*> devices(std::string_view company) const override {
    return of_company(devices_, company);
  }
  std::vector<const business::Rule*> rules(std::string_view company) const override {
    return of_company(rules_, company);
  }
  std::vector<const business::AccessToken*> access_tokens() const override { return {}; }
  const business::User* user(std::string_view) const override { return nullptr; }
  std::vector<const business::User*> users() const override { return {}; }

 private:
  using Name = std::pair<std::string, std::string>;

  template <class Subject>
  static const Subject* find(const std::map<Name, Subject>& all, std::string_view company,
                             std::string_view name) {
    const auto found = all.find({std::string(company), std::string(name)});
    return found == all.end() ? nullptr : &found->second;
  }
  template <class Subject>
  static std::vector<const Subject*> of_company(const std::map<Name, Subject>& all,
                                                std::string_view company) {
    std::vector<const Subject*> some;
    for (const auto& [name, subject] : all) {
      if (name.first == company) some.push_back(&subject);
    }
    return some;
  }

  std::map<std::string, business::Company> companies_;
  std::map<Name, business::Device> devices_;
  std::map<Name, business::DeviceType> types_;
  std::map<Name, business::Rule> rules_;
  bool changed_ = true;
};

inline const Time fixture_start = from_microseconds(1'795'304'920'000'000);

class Plant {
 public:
  using Span = Duration;

  explicit Plant(Options limits = {}) : options(limits), history(directory.database()) {}

  void add_device(const std::string& company, const std::string& name,
                  const std::string& type = "mote") {
    business::Device device;
    device.company = company;
    device.name = name;
    device.type = type;
    configuration.put(std::move(device));
  }
  // Silence rule.
  void add_silence(const std::string& company, Span duration) {
    business::Rule rule;
    rule.company = company;
    rule.name = "silent";
    rule.kind = business::RuleKind::silence;
    rule.duration = duration;
    rule.severity = "critical";
    configuration.put(rule);
  }
  // Above `raise_at`, cleared at `clear_at`.
  void add_threshold(const std::string& company, const std::string& metric, double raise_at,
                     double clear_at, Span duration = Span{0}) {
    business::Rule rule;
    rule.company = company;
    rule.name = "high-" + metric;
    rule.metric = metric;
    rule.raise_at = raise_at;
    rule.clear_at = clear_at;
    rule.duration = duration;
    configuration.put(rule);
  }
  void add_undecodable(const std::string& company, std::uint32_t count, Span duration) {
    business::Rule rule;
    rule.company = company;
    rule.name = "unreadable";
    rule.kind = business::RuleKind::undecodable;
    rule.count = count;
    rule.duration = duration;
    configuration.put(rule);
  }

  // Of every number of every device, unless a metric is named.
  void add_anomaly(const std::string& company, double score, Span quiet,
                   const std::string& metric = "") {
    business::Rule rule;
    rule.company = company;
    rule.name = "unusual";
    rule.kind = business::RuleKind::anomaly;
    rule.metric = metric;
    rule.raise_at = score;
    rule.duration = quiet;
    configuration.put(rule);
  }

  // The records that wait to be delivered; `after` is stream time since fixture_start.
  void reading(const std::string& company, const std::string& device, const std::string& metric,
               Span after, double value, const std::string& unit = "") {
    late_reading(company, device, metric, after, after, value, unit);
  }
  void late_reading(const std::string& company, const std::string& device,
                    const std::string& metric, Span measured_after, Span after, double value,
                    const std::string& unit = "") {
    record::Reading reading;
    reading.company = company;
    reading.device = device;
    reading.metric = metric;
    reading.time = fixture_start + measured_after;
    reading.received_at = fixture_start + after;
    reading.value = value;
    reading.unit = unit;
    reading.origin.position = records.size();
    records.push_back(record::encode(reading));
  }
  void undecodable(const std::string& company, const std::string& device, Span after,
                   const std::string& reason = "key 7 sent, key 3 on record") {
    record::Undecodable undecodable;
    undecodable.company = company;
    undecodable.device = device;
    undecodable.received_at = fixture_start + after;
    undecodable.stage = "decrypt";
    undecodable.reason = reason;
    undecodable.origin.position = records.size();
    records.push_back(record::encode(undecodable));
  }
  void tick(Span after) { records.push_back(record::encode(record::Tick{fixture_start + after})); }
  // One a second, from `from` to before `to`.
  void ticks(Span from, Span to) {
    for (Span at = from; at < to; at += std::chrono::seconds{1})
      tick(at);
  }

  Alarms& alarms() {
    if (!alarms_) {
      auto opened = Alarms::open(directory.database(), configuration, events_end, options);
      REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
      alarms_ = std::move(*opened);
    }
    return *alarms_;
  }
  // Loses memory and the rules it knew; the files stay.
  void crash() {
    alarms_.reset();
    configuration.put(business::DeviceType{"nobody", "nothing", {}, {}, {}});
  }
  stream::Batch batch(std::uint64_t from, std::uint64_t to) const {
    stream::Batch batch;
    batch.from = stream::Position{from};
    batch.to = stream::Position{to};
    batch.records = std::vector<Bytes>{records.begin() + std::ptrdiff_t(from),
                                       records.begin() + std::ptrdiff_t(to)};
    return batch;
  }
  std::uint64_t cursor() { return alarms().resume_at()->number; }
  // Everything that waits, as one batch.
  void deliver() {
    const auto done = alarms().deliver(batch(cursor(), records.size()));
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message));
  }

  std::vector<Alarm> open(const std::string& company = "") {
    return list(company, History::Select::open);
  }
  // Oldest first.
  std::vector<Alarm> all(const std::string& company = "") {
    return list(company, History::Select::all);
  }

  Directory directory;
  Configuration configuration;
  Options options;
  stream::Position events_end;
  std::vector<Bytes> records;
  History history;

 private:
  std::vector<Alarm> list(const std::string& company, History::Select select) {
    History::Query query;
    query.company = company;
    query.select = select;
    query.limit = History::page_max;
    auto alarms = history.list(query);
    REQUIRE(alarms.has_value());
    return {alarms->rbegin(), alarms->rend()};
  }

  std::unique_ptr<Alarms> alarms_;
};

}  // namespace cauce::alarms

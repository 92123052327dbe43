// What app/ wires to the api, held in plain containers: for the tests of this room.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "api/sources.h"

namespace cauce::api {

class ShelfOfAlarms final : public AlarmHistory {
 public:
  std::vector<Alarm> kept;  // the youngest first

  Result<std::vector<Alarm>> list(const AlarmQuery& query) override {
    return chosen(query.alarms_max, [&](const Alarm& alarm) {
      return alarm.company == query.company &&
             (query.device.empty() || alarm.device == query.device) &&
             (!query.open_only || !alarm.cleared_at) && (!query.after || alarm.id < *query.after);
    });
  }
  Result<std::optional<Alarm>> find(std::string_view company, std::uint64_t id) override {
    for (const Alarm& alarm : kept) {
      if (alarm.company == company && alarm.id == id) return std::optional<Alarm>(alarm);
    }
    return std::optional<Alarm>();
  }
  Result<std::vector<Alarm>> overlapping(const AlarmStretch& stretch) override {
    const record::Series& series = stretch.series;
    return chosen(stretch.alarms_max, [&](const Alarm& alarm) {
      return alarm.company == series.company && alarm.device == series.device &&
             (alarm.metric.empty() || alarm.metric == series.metric) && alarm.since < stretch.to &&
             (!alarm.until || *alarm.until >= stretch.from) &&
             (!stretch.after || alarm.id < *stretch.after);
    });
  }

 private:
  template <class Fits>
  std::vector<Alarm> chosen(std::size_t alarms_max, Fits fits) const {
    std::vector<Alarm> found;
    for (const Alarm& alarm : kept) {
      if (found.size() < alarms_max && fits(alarm)) found.push_back(alarm);
    }
    return found;
  }
};

class ShelfOfLetters final : public DeadLetterShelf {
 public:
  std::vector<DeadLetter> kept;  // the youngest first

  Result<std::vector<DeadLetter>> list(const DeadLetterQuery& query) override {
    std::vector<DeadLetter> found;
    for (DeadLetter letter : kept) {
      if (letter.company != query.company) continue;
      if (!query.device.empty() && letter.device != query.device) continue;
      if (query.after && letter.at >= *query.after) continue;
      if (found.size() == query.letters_max) break;
      letter.payload.clear();
      found.push_back(std::move(letter));
    }
    return found;
  }
  Result<std::optional<DeadLetter>> find(std::string_view company, RawPosition at) override {
    for (const DeadLetter& letter : kept) {
      if (letter.company == company && letter.at == at) return std::optional<DeadLetter>(letter);
    }
    return std::optional<DeadLetter>();
  }
  Result<std::vector<DeadLetterCount>> counts(std::string_view company, std::string_view device,
                                              std::size_t counts_max) override {
    std::vector<DeadLetterCount> counts;
    for (const DeadLetter& letter : kept) {
      if (letter.company != company || (!device.empty() && letter.device != device)) continue;
      const auto same = [&](const DeadLetterCount& count) {
        return count.device == letter.device && count.stage == letter.stage &&
               count.reason == letter.reason;
      };
      auto found = std::find_if(counts.begin(), counts.end(), same);
      if (found == counts.end())
        found = counts.insert(counts.end(),
                              {letter.device, letter.stage, letter.reason, 0, letter.received_at});
      ++found->count;
      found->last_received_at = std::max(found->last_received_at, letter.received_at);
    }
    std::sort(counts.begin(), counts.end(),
              [](const auto& left, const auto& right) { return left.count > right.count; });
    if (counts.size() > counts_max) counts.resize(counts_max);
    return counts;
  }
};

class StandingPlatform final : public Platform {
 public:
  Disk disk_now{700'000'000'000, 1'000'000'000'000};
  std::vector<ProcessState> processes_now;
  std::vector<GroupLag> groups_now;
  std::vector<TopicSpan> topics_now;
  std::vector<ProcessMetrics> metrics_now;
  std::optional<Error> fault;  // of every question

  Result<Disk> disk() override {
    if (fault) return *fault;
    return disk_now;
  }
  Result<std::vector<ProcessState>> processes() override {
    if (fault) return *fault;
    return processes_now;
  }
  Result<std::vector<GroupLag>> groups() override {
    if (fault) return *fault;
    return groups_now;
  }
  Result<std::vector<TopicSpan>> topics() override {
    if (fault) return *fault;
    return topics_now;
  }
  Result<std::vector<ProcessMetrics>> metrics() override {
    if (fault) return *fault;
    return metrics_now;
  }
  std::optional<net::Address> gateway_address() override { return net::Address{"127.0.0.1", 1883}; }
  std::optional<net::Address> ingest_address() override { return ingest_now; }
  std::optional<net::Address> ingest_now = net::Address{"127.0.0.1", 8081};
};

}  // namespace cauce::api

#include "api/sources_test.h"

#include <algorithm>

namespace cauce::api {
namespace {

template <class Fits>
std::vector<Alarm> chosen(const std::vector<Alarm>& kept, std::size_t alarms_max, Fits fits) {
  std::vector<Alarm> found;
  for (const Alarm& alarm : kept) {
    if (found.size() < alarms_max && fits(alarm)) found.push_back(alarm);
  }
  return found;
}

}  // namespace

Result<std::vector<Alarm>> ShelfOfAlarms::list(const AlarmQuery& query) {
  return chosen(kept, query.alarms_max, [&](const Alarm& alarm) {
    return alarm.company == query.company &&
           (query.device.empty() || alarm.device == query.device) &&
           (!query.open_only || !alarm.cleared_at) && (!query.after || alarm.id < *query.after);
  });
}

Result<std::optional<Alarm>> ShelfOfAlarms::find(std::string_view company, std::uint64_t id) {
  for (const Alarm& alarm : kept) {
    if (alarm.company == company && alarm.id == id) return std::optional<Alarm>(alarm);
  }
  return std::optional<Alarm>();
}

Result<std::vector<Alarm>> ShelfOfAlarms::overlapping(const AlarmStretch& stretch) {
  const record::Series& series = stretch.series;
  return chosen(kept, stretch.alarms_max, [&](const Alarm& alarm) {
    return alarm.company == series.company && alarm.device == series.device &&
           (alarm.metric.empty() || alarm.metric == series.metric) && alarm.since < stretch.to &&
           (!alarm.until || *alarm.until >= stretch.from) &&
           (!stretch.after || alarm.id < *stretch.after);
  });
}

Result<std::vector<DeadLetter>> ShelfOfLetters::list(const DeadLetterQuery& query) {
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

Result<std::optional<DeadLetter>> ShelfOfLetters::find(std::string_view company, RawPosition at) {
  for (const DeadLetter& letter : kept) {
    if (letter.company == company && letter.at == at) return std::optional<DeadLetter>(letter);
  }
  return std::optional<DeadLetter>();
}

Result<std::vector<DeadLetterCount>> ShelfOfLetters::counts(std::string_view company,
                                                            std::string_view device,
                                                            std::size_t counts_max) {
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

Result<Disk> StandingPlatform::disk() {
  if (fault) return *fault;
  return disk_now;
}

Result<std::vector<ProcessState>> StandingPlatform::processes() {
  if (fault) return *fault;
  return processes_now;
}

Result<std::vector<GroupLag>> StandingPlatform::groups() {
  if (fault) return *fault;
  return groups_now;
}

Result<std::vector<TopicSpan>> StandingPlatform::topics() {
  if (fault) return *fault;
  return topics_now;
}

Result<std::vector<ProcessMetrics>> StandingPlatform::metrics() {
  if (fault) return *fault;
  return metrics_now;
}

std::optional<net::Address> StandingPlatform::gateway_address() {
  return net::Address{"127.0.0.1", 1883};
}

std::optional<net::Address> StandingPlatform::ingest_address() {
  return ingest_now;
}

}  // namespace cauce::api

#include <algorithm>
#include <array>
#include <chrono>

#include "app/api_sources.h"
#include "app/wiring.h"

namespace cauce::app {
namespace {

constexpr stream::Partition only_partition{0};

// A process that has not written its metrics for so long is down, or hangs.
constexpr Duration metrics_age_max = std::chrono::seconds{5};

// Who reads what. The order is the way of a reading.
struct GroupOfTopic {
  std::string_view group;
  std::string_view topic;
};
constexpr std::array<GroupOfTopic, 7> consumer_groups{{{"lake", "raw"},
                                                       {"decode", "raw"},
                                                       {"commands", "raw"},
                                                       {"alarms", "readings"},
                                                       {"processing", "readings"},
                                                       {"warehouse", "facts"},
                                                       {"jobs", "facts"}}};

class Platform final : public api::Platform {
 public:
  explicit Platform(const Machine& machine)
      : machine_(machine), jobs_(machine.engines.jobs_gauge()) {}

  Result<void> open();

  Result<api::Disk> disk() override;
  Result<std::vector<api::ProcessState>> processes() override;
  Result<std::vector<api::GroupLag>> groups() override;
  Result<std::vector<api::TopicSpan>> topics() override;
  Result<std::vector<api::ProcessMetrics>> metrics() override;
  std::optional<net::Address> gateway_address() override;
  std::optional<net::Address> ingest_address() override;

 private:
  struct Group {
    GroupOfTopic name;
    std::unique_ptr<stream::Reader> reader;
    std::unique_ptr<stream::Cursors> cursors;
  };

  Result<api::GroupLag> lag_of(Group& group);

  const Machine& machine_;
  std::unique_ptr<jobs::Gauge> jobs_;
  std::vector<Group> groups_;
  std::vector<std::unique_ptr<stream::Reader>> topics_;  // in the order of topic_names
};

Result<void> Platform::open() {
  for (const GroupOfTopic& name : consumer_groups) {
    Group group{name, nullptr, nullptr};
    if (auto done = put(open_reader(machine_, name.topic), group.reader); !done) return done;
    if (auto done = put(machine_.engines.topic(name.topic)->open_cursors(), group.cursors); !done) {
      return done;
    }
    groups_.push_back(std::move(group));
  }
  for (const char* name : topic_names) {
    if (auto done = put(open_reader(machine_, name), topics_.emplace_back()); !done) return done;
  }
  return {};
}

Result<api::Disk> Platform::disk() {
  const Result<disk::Space> space = machine_.free_space.measure();
  if (!space) return space.error();
  return api::Disk{space->bytes_free, space->bytes_total};
}

Result<std::vector<api::ProcessState>> Platform::processes() {
  const Result<std::vector<ProcessState>> known = machine_.run.read_processes();
  if (!known) return known.error();
  std::vector<api::ProcessState> result;
  for (const ProcessState& process : *known) {
    result.push_back(
        {process.name, process.state, process.restarts, process.last_exit, process.since});
  }
  return result;
}

Result<api::GroupLag> Platform::lag_of(Group& group) {
  api::GroupLag lag{std::string(group.name.group), std::string(group.name.topic), 0, Duration{0}};
  const Result<stream::Position> end = group.reader->end(only_partition);
  if (!end) return end.error();
  const Result<std::optional<stream::Position>> committed =
      group.cursors->committed(group.name.group, only_partition);
  if (!committed) return committed.error();
  const Result<stream::Position> first = group.reader->first(only_partition);
  if (!first) return first.error();
  const stream::Position next = std::max(committed->value_or(*first), *first);
  if (next >= *end) return lag;
  lag.records = end->number - next.number;
  const Result<stream::Batch> oldest = group.reader->read(only_partition, next, 1);
  if (!oldest) return oldest.error();
  if (!oldest->appended_at.empty()) {
    lag.oldest_age = std::max(Duration{0}, machine_.clock.now() - oldest->appended_at.front());
  }
  return lag;
}

Result<std::vector<api::GroupLag>> Platform::groups() {
  std::vector<api::GroupLag> result;
  for (Group& group : groups_) {
    Result<api::GroupLag> lag = lag_of(group);
    if (!lag) return lag.error();
    result.push_back(std::move(*lag));
  }
  const Result<jobs::Depth> waiting = jobs_->depth();
  if (!waiting) return waiting.error();
  api::GroupLag stats{"stats", "jobs", waiting->jobs, Duration{0}};
  if (waiting->jobs > 0) {
    stats.oldest_age = std::max(Duration{0}, machine_.clock.now() - waiting->oldest_added_at);
  }
  result.push_back(std::move(stats));
  return result;
}

Result<std::vector<api::TopicSpan>> Platform::topics() {
  std::vector<api::TopicSpan> result;
  for (std::size_t index = 0; index < topic_names.size(); ++index) {
    const Result<stream::Position> first = topics_[index]->first(only_partition);
    if (!first) return first.error();
    const Result<stream::Position> end = topics_[index]->end(only_partition);
    if (!end) return end.error();
    result.push_back({topic_names[index], first->number, end->number});
  }
  return result;
}

Result<std::vector<api::ProcessMetrics>> Platform::metrics() {
  const Result<std::vector<ProcessState>> processes = machine_.run.read_processes();
  if (!processes) return processes.error();
  Result<std::vector<MetricsFile>> files = machine_.run.read_metrics();
  if (!files) return files.error();
  std::vector<api::ProcessMetrics> result;
  for (MetricsFile& file : *files) {
    const Duration age = std::chrono::abs(machine_.clock.now() - file.written_at);
    const bool fresh = age <= metrics_age_max;
    result.push_back(
        {std::move(file.process), fresh, fresh ? std::move(file.text) : std::string{}});
  }
  // One that never wrote is down too.
  for (const ProcessState& process : *processes) {
    const bool known = std::any_of(result.begin(), result.end(),
                                   [&](const auto& one) { return one.process == process.name; });
    if (!known) result.push_back({process.name, false, ""});
  }
  return result;
}

std::optional<net::Address> Platform::gateway_address() {
  const Result<Addresses> addresses = machine_.run.read_addresses();
  return addresses ? find_address(*addresses, "mqtt") : std::nullopt;
}

std::optional<net::Address> Platform::ingest_address() {
  const Result<Addresses> addresses = machine_.run.read_addresses();
  return addresses ? find_address(*addresses, "ingest") : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<api::Platform>> make_platform(const Machine& machine) {
  auto platform = std::make_unique<Platform>(machine);
  if (const Result<void> opened = platform->open(); !opened) return opened.error();
  return std::unique_ptr<api::Platform>{std::move(platform)};
}

}  // namespace cauce::app

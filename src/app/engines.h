// The stores of an installation. engines.cpp is the only place of the program that names an engine.
// Everything is below one data directory, laid out as docs/architecture.md says.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "app/packed_topics.h"
#include "base/clock.h"
#include "base/random.h"
#include "business/business.h"
#include "disk/directory.h"
#include "jobs/jobs.h"
#include "metrics/metrics.h"
#include "objects/objects.h"
#include "recent/recent.h"
#include "stream/snapshot.h"
#include "stream/stream.h"

namespace cauce::app {

// The topics, in the order of the way of a reading.
constexpr std::array<const char*, 5> topic_names{"raw", "readings", "facts", "events", "commands"};

class Engines {
 public:
  // `clock` and `metrics` outlive this and all that it makes; without `metrics` nothing is counted.
  // `packed` is for those topics that are written.
  Engines(std::filesystem::path data, const Clock& clock, metrics::Metrics* metrics = nullptr,
          PackedTopics packed = PackedTopics::derived);
  ~Engines();

  const std::filesystem::path& data() const { return data_; }

  // One of topic_names.
  std::unique_ptr<stream::Topic> topic(std::string_view name) const;
  std::unique_ptr<objects::Objects> objects() const;
  // Where the gateway keeps its MQTT sessions.
  std::unique_ptr<disk::Directory> sessions() const;
  // `random` makes the secrets of what the store keeps encrypted; it outlives the store.
  std::unique_ptr<business::Store> business(Random& random) const;
  Result<std::unique_ptr<jobs::Jobs>> jobs() const;
  std::unique_ptr<jobs::Gauge> jobs_gauge() const;
  Result<std::unique_ptr<recent::Writer>> recent_writer(Duration time_to_live) const;
  Result<std::unique_ptr<recent::Reader>> recent_reader() const;

  // For cauce backup: copies of single stores, taken beside the processes that write them, below
  // `target`, which is laid out like a data directory. What was never written is left out. Nothing
  // is synced. app/backup_order.h says in which order.
  Result<std::unique_ptr<stream::Snapshot>> pin_topic(const std::string& name) const;
  Result<void> copy_jobs(const std::filesystem::path& target) const;
  Result<void> copy_recent(const std::filesystem::path& target) const;
  Result<void> copy_business(const std::filesystem::path& target, bool with_key) const;

 private:
  std::filesystem::path data_;
  const Clock& clock_;
  metrics::Metrics* metrics_;
  const PackedTopics packed_;
  std::unique_ptr<disk::Directory> streams_;
};

}  // namespace cauce::app

// The stores of an installation. engines.cpp is the only place of the program that names an engine.
// Everything is below one data directory, laid out as docs/architecture.md says.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "business/business.h"
#include "disk/directory.h"
#include "jobs/jobs.h"
#include "metrics/metrics.h"
#include "objects/objects.h"
#include "recent/recent.h"
#include "stream/stream.h"

namespace cauce::app {

class Engines {
 public:
  // `clock` and `metrics` outlive this and all that it makes; without `metrics` nothing is counted.
  Engines(std::filesystem::path data, const Clock& clock, metrics::Metrics* metrics = nullptr);
  ~Engines();

  const std::filesystem::path& data() const { return data_; }

  // "raw", "readings", "facts", "events" or "commands".
  std::unique_ptr<stream::Topic> topic(std::string_view name) const;
  std::unique_ptr<objects::Objects> objects() const;
  // `random` makes the secrets of what the store keeps encrypted; it outlives the store.
  std::unique_ptr<business::Store> business(Random& random) const;
  Result<std::unique_ptr<jobs::Jobs>> jobs() const;
  std::unique_ptr<jobs::Gauge> jobs_gauge() const;
  Result<std::unique_ptr<recent::Writer>> recent_writer(Duration time_to_live) const;
  Result<std::unique_ptr<recent::Reader>> recent_reader() const;

 private:
  std::filesystem::path data_;
  const Clock& clock_;
  metrics::Metrics* metrics_;
  std::unique_ptr<disk::Directory> streams_;
};

}  // namespace cauce::app

#include <fmt/core.h>

#include "app/wiring.h"
#include "stats/feeder.h"
#include "stats/worker.h"

namespace cauce::app {
namespace {

// Jobs for one series gather for this long: one commit of the recent store serves them all.
constexpr delivery::Options feeding{.window = std::chrono::milliseconds{100},
                                    .batch_bytes_max = 8 << 20};

class StatsRole final : public Role {
 public:
  Result<void> open(const Machine& machine);

  std::vector<work::Worker*> workers() override {
    std::vector<work::Worker*> all{to_jobs_.get(), expiry_.get()};
    for (const auto& worker : workers_)
      all.push_back(worker.get());
    return all;
  }

 private:
  std::unique_ptr<jobs::Jobs> jobs_;
  std::unique_ptr<recent::Writer> recent_;
  std::unique_ptr<stats::Committer> committer_;
  std::vector<std::unique_ptr<work::Worker>> workers_;
  std::unique_ptr<work::Worker> expiry_;
  std::unique_ptr<stats::Feeder> feeder_;
  std::unique_ptr<work::Worker> to_jobs_;
};

Result<void> StatsRole::open(const Machine& machine) {
  const Config& config = machine.config;
  if (auto done = put(machine.engines.jobs(), jobs_); !done) return done;
  if (auto done = put(machine.engines.recent_writer(config.recent_ttl), recent_); !done) {
    return done;
  }
  committer_ = std::make_unique<stats::Committer>(*recent_);
  for (std::uint32_t number = 0; number < config.stats_workers; ++number) {
    stats::WorkerOptions options;
    options.holder = fmt::format("stats-{}", number);
    options.meters = stats::Meters::in(machine.metrics);
    workers_.push_back(stats::work_on(*jobs_, *committer_, machine.clock, std::move(options)));
  }
  expiry_ = stats::expire_hourly(*committer_, machine.clock);
  feeder_ = std::make_unique<stats::Feeder>(*jobs_, stream::Partition{0}, [this] {
    for (const auto& worker : workers_)
      worker->wake();
  });
  return put(deliver_topic(machine, "facts", "jobs", *feeder_, feeding), to_jobs_);
}

}  // namespace

Result<std::unique_ptr<Role>> make_stats(const Machine& machine) {
  return open_role<StatsRole>(machine);
}

}  // namespace cauce::app

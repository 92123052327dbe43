#include "stats/worker.h"

#include <fmt/core.h>

#include <optional>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "base/log.h"
#include "work/signal.h"

namespace cauce::stats {
namespace {

constexpr Duration expire_interval = std::chrono::hours{1};

bool may_pass(const Error& error) {
  return error.outcome == Outcome::exhausted || error.outcome == Outcome::unavailable;
}

// Says once that something does not go on, and once that it does again.
class Trouble {
 public:
  void begins(const Error& error) {
    if (!std::exchange(present_, true)) log::warning(error.during("statistics wait").message);
  }
  void ends() {
    if (std::exchange(present_, false)) log::notice("statistics go on");
  }

 private:
  bool present_ = false;
};

class StatsWorker final : public work::Worker {
 public:
  StatsWorker(jobs::Jobs& jobs, Committer& committer, const Clock& clock, WorkerOptions options)
      : jobs_(jobs), committer_(committer), clock_(clock), options_(std::move(options)) {}

  std::string_view name() const override { return options_.holder; }
  Result<work::Progress> step() override;
  void wait(Duration span_max) override { signal_.wait(span_max); }
  void wake() override { signal_.set(); }

 private:
  Result<std::vector<jobs::Lease>> lease();
  Result<void> process(const std::vector<jobs::Lease>& leases);
  void give_back(const std::vector<jobs::Lease>& leases);

  jobs::Jobs& jobs_;
  Committer& committer_;
  const Clock& clock_;
  const WorkerOptions options_;
  Trouble trouble_;
  work::Signal signal_;
};

Result<work::Progress> StatsWorker::step() {
  auto leases = lease();
  Result<void> processed;
  if (leases) processed = process(*leases);
  if (leases && processed) {
    trouble_.ends();
    return leases->empty() ? work::Progress::idle : work::Progress::worked;
  }
  const Error& error = leases ? processed.error() : leases.error();
  if (!may_pass(error)) return error.during("statistics");
  trouble_.begins(error);
  if (leases) give_back(*leases);
  return work::Progress::idle;
}

Result<std::vector<jobs::Lease>> StatsWorker::lease() {
  std::vector<jobs::Lease> leases;
  std::size_t bytes = 0;
  while (leases.size() < options_.leases_max && bytes < options_.step_bytes_max) {
    auto lease =
        jobs_.lease(options_.holder, clock_.now(), options_.lease_span, options_.lease_jobs_max);
    if (!lease) {
      give_back(leases);
      return lease.error();
    }
    if (lease->jobs.empty()) break;
    for (const jobs::Job& job : lease->jobs)
      bytes += job.facts.size();
    leases.push_back(std::move(*lease));
  }
  return leases;
}

Result<void> StatsWorker::process(const std::vector<jobs::Lease>& leases) {
  NewFacts facts;
  for (const jobs::Lease& lease : leases) {
    for (const jobs::Job& job : lease.jobs) {
      if (auto added = facts.add(job.series, job.facts); !added) return added;
    }
  }
  if (facts.empty()) return {};
  facts.settle();
  const Duration began = clock_.elapsed();
  if (auto committed = committer_.commit(facts); !committed) return committed;
  options_.meters.commits.observe(clock_.elapsed() - began);
  FAILPOINT("stats.after_commit");
  for (const jobs::Lease& lease : leases) {
    const auto finished = jobs_.finish(lease, clock_.now());
    if (finished) options_.meters.jobs.add(lease.jobs.size());
    if (finished) continue;
    // Whoever has the lease now does the same work again, to no effect.
    if (finished.error().outcome != Outcome::conflict) return finished;
    log::notice(finished.error().message);
  }
  return {};
}

// What cannot be given back passes on when its lease ends.
void StatsWorker::give_back(const std::vector<jobs::Lease>& leases) {
  for (const jobs::Lease& lease : leases)
    static_cast<void>(jobs_.give_back(lease));
}

class ExpiryWorker final : public work::Worker {
 public:
  ExpiryWorker(Committer& committer, const Clock& clock) : committer_(committer), clock_(clock) {}

  std::string_view name() const override { return "expiry"; }
  void wait(Duration span_max) override { signal_.wait(span_max); }
  void wake() override { signal_.set(); }

  Result<work::Progress> step() override {
    const Duration elapsed = clock_.elapsed();
    if (last_ && elapsed - *last_ < expire_interval) return work::Progress::idle;
    const auto removed = committer_.expire(clock_.now());
    if (!removed && !may_pass(removed.error())) {
      return removed.error().during("expire recent data");
    }
    if (!removed) log::warning(removed.error().during("expire recent data").message);
    if (removed && *removed > 0) {
      log::notice(fmt::format("{} months of recent data have passed their time to live", *removed));
    }
    last_ = elapsed;
    return work::Progress::idle;
  }

 private:
  Committer& committer_;
  const Clock& clock_;
  std::optional<Duration> last_;  // when expiry last ran
  work::Signal signal_;
};

}  // namespace

Meters Meters::in(metrics::Metrics& metrics) {
  return {metrics.counter("cauce_stats_jobs_total", "Jobs of statistics that were done."),
          metrics.histogram("cauce_stats_commit_seconds",
                            "Computing the statistics of a batch of jobs and storing them.")};
}

Result<void> Committer::commit(const NewFacts& facts) {
  const std::lock_guard lock{mutex_};
  const auto change = recomputer_.recompute(facts);
  if (!change) return change.error();
  FAILPOINT("stats.before_commit");
  return writer_.commit(*change);
}

Result<std::size_t> Committer::expire(Time now) {
  const std::lock_guard lock{mutex_};
  recomputer_.forget();
  return writer_.expire(now);
}

std::unique_ptr<work::Worker> work_on(jobs::Jobs& jobs, Committer& committer, const Clock& clock,
                                      WorkerOptions options) {
  return std::make_unique<StatsWorker>(jobs, committer, clock, std::move(options));
}

std::unique_ptr<work::Worker> expire_hourly(Committer& committer, const Clock& clock) {
  return std::make_unique<ExpiryWorker>(committer, clock);
}

}  // namespace cauce::stats

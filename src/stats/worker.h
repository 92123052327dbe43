// Turns queued facts into recent points and aggregates. Several workers may run: each leases
// shards of its own and reads its jobs in parallel; from reading the store to committing it, they
// go one after the other through one Committer. So no change is ever computed from what another
// commit has just replaced, even when a lease has passed on to a second worker; and the store is
// committed from one thread at a time, as it asks.
//
// Order of a step: lease, commit `recent`, finish. A crash in between brings the same jobs again,
// and they change nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "jobs/jobs.h"
#include "metrics/metrics.h"
#include "recent/recent.h"
#include "stats/recompute.h"
#include "work/worker.h"

namespace cauce::stats {

// Any thread. Whatever is committed to the store goes through the one Committer of its process.
class Committer {
 public:
  explicit Committer(recent::Writer& writer, Recomputer::Options options = {})
      : writer_(writer), recomputer_(writer.reader(), options) {}

  // Brings settled facts in, durably.
  Result<void> commit(const NewFacts& facts);
  // As recent::Writer::expire.
  Result<std::size_t> expire(Time now);

 private:
  std::mutex mutex_;  // guards the two below, and the store between reading and commit
  recent::Writer& writer_;
  Recomputer recomputer_;
};

struct Meters {
  metrics::Counter jobs;       // finished
  metrics::Histogram commits;  // of the recent store, with the statistics computed for them

  static Meters in(metrics::Metrics& metrics);
};

struct WorkerOptions {
  // Names the worker in its leases; no two workers have the same.
  std::string holder = "stats-0";
  // Longer than the slowest step: a sync of a busy disk takes seconds, not a minute.
  Duration lease_span = std::chrono::minutes{1};
  std::size_t lease_jobs_max = 256;
  // One step leases shards until it has this many, or facts of this size: one commit, and so one
  // sync of the disk, for all of them.
  std::size_t leases_max = jobs::shard_count;
  std::size_t step_bytes_max = 16 << 20;
  Meters meters = {};
};

// `name` is at most 15 characters: the holder. Everything given outlives the worker.
std::unique_ptr<work::Worker> work_on(jobs::Jobs& jobs, Committer& committer, const Clock& clock,
                                      WorkerOptions options);

// Deletes what is older than the time to live: when it starts, and then once an hour.
std::unique_ptr<work::Worker> expire_hourly(Committer& committer, const Clock& clock);

}  // namespace cauce::stats

// The queue of time series to process. A job is one series with the facts that have arrived for
// it; series are spread over 256 shards by hash, and a shard is leased to one worker at a time, so
// no two workers ever compute one series at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "stream/stream.h"

namespace cauce::jobs {

constexpr std::uint32_t shard_count = 256;
constexpr std::size_t job_bytes_max = 256UL * 1024;

std::uint32_t shard_of(std::string_view series);

struct NewJob {
  std::string series;  // record::to_text(Series)
  Bytes facts;         // encoded facts, each put_sized; at most job_bytes_max
};

struct Job {
  std::uint64_t id = 0;
  std::string series;
  Bytes facts;
};

// A shard's jobs, oldest first, and the right to finish them until the lease ends.
struct Lease {
  std::uint32_t shard = 0;
  std::string holder;
  std::vector<Job> jobs;
};

struct Depth {
  std::uint64_t jobs = 0;
  Time oldest_added_at;  // meaningless without jobs
};

// How much waits; for processes that do not own the queue. One thread.
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual Result<Depth> depth() = 0;
};

// Any thread.
class Jobs : public Gauge {
 public:
  // Adds the jobs of one batch of `facts` and moves the cursor to `source.to` in one transaction.
  // `conflict` unless source.from is the cursor; `exhausted` while jobs_max wait.
  virtual Result<void> add(const std::vector<NewJob>& jobs, stream::Source source) = 0;
  // One past the last fact that became a job.
  virtual Result<stream::Position> cursor(stream::Partition source) = 0;

  // Up to `jobs_max` jobs of one shard that nobody holds; no jobs when there is none. The lease
  // ends at now + `lease_span`: after that the jobs go to whoever asks.
  virtual Result<Lease> lease(std::string_view holder, Time now, Duration lease_span,
                              std::size_t jobs_max) = 0;
  // Deletes the jobs, which are done, and frees the shard. `conflict` when the lease has passed to
  // somebody else: the jobs stay theirs.
  virtual Result<void> finish(const Lease& lease, Time now) = 0;
  // Frees the shard without deleting: the jobs are tried again.
  virtual Result<void> give_back(const Lease& lease) = 0;
};

}  // namespace cauce::jobs

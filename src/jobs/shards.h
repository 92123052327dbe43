// Which shard is leased to whom, and how many jobs wait in each: kept in memory by the engines that
// run inside the one process whose workers take the jobs. When that process ends, so do its leases.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "jobs/jobs.h"

namespace cauce::jobs {

struct Limits {
  // Waiting jobs; `add` answers exhausted rather than pass it, except into an empty queue.
  std::uint64_t jobs_max = 200'000;
  // A lease stops at the job with which its facts reach this: what a worker takes into memory.
  std::size_t lease_bytes_max = 4 << 20;
};

// `invalid` naming the job that breaks jobs.h, or a source range that runs backwards.
Result<void> check(const std::vector<NewJob>& jobs, const stream::Source& source);
// `conflict` unless the source begins where the last one ended.
Result<void> check_follows(const stream::Source& source, stream::Position cursor);

// One thread.
class Shards {
 public:
  explicit Shards(std::uint64_t jobs_max) : jobs_max_(jobs_max) {}

  // `exhausted` when `count` more jobs do not fit.
  Result<void> admit(std::uint64_t count) const;
  void added(std::uint32_t shard, std::uint64_t count);
  void finished(std::uint32_t shard, std::uint64_t count);
  std::uint64_t waiting() const { return waiting_; }
  std::uint64_t waiting(std::uint32_t shard) const { return shards_[shard].waiting; }

  // The next shard, going round, that has jobs and that nobody holds at `now`; it is then held.
  std::optional<std::uint32_t> take(std::string_view holder, Time now, Duration span);
  // `conflict` unless `lease` still has its shard.
  Result<void> check_held(const Lease& lease) const;
  void release(std::uint32_t shard);

 private:
  struct Shard {
    std::uint64_t waiting = 0;
    std::string holder;  // empty when nobody holds it
    Time held_until;
  };

  const std::uint64_t jobs_max_;
  std::array<Shard, shard_count> shards_;
  std::uint64_t waiting_ = 0;
  std::uint32_t next_ = 0;  // where take() begins to look
};

}  // namespace cauce::jobs

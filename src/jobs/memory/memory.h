// The queue in memory: for tests, and for whoever runs without a disk.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <mutex>

#include "base/clock.h"
#include "jobs/jobs.h"
#include "jobs/shards.h"

namespace cauce::jobs::memory {

class Queue final : public Jobs {
 public:
  Queue(const Clock& clock, Limits limits);

  Result<void> add(const std::vector<NewJob>& jobs, stream::Source source) override;
  Result<stream::Position> cursor(stream::Partition source) override;
  Result<Lease> lease(std::string_view holder, Time now, Duration lease_span,
                      std::size_t jobs_max) override;
  Result<void> finish(const Lease& lease, Time now) override;
  Result<void> give_back(const Lease& lease) override;
  Result<Depth> depth() override;

 private:
  struct Waiting {
    Job job;
    Time added_at;
  };

  const Clock& clock_;
  const Limits limits_;
  std::mutex mutex_;  // guards all below
  Shards shards_;
  std::array<std::deque<Waiting>, shard_count> waiting_;  // oldest first
  std::map<stream::Partition, stream::Position> cursors_;
  std::uint64_t next_id_ = 1;
};

}  // namespace cauce::jobs::memory

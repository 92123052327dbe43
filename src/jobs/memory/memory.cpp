#include "jobs/memory/memory.h"

#include <algorithm>

namespace cauce::jobs::memory {

Queue::Queue(const Clock& clock, Limits limits)
    : clock_(clock), limits_(limits), shards_(limits.jobs_max) {}

Result<void> Queue::add(const std::vector<NewJob>& jobs, stream::Source source) {
  if (auto checked = check(jobs, source); !checked) return checked;
  const Time now = clock_.now();
  const std::lock_guard lock{mutex_};
  stream::Position& cursor = cursors_[source.partition];
  if (auto follows = check_follows(source, cursor); !follows) return follows;
  if (auto admitted = shards_.admit(jobs.size()); !admitted) return admitted;
  for (const NewJob& job : jobs) {
    const std::uint32_t shard = shard_of(job.series);
    waiting_[shard].push_back({{next_id_++, job.series, job.facts}, now});
    shards_.added(shard, 1);
  }
  cursor = source.to;
  return {};
}

Result<stream::Position> Queue::cursor(stream::Partition source) {
  const std::lock_guard lock{mutex_};
  const auto found = cursors_.find(source);
  return found == cursors_.end() ? stream::Position{} : found->second;
}

Result<Lease> Queue::lease(std::string_view holder, Time now, Duration lease_span,
                           std::size_t jobs_max) {
  const std::lock_guard lock{mutex_};
  Lease lease{0, std::string{holder}, {}};
  const auto shard = shards_.take(holder, now, lease_span);
  if (!shard) return lease;
  lease.shard = *shard;
  std::size_t bytes = 0;
  for (const Waiting& waiting : waiting_[*shard]) {
    if (lease.jobs.size() >= jobs_max || bytes >= limits_.lease_bytes_max) break;
    lease.jobs.push_back(waiting.job);
    bytes += waiting.job.facts.size();
  }
  return lease;
}

Result<void> Queue::finish(const Lease& lease, Time) {
  const std::lock_guard lock{mutex_};
  if (auto held = shards_.check_held(lease); !held) return held;
  auto& waiting = waiting_[lease.shard];
  for (const Job& job : lease.jobs) {
    const auto count = std::erase_if(
        waiting, [&](const Waiting& candidate) { return candidate.job.id == job.id; });
    shards_.finished(lease.shard, count);
  }
  shards_.release(lease.shard);
  return {};
}

Result<void> Queue::give_back(const Lease& lease) {
  const std::lock_guard lock{mutex_};
  if (auto held = shards_.check_held(lease); !held) return held;
  shards_.release(lease.shard);
  return {};
}

Result<Depth> Queue::depth() {
  const std::lock_guard lock{mutex_};
  Depth depth{shards_.waiting(), clock_.now()};
  for (const auto& waiting : waiting_) {
    if (!waiting.empty())
      depth.oldest_added_at = std::min(depth.oldest_added_at, waiting.front().added_at);
  }
  return depth;
}

}  // namespace cauce::jobs::memory

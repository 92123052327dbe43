#include "jobs/shards.h"

#include <fmt/core.h>

#include "base/invariant.h"
#include "record/fact.h"

namespace cauce::jobs {

// FNV-1a, 64 bits (Fowler, Noll, Vo), folded to eight: even for names that differ in one digit.
std::uint32_t shard_of(std::string_view series) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : series)
    hash = (hash ^ std::uint8_t(byte)) * 0x100000001b3;
  hash ^= hash >> 32;
  hash ^= hash >> 16;
  hash ^= hash >> 8;
  return std::uint32_t(hash % shard_count);
}

Result<void> check(const std::vector<NewJob>& jobs, const stream::Source& source) {
  if (source.to < source.from) {
    return Error{Outcome::invalid, fmt::format("jobs from facts [{}, {}) run backwards",
                                               source.from.number, source.to.number)};
  }
  for (const NewJob& job : jobs) {
    if (job.series.empty() || job.series.size() > record::series_bytes_max) {
      return Error{Outcome::invalid,
                   fmt::format("a job's series has {} bytes; it must have 1 to {}",
                               job.series.size(), record::series_bytes_max)};
    }
    if (job.facts.size() > job_bytes_max) {
      return Error{Outcome::invalid,
                   fmt::format("a job of series {} holds {} bytes of facts, past the limit of {}; "
                               "split it",
                               job.series, job.facts.size(), job_bytes_max)};
    }
  }
  return {};
}

Result<void> check_follows(const stream::Source& source, stream::Position cursor) {
  if (source.from == cursor) return {};
  return Error{
      Outcome::conflict,
      fmt::format("jobs from facts [{}, {}) of partition {} were refused: the queue's "
                  "cursor stands at {}; go on from there",
                  source.from.number, source.to.number, source.partition.number, cursor.number)};
}

Result<void> Shards::admit(std::uint64_t count) const {
  if (waiting_ == 0 || waiting_ + count <= jobs_max_) return {};
  return Error{Outcome::exhausted,
               fmt::format("{} jobs wait and {} more would pass the limit of {}; try again when "
                           "the workers have caught up",
                           waiting_, count, jobs_max_)};
}

void Shards::added(std::uint32_t shard, std::uint64_t count) {
  shards_[shard].waiting += count;
  waiting_ += count;
}

void Shards::finished(std::uint32_t shard, std::uint64_t count) {
  INVARIANT(count <= shards_[shard].waiting);
  shards_[shard].waiting -= count;
  waiting_ -= count;
}

std::optional<std::uint32_t> Shards::take(std::string_view holder, Time now, Duration span) {
  for (std::uint32_t step = 0; step < shard_count; ++step) {
    const std::uint32_t number = (next_ + step) % shard_count;
    Shard& shard = shards_[number];
    const bool held = !shard.holder.empty() && now < shard.held_until;
    if (shard.waiting == 0 || held) continue;
    shard.holder = holder;
    shard.held_until = now + span;
    next_ = (number + 1) % shard_count;
    return number;
  }
  return std::nullopt;
}

Result<void> Shards::check_held(const Lease& lease) const {
  INVARIANT(lease.shard < shard_count);
  const Shard& shard = shards_[lease.shard];
  if (!lease.holder.empty() && shard.holder == lease.holder) return {};
  return Error{Outcome::conflict,
               fmt::format("the lease of {} on shard {} has passed on; its {} jobs are done again",
                           lease.holder, lease.shard, lease.jobs.size())};
}

void Shards::release(std::uint32_t shard) {
  shards_[shard].holder.clear();
}

}  // namespace cauce::jobs

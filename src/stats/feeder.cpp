#include "stats/feeder.h"

#include <fmt/core.h>

#include <unordered_map>
#include <utility>

#include "record/fact.h"

namespace cauce::stats {
namespace {

constexpr std::size_t size_bytes = 4;  // what put_sized adds to a fact

// The jobs of one batch: facts in the order of the stream, one open job for each series.
class Grouping {
 public:
  void add(std::string series, BytesView fact) {
    const auto [entry, is_new] = open_.try_emplace(std::move(series), jobs_.size());
    const bool full = !is_new && jobs_[entry->second].facts.size() + size_bytes + fact.size() >
                                     jobs::job_bytes_max;
    if (full) entry->second = jobs_.size();
    if (is_new || full) jobs_.push_back({entry->first, {}});
    put_sized(jobs_[entry->second].facts, fact);
  }

  std::vector<jobs::NewJob> take() { return std::move(jobs_); }

 private:
  std::vector<jobs::NewJob> jobs_;
  std::unordered_map<std::string, std::size_t> open_;  // where in jobs_ the series' last job is
};

}  // namespace

Feeder::Feeder(jobs::Jobs& jobs, stream::Partition partition, std::function<void()> added)
    : jobs_(jobs), partition_(partition), added_(std::move(added)) {}

Result<stream::Position> Feeder::resume_at() {
  return jobs_.cursor(partition_);
}

Result<void> Feeder::deliver(const stream::Batch& batch) {
  Grouping grouping;
  for (std::size_t index = 0; index < batch.records.size(); ++index) {
    const auto fact = record::decode_fact(batch.records[index]);
    if (!fact) {
      return Error{Outcome::corrupt, fmt::format("facts at position {}: {}",
                                                 batch.from.number + index, fact.error().message)};
    }
    grouping.add(record::to_text(record::series_of(*fact)), batch.records[index]);
  }
  const auto jobs = grouping.take();
  auto added = jobs_.add(jobs, {batch.partition, batch.from, batch.to});
  if (added && !jobs.empty()) added_();
  return added;
}

}  // namespace cauce::stats

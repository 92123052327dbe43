// Takes batches of the topic `facts` and makes one job for each series in them, in one transaction
// with the cursor: no fact is queued twice, none is forgotten.
#pragma once

#include <functional>

#include "delivery/delivery.h"
#include "jobs/jobs.h"

namespace cauce::stats {

// One thread. Give it to delivery::deliver as the sink of group `jobs`.
class Feeder final : public delivery::Sink {
 public:
  // `added` runs after each batch that made jobs: it wakes the workers, and must not block.
  Feeder(jobs::Jobs& jobs, stream::Partition partition, std::function<void()> added);

  Result<stream::Position> resume_at() override;
  // `corrupt` when a record is not a fact: nothing of the batch is then queued.
  Result<void> deliver(const stream::Batch& batch) override;

 private:
  jobs::Jobs& jobs_;
  const stream::Partition partition_;
  const std::function<void()> added_;
};

}  // namespace cauce::stats

// The warehouse's facts: every fact of the topic `facts` as a row of a Parquet object, by company
// and UTC day of the fact's time. Batches are delivery's; a batch becomes visible as a whole when
// its manifest entry is committed, and the manifest's end is where the next one begins.
//
// A device says what time it is, so a few messages can hold facts of every day there is. A batch
// that touches too many days is committed in parts, one manifest entry each.
//
// Within one part only the fact with the largest origin of each (series, time) is written; across
// parts and batches the view `facts` of query.h chooses in the same way.
#pragma once

#include "base/clock.h"
#include "objects/objects.h"
#include "warehouse/day_files.h"

namespace cauce::warehouse {

struct FactsOptions {
  stream::Partition partition;  // of the topic `facts`
  // Pairs of company and day in one manifest entry: each is an object and three syncs. 1,000 is
  // far beyond what honest devices need, and far below objects::entry_objects_max.
  std::size_t company_days_max = 1000;
  DayFilesOptions files;
};

// What delivery asks of a sink (delivery.h), which is a neighbour: app/ joins the two. One thread.
class Facts {
 public:
  Facts(objects::Objects& objects, const Clock& clock, FactsOptions options);

  // Takes over from any earlier writer and sweeps its orphans. Once, before the rest.
  Result<void> open();
  // One past the last committed position of the topic.
  stream::Position resume_at() const;
  // Commits the batch whole, and of one that comes again what is missing. `conflict`: a later
  // writer took over, stop; `exhausted` and `unavailable`: give the same batch again later.
  Result<void> deliver(const stream::Batch& batch);

 private:
  // Commits the records from index `first` on; answers the index where the next part begins.
  Result<std::size_t> deliver_part(const stream::Batch& batch, std::size_t first);

  const stream::Partition partition_;
  const std::size_t company_days_max_;
  DayFiles files_;
};

}  // namespace cauce::warehouse

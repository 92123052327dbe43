// The warehouse's facts: every fact of the topic `facts` as a row of a Parquet object, by company
// and UTC day of the fact's time. Batches are delivery's; a batch becomes visible as a whole when
// its manifest entry is committed, and the manifest's end is where the next one begins.
//
// Within one batch only the fact with the largest origin of each (series, time) is written; across
// batches the view `facts` of query.h chooses in the same way.
#pragma once

#include "base/clock.h"
#include "objects/objects.h"
#include "warehouse/day_files.h"

namespace cauce::warehouse {

struct FactsOptions {
  stream::Partition partition;  // of the topic `facts`
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
  // Commits the batch whole. `conflict`: a later writer took over, stop; `exhausted` and
  // `unavailable`: give the same batch again later.
  Result<void> deliver(const stream::Batch& batch);

 private:
  const stream::Partition partition_;
  DayFiles files_;
};

}  // namespace cauce::warehouse

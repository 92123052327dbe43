// The warehouse's facts: every fact of the topic `facts` as a row of a Parquet object, by company
// and UTC day of the fact's time. Batches are delivery's; a batch becomes visible as a whole when
// its manifest entry is committed, and the manifest's end is where the next one begins.
//
// Within one batch only the fact with the largest origin of each (series, time) is written; across
// batches the view `facts` of query.h chooses in the same way.
#pragma once

#include <memory>

#include "base/clock.h"
#include "delivery/delivery.h"
#include "objects/objects.h"
#include "warehouse/day_files.h"

namespace cauce::warehouse {

struct FactsOptions {
  stream::Partition partition;  // of the topic `facts`
  DayFilesOptions files;
};

// Takes over from any earlier writer and sweeps its orphans. `conflict` from deliver() means that
// a later writer took over: stop.
Result<std::unique_ptr<delivery::Sink>> open_facts(objects::Objects& objects, const Clock& clock,
                                                   FactsOptions options);

}  // namespace cauce::warehouse

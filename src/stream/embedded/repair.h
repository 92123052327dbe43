// The embedded engine's part in `cauce stream repair`: makes the segments anew that a plan
// (repair_plan.h) says are damaged, one after the other.
//
// It may be killed at any moment and begun again: what is damaged is set aside and durable before
// the segment that replaces it gets its name, in one rename; the head is made right last, so that
// until then recovery refuses rather than to cut.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "disk/directory.h"
#include "stream/repair.h"

namespace cauce::stream::embedded {

// What each partition of the topic `name` of `root` needs, and with options.apply it is done. None
// when it was never written. `conflict` naming the holder when somebody writes the topic. Positions
// below a group's cursor were given, whatever the files say.
Result<std::vector<RepairedPartition>> repair_topic(disk::Directory& root, const std::string& name,
                                                    const RepairOptions& options,
                                                    const Clock& clock);

}  // namespace cauce::stream::embedded

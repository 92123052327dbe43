// The embedded engine's part in `cauce stream describe`: looks at heads, names and headers, and at
// two records of each partition.
#pragma once

#include <string>
#include <vector>

#include "disk/directory.h"
#include "stream/description.h"

namespace cauce::stream::embedded {

// Every partition of the topic `name` of `root`, as far as its head says; none when it was never
// written. Beside a writer or without one; changes nothing.
Result<std::vector<DescribedPartition>> describe_topic(disk::Directory& root,
                                                       const std::string& name);

}  // namespace cauce::stream::embedded

// What lies in the directories of a topic: its partitions, the segments of one, its head.
#pragma once

#include <optional>
#include <vector>

#include "disk/directory.h"
#include "stream/embedded/head.h"
#include "stream/stream.h"

namespace cauce::stream::embedded {

// The partitions that were ever written, ascending; none when the topic's directory is absent.
Result<std::vector<Partition>> find_partitions(disk::Directory& topic);

// The bases of the segments, ascending. Beside a writer they may be deleted at any moment.
Result<std::vector<Position>> find_segments(disk::Directory& partition);

// What the head says; nullopt when it is absent or damaged.
Result<std::optional<Durable>> load_head(disk::Directory& partition);

}  // namespace cauce::stream::embedded

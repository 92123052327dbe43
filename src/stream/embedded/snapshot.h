// The embedded engine's part in a backup: holds a topic's segments open, so that they stay readable
// when retention unlinks them, and copies their whole frames.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "disk/directory.h"
#include "stream/embedded/head.h"
#include "stream/embedded/recovery.h"
#include "stream/snapshot.h"

namespace cauce::stream::embedded {

// One partition. One thread.
class PartitionSnapshot {
 public:
  PartitionSnapshot(std::unique_ptr<disk::Directory> directory, std::string topic,
                    Partition partition)
      : directory_(std::move(directory)), topic_(std::move(topic)), partition_(partition) {}

  // Holds all segments that are there now.
  Result<void> pin();
  // What there is now, when the last segment is sound. Pins nothing else: ask a fresh one.
  Result<CopiedPartition> check();
  // As Snapshot::copy_to.
  Result<CopiedPartition> copy_to(disk::Directory& target, std::optional<Position> source_max);

 private:
  using Segments = std::map<Position, std::unique_ptr<disk::File>>;

  Result<void> hold_new_segments(bool may_begin_again);
  Result<Recovered> inspect(Segments::const_iterator segment, const std::optional<Durable>& head);
  Result<void> check_end(const CopiedPartition& found, const std::optional<Durable>& head) const;
  std::string path_of(Position base) const;

  const std::unique_ptr<disk::Directory> directory_;
  const std::string topic_;
  const Partition partition_;
  Segments segments_;  // by base; held open
};

// Looks at the last segment of each partition as recovery would, and at the names of the others;
// changes nothing. `corrupt` for what recovery would refuse.
Result<std::vector<CopiedPartition>> check_topic(disk::Directory& root, const std::string& name);

// Pins the topic `name` of `root`; a topic that was never written gives an empty copy.
Result<std::unique_ptr<Snapshot>> pin_topic(disk::Directory& root, const std::string& name);

}  // namespace cauce::stream::embedded

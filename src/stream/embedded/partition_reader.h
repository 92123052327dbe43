// Reads one partition, in whatever process: follows its head, crosses its segments, lives with
// segments that are deleted under it and with a partition that does not exist yet.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "disk/directory.h"
#include "stream/embedded/head.h"
#include "stream/embedded/segment_reader.h"
#include "stream/stream.h"

namespace cauce::stream::embedded {

// One thread.
class PartitionReader final {
 public:
  PartitionReader(std::unique_ptr<disk::Directory> directory, Partition partition)
      : directory_(std::move(directory)), partition_(partition) {}

  // As Reader says.
  Result<Batch> read(Position from, std::size_t bytes_max);
  Result<Position> position_at(Time time);
  Result<Position> derived_end(Partition source);

  // All zero before the first writer.
  Result<Durable> durable();
  // nullptr before the first writer; stays valid as long as this reader.
  Result<const Head*> head();

 private:
  Result<std::optional<Frame>> find_frame(Position position, const Durable& durable);
  Result<void> open_segment(Position position, const Durable& durable);
  Result<std::vector<Position>> kept_segments(const Durable& durable);
  Result<std::size_t> count_created_before(Time time, const std::vector<Position>& bases);
  Result<std::uint64_t> limit_of(SegmentReader& segment, const Durable& durable);
  Result<void> follow_derived(const Durable& durable);

  const std::unique_ptr<disk::Directory> directory_;
  const Partition partition_;
  std::unique_ptr<Head> head_;
  std::unique_ptr<SegmentReader> segment_;        // the one read last
  std::unique_ptr<SegmentReader> timed_segment_;  // the one that position_at() looked into last

  // How far the sources are derived by the frames of the last segment before `derived_place_`.
  std::unique_ptr<SegmentReader> derived_segment_;
  Place derived_place_;
  std::map<Partition, Position> derived_ends_;
};

}  // namespace cauce::stream::embedded

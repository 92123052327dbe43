// The embedded engine's part in `cauce stream verify`: walks every frame of every segment.
//
// What is judged, beyond what segment_walk.h checks within a segment: that segments follow on each
// other without a hole, in positions and in time; that each restates how far the sources were
// derived before it; that all that the head says is durable is there; that no cursor of a group
// stands beyond the end. A gap is told and is no damage. A head that is missing or damaged is none:
// the next start makes it again. Memory is bounded by the longest frame, whatever the topic holds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "disk/directory.h"
#include "stream/embedded/head.h"
#include "stream/embedded/segment_walk.h"
#include "stream/verification.h"

namespace cauce::stream::embedded {

// One partition. One thread.
class PartitionVerification {
 public:
  PartitionVerification(disk::Directory& directory, std::string topic, Partition partition,
                        const VerificationListener& listener)
      : directory_(directory), topic_(std::move(topic)), listener_(listener) {
    found_.partition = partition;
  }

  // An error only when the files may not be read, or are of a later version; damage is told.
  Result<VerifiedPartition> run();

 private:
  // What the segments before the one that is walked say about it.
  struct Before {
    Position end;
    Time appended_at_last;
    std::map<Partition, Position> derived_ends;
  };
  // The segment that is walked.
  struct Segment {
    Position base;
    std::optional<Position> next_base;  // of the one after it
    std::string path;
  };

  Result<void> verify_segment(const Segment& segment);
  Result<void> walk_segment(SegmentWalk& walk, const Segment& segment);
  void check_begin(const SegmentWalk& walk, const Segment& segment);
  void check_restated(const SegmentWalk& walk, const Segment& segment);
  Result<bool> is_unfinished(SegmentWalk& walk, const Flaw& flaw, const Segment& segment);
  bool is_promised(const Flaw& flaw, const Segment& segment) const;
  Result<void> pass(SegmentWalk& walk, const Flaw& flaw, const Segment& segment);
  Result<void> give_up(const Error& error, Position from, const Segment& segment);
  void leave_out(const Segment& segment, Position from);
  Position end_of(const Segment& segment, Position at_least) const;
  void check_first(const std::vector<Position>& bases);
  void check_end();

  void tell(const std::string& what, Position from, Position to);
  void note_gap(const Segment& segment, const FrameHeader& header, const GapNote& note);

  disk::Directory& directory_;
  const std::string topic_;
  const VerificationListener& listener_;
  std::optional<Durable> head_;
  VerifiedPartition found_;
  std::optional<Before> before_;
};

// Every partition of the topic `name` of `root`; none when it was never written.
Result<std::vector<VerifiedPartition>> verify_topic(disk::Directory& root, const std::string& name,
                                                    const VerificationListener& listener);

}  // namespace cauce::stream::embedded

// Judges the files of a partition and decides how each damaged segment is made anew: which bytes of
// it are kept, which are set aside, and which positions become a gap. It changes nothing.
//
// Goes by the same rules as verification.h, and saves more: behind a damaged segment header the
// frames are found by the checksum that ties them to it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "disk/directory.h"
#include "stream/embedded/head.h"
#include "stream/embedded/segment_walk.h"
#include "stream/repair.h"

namespace cauce::stream::embedded {

// Bytes [offset, offset + bytes) of the segment as it is.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

// Of the segment that is made: frames that are kept, or a gap.
struct Piece {
  std::optional<Extent> kept;
  Position gap_from;
  Position gap_to;
};

struct SegmentPlan {
  SegmentHeader header;
  std::uint32_t salt = 0;   // of the frames that are kept
  std::uint64_t bytes = 0;  // of the good frames as they are, with the header
  Position end;
  Time appended_at_last;
  bool is_absent = false;   // there is no such file
  bool is_changed = false;  // it must be made anew
  std::vector<Piece> pieces;
  std::vector<Extent> damaged;  // what is set aside
  // The last segment of a derived topic says how far each source is derived: added at its end.
  std::map<Partition, Position> restated;
};

struct PartitionPlan {
  Position first;
  Position end;
  bool is_head_wrong = false;  // although no segment is
  std::vector<SegmentPlan> segments;
  std::vector<Mending> mendings;
};

// One partition. One thread, and nobody writes meanwhile.
class RepairPlanner {
 public:
  // Positions below `end_min` were given. Of the source of a derived topic, what comes before
  // `source_first` is kept no more.
  RepairPlanner(disk::Directory& directory, std::string topic, Partition partition,
                Position end_min, Position source_first)
      : directory_(directory),
        topic_(std::move(topic)),
        partition_(partition),
        source_first_(source_first),
        end_(end_min) {}

  // `unsupported` when a newer cauce wrote a segment, `unavailable` when the disk does not give its
  // bytes, `invalid` when two segments hold the same positions.
  Result<PartitionPlan> plan();

 private:
  Result<void> plan_segment(Position base, std::optional<Position> next_base);
  Result<void> find_header(SegmentWalk& walk, disk::File& file, const Error& damage,
                           SegmentPlan& segment);
  Result<void> walk_segment(SegmentWalk& walk, SegmentPlan& segment,
                            std::optional<Position> next_base);
  Result<void> pass(SegmentWalk& walk, const Flaw& flaw, SegmentPlan& segment,
                    std::optional<Position> next_base);
  Result<bool> is_unfinished(SegmentWalk& walk, const Flaw& flaw, bool is_last) const;
  void pass_known(SegmentWalk& walk, const Flaw& flaw, SegmentPlan& segment);
  Result<void> pass_unknown(SegmentWalk& walk, const Flaw& flaw, SegmentPlan& segment,
                            std::optional<Position> next_base);
  void give_up(const std::string& reason, std::uint64_t file_bytes, SegmentPlan& segment,
               std::optional<Position> next_base);
  void check_begin(const SegmentWalk& walk, SegmentPlan& segment);
  void check_restated(const SegmentWalk& walk, SegmentPlan& segment);
  void note_sources(const SegmentWalk& walk);
  void add_lost(Position to, const std::string& reason);
  void add_gap(SegmentPlan& segment, const Mending& mending, Extent damaged);
  void restate(SegmentPlan& last);
  void finish();
  std::string path_of(Position base) const;

  disk::Directory& directory_;
  const std::string topic_;
  const Partition partition_;
  const Position source_first_;
  Position end_;  // at least, of all positions that were given
  std::optional<Durable> head_;
  PartitionPlan plan_;
  Time appended_at_last_ = time_min;
  std::map<Partition, Position> derived_ends_;  // by what is good so far
  // What the next segment must begin with; nothing behind a gap.
  std::map<Partition, Position> restated_ends_;
  bool is_source_open_ = false;  // the last mending does not say yet what was lost of the source
};

}  // namespace cauce::stream::embedded

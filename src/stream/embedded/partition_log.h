// The log of one partition, as its only writer sees it: takes appends from any thread, makes them
// durable group by group in step(), on the writer's thread.
//
// Invariants: positions have no gap. What the head publishes is synced. An acknowledge runs once.
// After a failed sync nothing is written any more.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "disk/directory.h"
#include "stream/embedded/embedded.h"
#include "stream/embedded/head.h"
#include "stream/embedded/packing.h"
#include "stream/embedded/pending.h"
#include "stream/in_flight.h"
#include "work/worker.h"

namespace cauce::stream::embedded {

class PartitionLog final {
 public:
  // Recovers what is there. Positions below `given` were read by somebody: without them it is
  // `corrupt`. All references outlive the log.
  static Result<std::unique_ptr<PartitionLog>> open(std::unique_ptr<disk::Directory> directory,
                                                    const std::string& topic, Partition partition,
                                                    Position given, const Options& options,
                                                    const Clock& clock, InFlight& in_flight);
  // What still waits is acknowledged with an error: it was not made durable.
  ~PartitionLog();
  PartitionLog(const PartitionLog&) = delete;
  PartitionLog& operator=(const PartitionLog&) = delete;

  Pending& pending() { return pending_; }
  const Pending& pending() const { return pending_; }

  // Writes and syncs one group, as Worker::step() says.
  Result<work::Progress> step();
  // How long the writer may sleep unless something is appended.
  Duration rest_max() const;

  // As Writer says. Any thread.
  Position derived_end_durable(Partition source) const;
  Result<void> trim(Position before);

 private:
  PartitionLog(std::unique_ptr<disk::Directory> directory, std::string topic, Partition partition,
               const Options& options, const Clock& clock, InFlight& in_flight);

  enum class Written { yes, no_room };

  Result<void> recover(Position given);
  Result<void> recover_last(Position last, const std::optional<Durable>& known, Position given);
  Result<Written> write(Group& group);
  Result<void> write_frames(Group& group);
  Result<void> zero_ahead();
  FrameHeader header_of(const Group& group, const FrameStart& frame, BytesView body) const;
  void seal(Group& group) const;
  void pack(const Group& group);
  Result<void> roll(Position base);
  Result<void> fill_segment(const Bytes& bytes);
  Bytes first_bytes(const SegmentHeader& header);
  Result<void> sync_and_publish();
  void acknowledge_durable();
  Error stop(const Error& error);
  void refuse(const std::deque<Group>& groups, const Error& error);

  const std::unique_ptr<disk::Directory> directory_;
  const std::string topic_;
  const Partition partition_;
  const Options& options_;
  const Clock& clock_;
  InFlight& in_flight_;
  Pending pending_;

  // The writer's thread only.
  const std::unique_ptr<Packer> packer_;  // nullptr when nothing is packed
  Bytes packed_;                          // the group that is written, when it is packed
  std::unique_ptr<disk::File> file_;
  Position base_;  // of the segment in file_
  std::uint32_t version_ = version_plain;
  std::uint32_t salt_ = 0;
  std::uint64_t bytes_ = 0;         // of the segment, written
  std::uint64_t bytes_synced_ = 0;  // of the segment
  std::uint64_t bytes_filled_ = 0;  // of the segment, written or zeroed ahead
  Position end_;                    // of what was written
  Time appended_at_last_;
  std::map<Partition, Position> derived_ends_;  // of what was written
  std::optional<Group> blocked_;                // waits for room on the disk
  std::deque<Group> unsynced_;                  // written, to be acknowledged after the sync
  Duration synced_at_;
  bool without_room_ = false;  // and the log says so already
  std::optional<Error> stopped_;

  mutable std::mutex durable_mutex_;  // guards what follows and the head's publish
  std::unique_ptr<Head> head_;
  Durable durable_;
  std::map<Partition, Position> derived_ends_durable_;
  std::vector<Position> segments_;  // bases, ascending; the last is base_
};

}  // namespace cauce::stream::embedded

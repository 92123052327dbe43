// What waits to be written to one partition: groups, each of which becomes durable by one write and
// one sync. Frames are laid out when records arrive, so the writer's thread copies nothing.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "stream/embedded/format.h"
#include "stream/stream.h"

namespace cauce::stream::embedded {

// A frame of a group, before its header is written.
struct FrameStart {
  std::size_t offset = 0;  // of the header in the group's bytes
  FrameHeader header;      // kind, counts, base and source are set; the rest when it is written
};

struct Waiting {
  Acknowledge acknowledge;
  Position first;
};

struct Group {
  Bytes bytes;  // frames, ready to be written but for their headers
  std::vector<FrameStart> frames;
  std::vector<Waiting> waiting;     // whose last record is in this group, in append order
  std::size_t cost = 0;             // what it holds of the bytes in flight
  std::optional<Time> appended_at;  // set by the first attempt to write it
  Position end;                     // one past its last record
};

// Any thread.
class Pending {
 public:
  explicit Pending(std::size_t group_bytes_max) : group_bytes_max_(group_bytes_max) {}

  // Where the log ends, before the first add.
  void start(Position end, std::map<Partition, Position> derived_ends);

  // Both answer whether nothing was waiting before: the writer may sleep then. `conflict` as
  // Writer::append_derived says; `unavailable` once stop() was called; nothing was taken then.
  Result<bool> add(const std::vector<Bytes>& records, std::size_t cost, Acknowledge acknowledge);
  Result<bool> add_derived(const std::vector<Bytes>& records, std::size_t cost, Source source);

  Position derived_end(Partition source) const;

  // The oldest group, for the writer's thread. Give its buffer back with recycle().
  std::optional<Group> take();
  void recycle(Bytes buffer);

  // Refuses further adds with `reason` and hands out what waits.
  std::deque<Group> stop(const Error& reason);

 private:
  Group& group_with_room();
  FrameHeader& begin_frame(Group& group, Kind kind);
  Error check_source(Source source) const;

  const std::size_t group_bytes_max_;
  mutable std::mutex mutex_;  // guards all below
  std::deque<Group> groups_;
  std::vector<Bytes> spare_;
  std::size_t waiting_count_last_ = 0;  // of the group taken last
  Position end_;
  std::map<Partition, Position> derived_ends_;
  std::optional<Error> stopped_;
};

}  // namespace cauce::stream::embedded

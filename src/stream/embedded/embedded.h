// The embedded engine of the stream: a segmented log on the local disk, one directory per topic:
//
//   <topic>/lock                          held by the writing process
//   <topic>/<partition>/<base>.seg        segments; <base> is the first position, 20 digits
//   <topic>/<partition>/head              how far it is durable, shared with readers by mmap
//   <topic>/groups/<group>                cursors of a group
//
// docs/formats/stream.md gives every byte. Readers in other processes see what the writer synced.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "disk/directory.h"
#include "stream/embedded/meters.h"
#include "stream/stream.h"

namespace cauce::stream::embedded {

struct Options {
  // Partitions of the topic, 1 to partitions_max; each costs a sync of its own.
  std::uint32_t partitions = 1;
  // Appended and not durable yet; then append() answers `exhausted`.
  std::size_t bytes_in_flight_max = 64 << 20;
  // One write and one sync carry at most about this much (and at least one record or one derived
  // append). More gives a higher rate, less a lower latency: all that waits while the disk works
  // goes out together anyway.
  std::size_t group_bytes_max = 1 << 20;
  // A segment that would grow over this is closed and the next one begun.
  std::uint64_t segment_bytes_max = 128 << 20;
  // Whether new segments hold packed frames (packing.h). What was written before stays as it is.
  bool pack = false;
  // Syncs at most this often. 0: each group at once, for what devices wait for. Derived topics can
  // be made again and take 50 ms.
  Duration sync_interval_min{0};
  // How long a full disk rests before it is tried again.
  Duration room_interval = std::chrono::milliseconds{100};
  // How long open_writer() waits for a predecessor that is dying.
  Duration lock_span_max = std::chrono::seconds{5};
  // What a process that finds the topic taken reads about us.
  std::string program = "cauce";
  Meters meters = {};
};

constexpr std::uint32_t partitions_max = 1024;

// `root` holds all topics; it and the clock outlive the topic and all that it opens. `name` as
// base/names.h says.
std::unique_ptr<Topic> make_topic(disk::Directory& root, std::string name, Options options,
                                  const Clock& clock);

}  // namespace cauce::stream::embedded

// A copy of a topic as of one moment, taken beside its writer: what `cauce backup` copies.
//
// From the moment it is made, a snapshot holds every record that the topic kept then, whatever
// retention deletes meanwhile. copy_to() adds what came since. So consumers can be copied between
// the two calls, and the copy of the topic holds all that they still want.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/result.h"
#include "stream/stream.h"

namespace cauce::stream {

// What the copy holds of one partition: the records [first, end).
struct CopiedPartition {
  Partition partition;
  Position first;
  Position end;
};

// One thread.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  // Copies every durable record there is now, and perhaps some that are just becoming durable, to
  // the new directory `target`. With `source_max`, only what was derived from the source up to
  // there. Every frame is checked on the way. `corrupt` when stored bytes are damaged, naming file
  // and offset; `unavailable` when retention took records that the copy would need: begin again.
  // The copy is not synced.
  virtual Result<std::vector<CopiedPartition>> copy_to(const std::filesystem::path& target,
                                                       std::optional<Position> source_max) = 0;
};

}  // namespace cauce::stream

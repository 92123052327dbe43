// Opens the last segment of a partition after whatever happened: walks all its frames, cuts a torn
// tail, refuses damage.
//
// Torn or damaged? A write that was not synced may be torn, and nothing after it can have been
// acknowledged. Each frame says how much of the segment was synced when it was written, and the
// head says it too, and so do the cursors of the groups that have read it; so a bad frame is a torn
// tail unless something undamaged says that it had been synced. Then it is `corrupt`, and nothing
// is changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "disk/directory.h"
#include "stream/embedded/format.h"
#include "stream/embedded/head.h"
#include "stream/embedded/segment_walk.h"

namespace cauce::stream::embedded {

struct Recovered {
  Walked walked;
  std::uint32_t version = version_plain;
  std::uint32_t salt = 0;
  // Behind the last good frame: up to the last byte that is not zero, and zeros behind that.
  std::uint64_t bytes_unfinished = 0;
  std::uint64_t bytes_zero = 0;
};

// Finds what recovery would find, and changes nothing. A writer may be at work; what it has not
// published yet may then be found or not.
Result<Recovered> inspect_segment(disk::File& file, const std::string& path,
                                  const SegmentHeader& expected,
                                  const std::optional<Durable>& head);

// `path` is for messages. `head` is what the head said when it was found, if anything; positions
// below `given` were read by somebody. Syncs what it leaves. When there are unfinished bytes, the
// file is cut to the good frames; zeros alone stay, they were laid out for frames to come.
Result<Recovered> recover_segment(disk::File& file, const std::string& path,
                                  const SegmentHeader& expected, const std::optional<Durable>& head,
                                  Position given);

// What somebody has read, and is not there.
Error missing_end(const std::string& path, Position end, Position given);

// The first later frame that says that what the walk could not take had been synced: then it is
// damaged, and no torn write.
Result<std::optional<Frame>> find_witness(SegmentWalk& walk, const Flaw& flaw);

}  // namespace cauce::stream::embedded

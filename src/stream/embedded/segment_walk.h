// Walks the frames of a segment in order and checks all that a frame promises: its header, its
// checksums, that it goes on where the one before it ends, that its time does not run backwards,
// that its source is derived without a gap. Behind a gap, what was known of the sources is
// forgotten: what they were derived to may have been lost with it.
//
// What cannot be taken is a Flaw. Whether that is damage or the torn end of a write that nobody was
// told about is for the caller to judge: recovery.h and verification.h.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "disk/directory.h"
#include "stream/embedded/format.h"
#include "stream/embedded/packing.h"
#include "stream/embedded/segment_reader.h"
#include "stream/embedded/window.h"

namespace cauce::stream::embedded {

// What was taken so far.
struct Walked {
  std::uint64_t bytes = 0;  // up to the end of the last good frame
  Position end;
  Time appended_at_last;
  std::uint64_t frames = 0;
  std::uint64_t gaps = 0;  // among them
  // By partition of the source: what the first derived frame of the segment goes on from, and what
  // the last one reaches.
  std::map<Partition, Position> derived_begins;
  std::map<Partition, Position> derived_ends;
};

// The frame after those that were taken, and why it is not taken.
struct Flaw {
  std::uint64_t offset = 0;
  std::string reason;
  // When its header is undamaged. A torn write cannot make one that contradicts what is before it.
  std::optional<FrameHeader> header;
  bool is_contradiction = false;
  bool has_good_records = false;
  // Where later frames may begin: past it when its header is undamaged, else right after its first
  // byte; at most the walk's limit.
  std::uint64_t rest = 0;
};

// Runs for each gap that is taken.
using NoteGap = std::function<void(const FrameHeader& header, const GapNote& note)>;

// One thread. The file outlives it.
class SegmentWalk {
 public:
  // `path` is for messages.
  explicit SegmentWalk(disk::File& file, std::string path, NoteGap note_gap = {})
      : file_(file), path_(std::move(path)), note_gap_(std::move(note_gap)), window_(file) {}

  // Stands before the first frame then, and knows the file's size as the limit. `corrupt` when the
  // header is damaged or is not of the topic, partition and base that are expected.
  Result<void> begin(const SegmentHeader& expected);
  // As begin() when the header is known better than it stands in the file, which is damaged there.
  Result<void> begin(const SegmentHeader& known, std::uint32_t salt);
  // Takes frames up to the limit: nullopt there.
  Result<std::optional<Flaw>> go_on();

  // The first undamaged frame header from `offset` on that is `wanted`.
  Result<std::optional<Frame>> find(std::uint64_t offset,
                                    const std::function<bool(const FrameHeader&)>& wanted);
  // Goes on at `place`, after a frame of that time; what was known of the sources is forgotten.
  void skip_to(Place place, Time appended_at_last);

  // How many bytes stand behind what was taken, without the zeros at the end of the file.
  Result<std::uint64_t> bytes_unfinished();

  const SegmentHeader& header() const { return header_; }
  const Walked& walked() const { return walked_; }
  std::uint32_t salt() const { return salt_; }
  std::uint64_t limit() const { return limit_; }

 private:
  Result<std::optional<Flaw>> check_next(FrameHeader& frame);
  void stand_at_first_frame();

  disk::File& file_;
  const std::string path_;
  const NoteGap note_gap_;
  Window window_;
  Unpacker unpacker_;
  SegmentHeader header_;
  std::uint64_t limit_ = 0;
  std::uint32_t salt_ = 0;
  Walked walked_;
};

}  // namespace cauce::stream::embedded

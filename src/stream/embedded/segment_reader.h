// Reads one segment: walks its frames, remembers where and when some of them begin, checks what it
// serves.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "disk/directory.h"
#include "stream/embedded/format.h"
#include "stream/embedded/packing.h"
#include "stream/embedded/window.h"

namespace cauce::stream::embedded {

// Where a frame begins (or will, at the end of what is written).
struct Place {
  std::uint64_t offset = 0;
  Position base;  // of the frame's first record
};

struct Frame {
  Place place;
  FrameHeader header;

  Place next() const {
    return {.offset = place.offset + frame_header_bytes + header.body_bytes, .base = header.end()};
  }
};

// One thread. `limit` is everywhere how much of the file may be read: what is durable of the
// segment that is being written, the size of an older one.
class SegmentReader final {
 public:
  // `not_found` when there is no such segment, `corrupt` when its header is damaged or another's.
  static Result<std::unique_ptr<SegmentReader>> open(disk::Directory& directory, Position base);

  std::uint32_t version() const { return header_.version; }
  Position base() const { return header_.base; }
  Time created_at() const { return header_.created_at; }
  Result<std::uint64_t> size() { return file_->size(); }
  Place begin() const { return {.offset = segment_header_bytes, .base = header_.base}; }

  // The frame at `place`, its header checked; nullopt at `limit`.
  Result<std::optional<Frame>> frame_at(Place place, std::uint64_t limit);
  // The frame that holds `position`; nullopt when the segment ends before it.
  Result<std::optional<Frame>> frame_with(Position position, std::uint64_t limit);
  // The base of the first frame with a record appended at `time` or later; of what comes next when
  // there is none.
  Result<Position> position_at(Time time, std::uint64_t limit);
  // The records of a frame, checked and unpacked; valid until the next call.
  Result<BytesView> body_of(const Frame& frame, std::uint64_t limit);

  Error corrupt(Place place, std::string_view reason) const;

 private:
  SegmentReader(std::unique_ptr<disk::File> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)), window_(*file_) {}

  // A frame that was walked over.
  struct Mark {
    Place place;
    Time appended_at;
  };

  Place nearest(Position position) const;
  Place last_before(Time time) const;
  void remember(const Frame& frame);

  const std::unique_ptr<disk::File> file_;
  const std::string path_;
  Window window_;
  Unpacker unpacker_;
  SegmentHeader header_;
  std::uint32_t salt_ = 0;
  std::vector<Mark> index_;  // ascending, index_interval_bytes apart, as far as was walked
  Place last_;               // of the frame found last
};

}  // namespace cauce::stream::embedded

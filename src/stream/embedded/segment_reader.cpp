#include "stream/embedded/segment_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "disk/crc32c.h"

namespace cauce::stream::embedded {
namespace {

// 2,048 marks for a segment of 128 MiB: 48 KiB of memory, one read(2) from mark to mark.
constexpr std::uint64_t index_interval_bytes = 64 << 10;

}  // namespace

Result<std::unique_ptr<SegmentReader>> SegmentReader::open(disk::Directory& directory,
                                                           Position base) {
  const std::string name = segment_name(base);
  auto file = directory.open(name, disk::Open::read);
  if (!file) return file.error();
  const std::string path = directory.path() + "/" + name;
  std::unique_ptr<SegmentReader> segment{new SegmentReader{std::move(*file), path}};
  auto bytes = segment->window_.at(0, segment_header_bytes, segment_header_bytes);
  if (!bytes) return bytes.error();
  auto header = decode_segment(*bytes, path);
  if (!header) return header.error();
  if (header->base != base) {
    return Error{Outcome::corrupt, fmt::format("{} is segment {}: it was put here by hand", path,
                                               header->base.number)};
  }
  segment->salt_ = salt_of(*bytes);
  segment->header_ = std::move(*header);
  segment->last_ = segment->begin();
  return segment;
}

Error SegmentReader::corrupt(Place place, std::string_view reason) const {
  return Error{Outcome::corrupt,
               fmt::format("{}: the frame at offset {} (position {}) is damaged: {}; {}", path_,
                           place.offset, place.base.number, reason, repair_advice)};
}

Result<std::optional<Frame>> SegmentReader::frame_at(Place place, std::uint64_t limit) {
  if (place.offset == limit) return std::optional<Frame>{};
  auto bytes = window_.at(place.offset, frame_header_bytes, limit);
  if (!bytes) return bytes.error();
  if (bytes->size() < frame_header_bytes) return corrupt(place, "the file ends within its header");
  const std::optional<FrameHeader> header = decode_frame(*bytes, salt_);
  if (!header) return corrupt(place, "its header does not match its checksum");
  if (header->base != place.base) return corrupt(place, "it belongs to another position");
  const Frame frame{.place = place, .header = *header};
  if (frame.next().offset > limit) return corrupt(place, "the file ends within it");
  return std::optional<Frame>{frame};
}

Place SegmentReader::nearest(Position position) const {
  const auto after =
      std::upper_bound(index_.begin(), index_.end(), position,
                       [](Position wanted, const Mark& mark) { return wanted < mark.place.base; });
  const Place indexed = after == index_.begin() ? begin() : (after - 1)->place;
  const bool last_is_nearer = last_.base <= position && last_.offset > indexed.offset;
  return last_is_nearer ? last_ : indexed;
}

Place SegmentReader::last_before(Time time) const {
  const auto after = std::partition_point(
      index_.begin(), index_.end(), [time](const Mark& mark) { return mark.appended_at < time; });
  return after == index_.begin() ? begin() : (after - 1)->place;
}

void SegmentReader::remember(const Frame& frame) {
  last_ = frame.place;
  const std::uint64_t indexed = index_.empty() ? segment_header_bytes : index_.back().place.offset;
  if (frame.place.offset < indexed + index_interval_bytes) return;
  index_.push_back({.place = frame.place, .appended_at = frame.header.appended_at});
}

Result<std::optional<Frame>> SegmentReader::frame_with(Position position, std::uint64_t limit) {
  Place place = nearest(position);
  while (true) {
    auto frame = frame_at(place, limit);
    if (!frame || !*frame) return frame;
    remember(**frame);
    if ((*frame)->next().base > position) return frame;
    place = (*frame)->next();
  }
}

Result<Position> SegmentReader::position_at(Time time, std::uint64_t limit) {
  Place place = last_before(time);
  while (true) {
    auto frame = frame_at(place, limit);
    if (!frame) return frame.error();
    if (!*frame) return place.base;
    remember(**frame);
    const FrameHeader& header = (*frame)->header;
    if (header.appended_at >= time && header.record_count > 0) return header.base;
    place = (*frame)->next();
  }
}

Result<BytesView> SegmentReader::body_of(const Frame& frame, std::uint64_t limit) {
  auto body = window_.at(frame.place.offset + frame_header_bytes, frame.header.body_bytes, limit);
  if (!body) return body;
  if (body->size() != frame.header.body_bytes) {
    return corrupt(frame.place, "the file ends within its records");
  }
  if (disk::crc32c(*body) != frame.header.body_crc) {
    return corrupt(frame.place, "its records do not match their checksum");
  }
  if (frame.header.unpacked_bytes > 0) {
    const auto unpacked = unpacker_.unpack(*body, frame.header.unpacked_bytes);
    if (!unpacked) return corrupt(frame.place, "it cannot be unpacked");
    body = *unpacked;
  }
  if (!is_body(*body, frame.header)) {
    return corrupt(frame.place, "its records do not fill its body");
  }
  return body;
}

}  // namespace cauce::stream::embedded

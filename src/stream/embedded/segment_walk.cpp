#include "stream/embedded/segment_walk.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "disk/crc32c.h"

namespace cauce::stream::embedded {
namespace {

constexpr std::size_t step_bytes = 128 << 10;

// An undamaged header that cannot follow what was walked; a torn write cannot make one.
std::optional<std::string_view> contradiction(const Walked& walked, const FrameHeader& frame) {
  if (frame.base != walked.end) return "it does not go on where the frame before it ends";
  if (frame.appended_at < walked.appended_at_last) return "its time runs backwards";
  if (frame.synced_bytes > walked.bytes) return "more was synced than there is before it";
  if (frame.kind == Kind::derived) {
    const auto known = walked.derived_ends.find(frame.source.partition);
    if (known != walked.derived_ends.end() && known->second != frame.source.from) {
      return "its source does not go on where the one before it ends";
    }
  }
  return std::nullopt;
}

void accept(Walked& walked, const FrameHeader& frame) {
  walked.bytes += frame_header_bytes + frame.body_bytes;
  walked.end = frame.end();
  walked.appended_at_last = frame.appended_at;
  ++walked.frames;
  if (frame.kind == Kind::gap) {
    ++walked.gaps;
    walked.derived_begins.clear();
    walked.derived_ends.clear();
  }
  if (frame.kind != Kind::derived) return;
  walked.derived_begins.try_emplace(frame.source.partition, frame.source.from);
  walked.derived_ends[frame.source.partition] = frame.source.to;
}

}  // namespace

Result<void> SegmentWalk::begin(const SegmentHeader& expected) {
  auto size = file_.size();
  if (!size) return size.error();
  limit_ = *size;
  auto bytes = window_.at(0, segment_header_bytes, limit_);
  if (!bytes) return bytes.error();
  auto header = decode_segment(*bytes, path_);
  if (!header) return header.error();
  const bool same = header->topic == expected.topic && header->partition == expected.partition &&
                    header->base == expected.base;
  if (!same) {
    return Error{Outcome::corrupt,
                 fmt::format("{} is segment {} of topic {}, partition {}: it was put here by hand",
                             path_, header->base.number, header->topic, header->partition.number)};
  }
  salt_ = salt_of(*bytes);
  header_ = std::move(*header);
  stand_at_first_frame();
  return {};
}

Result<void> SegmentWalk::begin(const SegmentHeader& known, std::uint32_t salt) {
  auto size = file_.size();
  if (!size) return size.error();
  limit_ = *size;
  salt_ = salt;
  header_ = known;
  stand_at_first_frame();
  return {};
}

void SegmentWalk::stand_at_first_frame() {
  walked_ = {};
  walked_.bytes = segment_header_bytes;
  walked_.end = header_.base;
  walked_.appended_at_last = header_.created_at;
}

// Whether the frame after those that were taken is good; `frame` is its header then.
Result<std::optional<Flaw>> SegmentWalk::check_next(FrameHeader& frame) {
  const std::uint64_t offset = walked_.bytes;
  Flaw flaw{.offset = offset, .reason = {}, .header = {}, .rest = offset + 1};
  auto bytes = window_.at(offset, frame_header_bytes, limit_);
  if (!bytes) return bytes.error();
  const std::optional<FrameHeader> header = decode_frame(*bytes, salt_);
  if (!header) {
    flaw.reason = "its header does not match its checksum";
    return std::optional{std::move(flaw)};
  }
  flaw.header = header;
  flaw.rest = std::min(limit_, offset + frame_header_bytes + header->body_bytes);
  const auto contradicting = contradiction(walked_, *header);
  auto body = window_.at(offset + frame_header_bytes, header->body_bytes, limit_);
  if (!body) return body.error();
  const bool whole = body->size() == header->body_bytes;
  const bool undamaged = whole && disk::crc32c(*body) == header->body_crc;
  std::optional<BytesView> records = *body;
  if (undamaged && header->unpacked_bytes > 0) {
    records = unpacker_.unpack(*body, header->unpacked_bytes);
  }
  flaw.has_good_records = undamaged && records && is_body(*records, *header);
  if (contradicting) {
    flaw.reason = *contradicting;
    flaw.is_contradiction = true;
  } else if (!undamaged) {
    flaw.reason = whole ? "its records do not match their checksum" : "the file ends within it";
  } else if (!flaw.has_good_records) {
    flaw.reason = records ? "its records do not fill its body" : "it cannot be unpacked";
    flaw.is_contradiction = true;
  } else {
    frame = *header;
    if (header->kind == Kind::gap && note_gap_) note_gap_(*header, *decode_gap_note(*records));
    return std::optional<Flaw>{};
  }
  return std::optional{std::move(flaw)};
}

Result<std::optional<Flaw>> SegmentWalk::go_on() {
  while (walked_.bytes < limit_) {
    FrameHeader frame;
    auto flaw = check_next(frame);
    if (!flaw || *flaw) return flaw;
    accept(walked_, frame);
  }
  return std::optional<Flaw>{};
}

Result<std::uint64_t> SegmentWalk::bytes_unfinished() {
  std::uint64_t end = walked_.bytes;
  for (std::uint64_t offset = end; offset < limit_;) {
    auto bytes = window_.at(offset, step_bytes, limit_);
    if (!bytes) return bytes.error();
    if (bytes->empty()) break;  // it became shorter meanwhile
    const std::size_t last = bytes->find_last_not_of('\0');
    if (last != BytesView::npos) end = offset + last + 1;
    offset += bytes->size();
  }
  return end - walked_.bytes;
}

Result<std::optional<Frame>> SegmentWalk::find(
    std::uint64_t offset, const std::function<bool(const FrameHeader&)>& wanted) {
  Bytes magic;
  put_u32(magic, frame_magic);
  while (offset + frame_header_bytes <= limit_) {
    auto bytes = window_.at(offset, step_bytes, limit_);
    if (!bytes) return bytes.error();
    const std::size_t found = bytes->find(magic);
    if (found == BytesView::npos) {
      if (bytes->size() < magic.size()) break;
      offset += bytes->size() - (magic.size() - 1);
      continue;
    }
    offset += found;
    auto header = window_.at(offset, frame_header_bytes, limit_);
    if (!header) return header.error();
    const std::optional<FrameHeader> frame = decode_frame(*header, salt_);
    if (frame && wanted(*frame)) {
      return std::optional{
          Frame{.place = {.offset = offset, .base = frame->base}, .header = *frame}};
    }
    ++offset;
  }
  return std::optional<Frame>{};
}

void SegmentWalk::skip_to(Place place, Time appended_at_last) {
  walked_.bytes = place.offset;
  walked_.end = place.base;
  walked_.appended_at_last = appended_at_last;
  walked_.derived_begins.clear();
  walked_.derived_ends.clear();
}

}  // namespace cauce::stream::embedded

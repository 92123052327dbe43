#include "stream/embedded/recovery.h"

#include <fmt/core.h>

#include <algorithm>

#include "disk/crc32c.h"
#include "stream/embedded/window.h"

namespace cauce::stream::embedded {
namespace {

// One segment that is being walked.
struct Walk {
  disk::File& file;
  const std::string& path;
  std::uint64_t size = 0;
  std::uint32_t salt = 0;
  Window window;
  Walked walked;

  Error corrupt(std::uint64_t offset, std::string_view reason) const {
    return Error{Outcome::corrupt,
                 fmt::format("{}: the frame at offset {} (position {}) is damaged: {}; restore the "
                             "file or move it away, it was not changed",
                             path, offset, walked.end.number, reason)};
  }
};

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
  walked.end.number += frame.record_count;
  walked.appended_at_last = frame.appended_at;
  if (frame.kind == Kind::derived) walked.derived_ends[frame.source.partition] = frame.source.to;
}

// Walks on over good frames. Answers where to look for later ones: past the bad frame when its
// header can be believed, right after its first byte when not; `size` at a clean end.
Result<std::uint64_t> walk_good_frames(Walk& walk) {
  while (walk.walked.bytes < walk.size) {
    const std::uint64_t offset = walk.walked.bytes;
    auto header = walk.window.at(offset, frame_header_bytes, walk.size);
    if (!header) return header.error();
    const std::optional<FrameHeader> frame = decode_frame(*header, walk.salt);
    if (!frame) return offset + 1;
    if (const auto reason = contradiction(walk.walked, *frame)) {
      return walk.corrupt(offset, *reason);
    }
    auto body = walk.window.at(offset + frame_header_bytes, frame->body_bytes, walk.size);
    if (!body) return body.error();
    const bool whole = body->size() == frame->body_bytes;
    if (!whole || disk::crc32c(*body) != frame->body_crc) {
      return std::min(walk.size, offset + frame_header_bytes + frame->body_bytes);
    }
    if (!is_body(*body, frame->record_count)) {
      return walk.corrupt(offset, "its records do not fill its body");
    }
    accept(walk.walked, *frame);
  }
  return walk.size;
}

// The first frame header from `offset` on that says that the bad frame had been synced.
Result<std::optional<std::uint64_t>> find_witness(Walk& walk, std::uint64_t offset) {
  Bytes magic;
  put_u32(magic, frame_magic);
  constexpr std::size_t step_bytes = 128 << 10;
  while (offset + frame_header_bytes <= walk.size) {
    auto bytes = walk.window.at(offset, step_bytes, walk.size);
    if (!bytes) return bytes.error();
    const std::size_t found = bytes->find(magic);
    if (found == BytesView::npos) {
      if (bytes->size() < magic.size()) break;
      offset += bytes->size() - (magic.size() - 1);
      continue;
    }
    offset += found;
    auto header = walk.window.at(offset, frame_header_bytes, walk.size);
    if (!header) return header.error();
    const std::optional<FrameHeader> frame = decode_frame(*header, walk.salt);
    if (frame && frame->synced_bytes > walk.walked.bytes) {
      return std::optional<std::uint64_t>{offset};
    }
    ++offset;
  }
  return std::optional<std::uint64_t>{};
}

Result<void> check_head(const Walk& walk, Position base, const std::optional<Durable>& head) {
  const bool here = head && head->segment == base;
  if (here && (head->segment_bytes > walk.walked.bytes || head->end > walk.walked.end)) {
    return walk.corrupt(walk.walked.bytes,
                        fmt::format("the head says that {} bytes up to position {} were synced",
                                    head->segment_bytes, head->end.number));
  }
  return {};
}

Result<void> check_header(Walk& walk, const SegmentHeader& expected) {
  auto bytes = walk.window.at(0, segment_header_bytes, walk.size);
  if (!bytes) return bytes.error();
  auto header = decode_segment(*bytes, walk.path);
  if (!header) return header.error();
  const bool same = header->topic == expected.topic && header->partition == expected.partition &&
                    header->base == expected.base;
  if (!same) {
    return Error{
        Outcome::corrupt,
        fmt::format("{} is segment {} of topic {}, partition {}: it was put here by hand",
                    walk.path, header->base.number, header->topic, header->partition.number)};
  }
  walk.salt = salt_of(*bytes);
  walk.walked = {.bytes = segment_header_bytes,
                 .end = header->base,
                 .appended_at_last = header->created_at,
                 .derived_ends = {}};
  return {};
}

}  // namespace

bool is_body(BytesView body, std::uint32_t count) {
  ByteReader reader{body};
  for (std::uint32_t record = 0; record < count && !reader.failed(); ++record) {
    static_cast<void>(reader.sized());
  }
  return reader.complete();
}

Result<Recovered> inspect_segment(disk::File& file, const std::string& path,
                                  const SegmentHeader& expected,
                                  const std::optional<Durable>& head) {
  auto size = file.size();
  if (!size) return size.error();
  Walk walk{.file = file, .path = path, .size = *size, .window = Window{file}, .walked = {}};
  if (auto checked = check_header(walk, expected); !checked) return checked.error();
  auto rest = walk_good_frames(walk);
  if (!rest) return rest.error();
  if (auto checked = check_head(walk, expected.base, head); !checked) return checked.error();
  const std::uint64_t cut = walk.size - walk.walked.bytes;
  if (cut > 0) {
    auto witness = find_witness(walk, *rest);
    if (!witness) return witness.error();
    if (*witness) {
      return walk.corrupt(walk.walked.bytes,
                          fmt::format("the frame at offset {} says that it was synced", **witness));
    }
  }
  return Recovered{.walked = std::move(walk.walked), .salt = walk.salt, .bytes_cut = cut};
}

Result<Recovered> recover_segment(disk::File& file, const std::string& path,
                                  const SegmentHeader& expected,
                                  const std::optional<Durable>& head) {
  auto found = inspect_segment(file, path, expected, head);
  if (!found) return found;
  if (found->bytes_cut > 0) {
    if (auto done = file.truncate(found->walked.bytes); !done) return done.error();
  }
  if (auto done = file.sync(); !done) return done.error();
  return found;
}

}  // namespace cauce::stream::embedded

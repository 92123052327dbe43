#include "stream/embedded/format.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/invariant.h"
#include "base/names.h"
#include "disk/crc32c.h"

namespace cauce::stream::embedded {
namespace {

constexpr std::string_view segment_magic = "CAUCESEG";
constexpr std::size_t segment_crc_offset = segment_header_bytes - 4;
constexpr std::string_view segment_suffix = ".seg";
constexpr std::size_t name_digits = 20;
constexpr std::size_t frame_crc_offset = 4;
constexpr std::size_t frame_checked_offset = 8;  // what the header's checksum covers begins here

std::uint32_t header_crc(BytesView frame_header, std::uint32_t salt) {
  Bytes salted;
  put_u32(salted, salt);
  return disk::crc32c(frame_header.substr(frame_checked_offset), disk::crc32c(salted));
}

bool is_sound_gap(const FrameHeader& header) {
  return header.record_count == 0 && header.unpacked_bytes == 0 &&
         header.source.from == header.base &&
         header.source.to.number - header.source.from.number <= gap_positions_max;
}

}  // namespace

std::string segment_name(Position base) {
  return fmt::format("{:020}{}", base.number, segment_suffix);
}

std::optional<Position> parse_segment_name(std::string_view name) {
  if (name.size() != name_digits + segment_suffix.size() || !name.ends_with(segment_suffix)) {
    return std::nullopt;
  }
  Position base;
  const char* end = name.data() + name_digits;
  const auto parsed = std::from_chars(name.data(), end, base.number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return base;
}

Bytes encode(const SegmentHeader& header) {
  INVARIANT(is_name(header.topic));
  Bytes bytes{segment_magic};
  put_u32(bytes, header.version);
  put_u32(bytes, header.partition.number);
  put_u64(bytes, header.base.number);
  put_i64(bytes, to_microseconds(header.created_at));
  put_u8(bytes, std::uint8_t(header.topic.size()));
  bytes += header.topic;
  bytes.resize(segment_crc_offset, '\0');
  put_u32(bytes, disk::crc32c(bytes));
  return bytes;
}

std::uint32_t salt_of(BytesView segment_header) {
  INVARIANT(segment_header.size() >= segment_header_bytes);
  ByteReader reader{segment_header.substr(segment_crc_offset, 4)};
  return reader.u32();
}

Result<SegmentHeader> decode_segment(BytesView bytes, const std::string& path) {
  const auto damaged = [&path](std::string_view reason) {
    return Error{Outcome::corrupt,
                 fmt::format("{}: the segment header at offset 0 is damaged: {}", path, reason)};
  };
  if (bytes.size() < segment_header_bytes) return damaged("the file is shorter than it");
  bytes = bytes.substr(0, segment_header_bytes);
  if (!bytes.starts_with(segment_magic)) return damaged("this is not a segment");
  if (disk::crc32c(bytes.substr(0, segment_crc_offset)) != salt_of(bytes)) {
    return damaged("its checksum does not match");
  }
  ByteReader reader{bytes.substr(segment_magic.size())};
  const std::uint32_t version = reader.u32();
  if (version < version_plain || version > version_mended) {
    return Error{Outcome::unsupported,
                 fmt::format("{} has format version {}; this program reads versions up to {}: a "
                             "newer cauce wrote it, install that one",
                             path, version, version_mended)};
  }
  SegmentHeader header;
  header.version = version;
  header.partition.number = reader.u32();
  header.base.number = reader.u64();
  header.created_at = from_microseconds(reader.i64());
  header.topic = reader.bytes(reader.u8());
  if (reader.failed() || !is_name(header.topic)) return damaged("its topic is not a name");
  return header;
}

void encode(const FrameHeader& header, std::uint32_t salt, char* target) {
  Bytes bytes;
  bytes.reserve(frame_header_bytes);
  put_u32(bytes, frame_magic);
  put_u32(bytes, 0);  // its checksum, below
  put_u32(bytes, header.body_bytes);
  put_u32(bytes, header.body_crc);
  put_u32(bytes, header.record_count);
  put_u32(bytes, std::uint32_t(header.kind));
  put_u64(bytes, header.base.number);
  put_i64(bytes, to_microseconds(header.appended_at));
  put_u64(bytes, header.synced_bytes);
  put_u64(bytes, header.source.from.number);
  put_u64(bytes, header.source.to.number);
  put_u32(bytes, header.source.partition.number);
  put_u32(bytes, header.unpacked_bytes);
  INVARIANT(bytes.size() == frame_header_bytes);
  set_u32(bytes, frame_crc_offset, header_crc(bytes, salt));
  std::memcpy(target, bytes.data(), bytes.size());
}

std::optional<FrameHeader> decode_frame(BytesView bytes, std::uint32_t salt) {
  if (bytes.size() < frame_header_bytes) return std::nullopt;
  bytes = bytes.substr(0, frame_header_bytes);
  ByteReader reader{bytes};
  if (reader.u32() != frame_magic) return std::nullopt;
  if (reader.u32() != header_crc(bytes, salt)) return std::nullopt;
  FrameHeader header;
  header.body_bytes = reader.u32();
  header.body_crc = reader.u32();
  header.record_count = reader.u32();
  header.kind = Kind{reader.u32()};
  header.base.number = reader.u64();
  header.appended_at = from_microseconds(reader.i64());
  header.synced_bytes = reader.u64();
  header.source.from.number = reader.u64();
  header.source.to.number = reader.u64();
  header.source.partition.number = reader.u32();
  header.unpacked_bytes = reader.u32();
  const bool is_gap = header.kind == Kind::gap;
  const bool known = is_gap || header.kind == Kind::plain || header.kind == Kind::derived;
  const std::uint32_t longest = std::max(header.body_bytes, header.unpacked_bytes);
  if (!known || longest > body_bytes_max) return std::nullopt;
  if (header.record_count > longest / 4) return std::nullopt;
  if (header.source.from > header.source.to) return std::nullopt;
  if (is_gap && !is_sound_gap(header)) return std::nullopt;
  return header;
}

Bytes encode(const GapNote& note) {
  Bytes bytes;
  put_i64(bytes, to_microseconds(note.declared_at));
  put_sized(bytes, note.set_aside);
  return bytes;
}

std::optional<GapNote> decode_gap_note(BytesView body) {
  ByteReader reader{body};
  GapNote note;
  note.declared_at = from_microseconds(reader.i64());
  note.set_aside = reader.sized();
  if (!reader.complete()) return std::nullopt;
  return note;
}

bool is_body(BytesView body, const FrameHeader& header) {
  if (header.kind == Kind::gap) return decode_gap_note(body).has_value();
  ByteReader reader{body};
  for (std::uint32_t record = 0; record < header.record_count && !reader.failed(); ++record) {
    static_cast<void>(reader.sized());
  }
  return reader.complete();
}

}  // namespace cauce::stream::embedded

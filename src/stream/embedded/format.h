// The stored form of a segment, byte by byte as docs/formats/stream.md tells it to outsiders: a
// segment header, then frames. A frame is what one write made durable: a header, then a body of
// records, each a u32 length and its bytes. A gap is a frame too: it stands for positions whose
// records were damaged and are lost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "stream/stream.h"

namespace cauce::stream::embedded {

// Of a segment. 1: the bodies of frames are stored as they are. 2: they may be packed. 3: there may
// be gaps too.
constexpr std::uint32_t version_plain = 1;
constexpr std::uint32_t version_packed = 2;
constexpr std::uint32_t version_mended = 3;
constexpr std::size_t segment_header_bytes = 128;
constexpr std::size_t frame_header_bytes = 72;
// What a sentence about damage ends with.
constexpr std::string_view repair_advice =
    "nothing was changed; stop cauce, and cauce stream repair says what is lost and mends it";
// The longest body, as stored and unpacked: bounds what a reader must hold in memory.
constexpr std::size_t body_bytes_max = 64 << 20;
// "CFRM" as it stands in the file.
constexpr std::uint32_t frame_magic = 0x4D524643;

struct SegmentHeader {
  std::uint32_t version = version_plain;
  std::string topic;
  Partition partition;
  Position base;    // of the first record in it
  Time created_at;  // not before the last record of the segment before, not after its own first
};

// The most positions of one gap: a day of ten million records a second.
constexpr std::uint64_t gap_positions_max = std::uint64_t{1} << 40;

enum class Kind : std::uint32_t { plain = 1, derived = 2, gap = 3 };

struct FrameHeader {
  Kind kind = Kind::plain;
  std::uint32_t body_bytes = 0;  // as stored
  std::uint32_t body_crc = 0;    // as stored
  std::uint32_t record_count = 0;
  Position base;  // of the first record; of the next one when there is none
  Time appended_at;
  // How much of this segment was durable when the frame was written. Damage before that, seen by
  // recovery, is not a torn write.
  std::uint64_t synced_bytes = 0;
  // Of a derived frame; zero in a plain one. In a gap the positions that are lost, so source.from
  // is `base`; none are when only how far a source was derived is lost.
  Source source;
  // Of the records that the body was packed from (packing.h); 0 when it is the records themselves.
  std::uint32_t unpacked_bytes = 0;

  // One past its last position.
  Position end() const {
    return kind == Kind::gap ? source.to : Position{base.number + record_count};
  }
};

// The body of a gap.
struct GapNote {
  Time declared_at;
  std::string set_aside;  // the file with the damaged bytes; empty when there were none
};

// "00000000000000000042.seg"
std::string segment_name(Position base);
// nullopt for any other name.
std::optional<Position> parse_segment_name(std::string_view name);

Bytes encode(const SegmentHeader& header);
// `corrupt` or `unsupported` (a later version); `path` is for the message.
Result<SegmentHeader> decode_segment(BytesView bytes, const std::string& path);
// Ties frames to their segment: bytes that look like a frame of another one (a payload may) are not
// taken for one of this. It is the checksum in the segment's header.
std::uint32_t salt_of(BytesView segment_header);

// Writes frame_header_bytes to `target`.
void encode(const FrameHeader& header, std::uint32_t salt, char* target);
// nullopt unless these bytes are a whole, undamaged frame header of the segment with this salt.
std::optional<FrameHeader> decode_frame(BytesView bytes, std::uint32_t salt);

Bytes encode(const GapNote& note);
std::optional<GapNote> decode_gap_note(BytesView body);

// True when `body` is what the header promises: exactly so many records, or the note of a gap.
bool is_body(BytesView body, const FrameHeader& header);

}  // namespace cauce::stream::embedded

// Feeds arbitrary bytes to recovery, to the readers and to repair as the last segment of a
// partition. The first byte says whether checksums are made right, so that what lies behind them is
// reached too, and whether bodies are packed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/log.h"
#include "base/random.h"
#include "disk/crc32c.h"
#include "disk/memory/memory.h"
#include "stream/embedded/embedded.h"
#include "stream/embedded/format.h"
#include "stream/embedded/packing.h"
#include "stream/embedded/repair.h"

namespace cauce::stream::embedded {
namespace {

// In a frame's header.
constexpr std::size_t count_offset = 16;
constexpr std::size_t kind_offset = 20;
constexpr std::size_t base_offset = 24;
constexpr std::size_t source_from_offset = 48;
constexpr std::size_t unpacked_bytes_offset = 68;

template <class Number>
Number number_at(BytesView bytes, std::size_t offset) {
  Number number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

// A frame whose header is `header` but for lengths and checksums, which are made right. The body is
// packed by `packer`, when there is one, as a writer would; else what the header says about that
// stays.
void put_frame(Bytes& bytes, BytesView header, BytesView body, Packer* packer, BytesView salt) {
  const auto packed = packer != nullptr ? packer->pack(body) : std::nullopt;
  const BytesView stored = packed.value_or(body);
  const std::size_t offset = bytes.size();
  bytes += header;
  set_u32(bytes, offset, frame_magic);
  set_u32(bytes, offset + 8, std::uint32_t(stored.size()));
  set_u32(bytes, offset + 12, disk::crc32c(stored));
  if (packed) set_u32(bytes, offset + unpacked_bytes_offset, std::uint32_t(body.size()));
  const BytesView checked = BytesView{bytes}.substr(offset + 8, frame_header_bytes - 8);
  set_u32(bytes, offset + 4, disk::crc32c(checked, disk::crc32c(salt)));
  bytes += stored;
}

// A gap as a repair would write it, but for its base and its length.
void put_gap(Bytes& bytes, BytesView header, BytesView salt) {
  Bytes gap{header};
  set_u32(gap, count_offset, 0);
  gap.replace(source_from_offset, 8, gap.substr(base_offset, 8));
  set_u32(gap, unpacked_bytes_offset, 0);
  put_frame(bytes, gap, encode(GapNote{}), nullptr, salt);
}

// A true segment header, and true lengths and checksums wherever the walk would look for a frame.
Bytes repaired(BytesView input, bool pack) {
  Bytes bytes = encode(SegmentHeader{.version = version_mended,
                                     .topic = "raw",
                                     .partition = {},
                                     .base = {0},
                                     .created_at = from_microseconds(1)});
  const Bytes salt = bytes.substr(segment_header_bytes - 4);
  static Packer packer;
  while (input.size() >= frame_header_bytes) {
    const BytesView header = input.substr(0, frame_header_bytes);
    if (number_at<std::uint32_t>(header, kind_offset) == std::uint32_t(Kind::gap)) {
      put_gap(bytes, header, salt);
      input.remove_prefix(frame_header_bytes);
      continue;
    }
    // Bounded, so that most inputs hold several frames.
    const std::uint32_t body_bytes = number_at<std::uint32_t>(header, 8) % (pack ? 4096 : 512);
    const BytesView body = input.substr(frame_header_bytes, body_bytes);
    put_frame(bytes, header, body, pack ? &packer : nullptr, salt);
    input.remove_prefix(frame_header_bytes + body.size());
  }
  return bytes;
}

// What recovery accepted must be readable to the end, and reading it must end.
void read_back(Topic& topic) {
  const auto reader = *topic.open_reader();
  const auto end = reader->end({});
  Position from;
  while (from < *end) {
    const auto batch = reader->read({}, from, 1000);
    if (!batch || batch->to <= from) std::abort();
    from = batch->to;
  }
  if (!reader->derived_end({}, {}) || !reader->position_at({}, from_microseconds(5))) {
    std::abort();
  }
}

}  // namespace
}  // namespace cauce::stream::embedded

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t count) {
  using namespace cauce;
  using namespace cauce::stream;
  static const bool quiet = (log::start("fuzz", log::Level::error), true);
  static_cast<void>(quiet);
  if (count == 0) return 0;
  Bytes bytes(reinterpret_cast<const char*>(input) + 1, count - 1);
  const bool pack = (input[0] & 2) != 0;
  if (input[0] % 2 == 1) bytes = embedded::repaired(bytes, pack);
  disk::MemoryDisk disk;
  disk.put("raw/0/" + embedded::segment_name({}), std::move(bytes));
  const VirtualClock clock{from_microseconds(10)};
  const auto root = disk.root();
  const auto topic =
      embedded::make_topic(*root, "raw", {.pack = pack, .lock_span_max = Duration{0}}, clock);
  auto writer = topic->open_writer();
  if (!writer) {
    // Whatever was damaged, a repair makes it something to go on with.
    if (writer.error().outcome != Outcome::corrupt) return 0;
    if (!embedded::repair_topic(*root, "raw", {.apply = true}, clock)) return 0;
    writer = topic->open_writer();
    if (!writer) std::abort();
  }
  embedded::read_back(*topic);
  if (!(*writer)->append({}, {"more", Bytes(2000, 'x')}, nullptr) || !(*writer)->worker().step())
    std::abort();
  embedded::read_back(*topic);
  disk.kill();
  *writer = nullptr;
  auto successor = topic->open_writer();
  if (!successor) std::abort();
  embedded::read_back(*topic);
  return 0;
}

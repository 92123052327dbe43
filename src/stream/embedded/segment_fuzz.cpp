// Feeds arbitrary bytes to recovery and to the readers as the last segment of a partition. The
// first byte says whether checksums are made right, so that what lies behind them is reached too.
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

namespace cauce::stream::embedded {
namespace {

void set_checksum(Bytes& bytes, std::size_t offset, std::uint32_t value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

// A true segment header, and true checksums wherever the walk would look for a frame.
void repair(Bytes& bytes) {
  const Bytes header = encode(SegmentHeader{
      .topic = "raw", .partition = {}, .base = {0}, .created_at = from_microseconds(1)});
  bytes.insert(0, header);
  Bytes salt;
  put_u32(salt, salt_of(header));
  std::size_t offset = segment_header_bytes;
  while (offset + frame_header_bytes <= bytes.size()) {
    set_checksum(bytes, offset, frame_magic);
    std::uint32_t body_bytes = 0;
    std::memcpy(&body_bytes, bytes.data() + offset + 8, sizeof body_bytes);
    // Bounded, so that most inputs hold several frames.
    body_bytes %= 512;
    set_checksum(bytes, offset + 8, body_bytes);
    const BytesView body = BytesView{bytes}.substr(offset + frame_header_bytes, body_bytes);
    set_checksum(bytes, offset + 12, disk::crc32c(body));
    const BytesView checked = BytesView{bytes}.substr(offset + 8, frame_header_bytes - 8);
    set_checksum(bytes, offset + 4, disk::crc32c(checked, disk::crc32c(salt)));
    offset += frame_header_bytes + body_bytes;
  }
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
  if (input[0] % 2 == 1) embedded::repair(bytes);
  disk::MemoryDisk disk;
  disk.put("raw/0/" + embedded::segment_name({}), std::move(bytes));
  const VirtualClock clock{from_microseconds(10)};
  const auto root = disk.root();
  const auto topic = embedded::make_topic(*root, "raw", {.lock_span_max = Duration{0}}, clock);
  auto writer = topic->open_writer();
  if (!writer) return 0;
  embedded::read_back(*topic);
  if (!(*writer)->append({}, {"more"}, nullptr) || !(*writer)->worker().step()) std::abort();
  embedded::read_back(*topic);
  return 0;
}

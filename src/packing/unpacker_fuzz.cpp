// Whatever somebody sends as gzip or zstd: unpacking ends, keeps its limits, and gives the same
// text and the same verdict however it is brought and taken.
#include <cstdint>
#include <string>

#include "base/invariant.h"
#include "packing/unpacker.h"

namespace {

using namespace cauce;

constexpr packing::UnpackLimits limits{
    .bytes_max = 1 << 20, .ratio_max = 100, .ratio_from_bytes = 64 << 10, .window_bits_max = 20};

struct Unpacked {
  std::string text;
  bool complete = false;
  bool limited = false;
};

Unpacked unpack(packing::Packing kind, std::string_view packed, std::size_t piece_bytes,
                std::size_t target_bytes) {
  const auto unpacker = packing::make_unpacker(kind, limits);
  Unpacked result;
  std::string target(target_bytes, '\0');
  while (!packed.empty()) {
    std::string_view piece = packed.substr(0, piece_bytes);
    packed.remove_prefix(piece.size());
    for (bool goes_on = true; goes_on;) {
      const auto step = unpacker->step(piece, target.data(), target.size());
      if (!step) {
        INVARIANT(!step.error().message.empty() && step.error().message.size() < 200);
        result.limited = step.error().outcome == Outcome::exhausted;
        return result;
      }
      INVARIANT(step->taken <= piece.size() && step->written <= target.size());
      INVARIANT(unpacker->memory_bytes() <= (4u << 20));
      result.text.append(target, 0, step->written);
      INVARIANT(result.text.size() <= limits.bytes_max);
      piece.remove_prefix(step->taken);
      goes_on = !piece.empty() || (step->written == target.size() && !unpacker->may_end());
    }
  }
  result.complete = unpacker->may_end();
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view packed(reinterpret_cast<const char*>(bytes), size);
  const packing::Packing kind = packing::detect_packing(packed);
  if (kind == packing::Packing::none) return 0;
  const Unpacked at_once = unpack(kind, packed, size, 64 << 10);
  const Unpacked in_parts = unpack(kind, packed, 3, 1000);
  // The ratio is looked at more often in small parts.
  if (at_once.limited || in_parts.limited) return 0;
  INVARIANT(at_once.complete == in_parts.complete);
  if (at_once.complete) INVARIANT(at_once.text == in_parts.text);
  return 0;
}

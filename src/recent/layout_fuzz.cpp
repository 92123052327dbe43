// Any bytes as keys and values of the recent store: a key that is accepted is the one we would
// write, and a value that is accepted reads the same after it was written again.
#include <cstddef>
#include <cstdint>

#include "base/invariant.h"
#include "recent/layout.h"

namespace {

using namespace cauce;

constexpr Time start = from_microseconds(1'790'000'040'000'000);

void try_key(BytesView bytes) {
  const auto key = recent::parse_key(bytes);
  if (!key) return;
  if (key->kind == recent::Kind::format) {
    INVARIANT(bytes == recent::format_key());
  } else if (key->kind == recent::Kind::summary) {
    INVARIANT(bytes == recent::summary_key(key->series));
  } else {
    INVARIANT(bytes == recent::window_key(key->kind, key->start, key->series));
  }
}

void try_values(BytesView bytes) {
  if (const auto points = recent::decode_points(start, bytes)) {
    INVARIANT(bytes == recent::encode_points(start, *points));
  }
  if (const auto aggregate = recent::decode_aggregate(start, bytes)) {
    const Bytes written = recent::encode(*aggregate);
    const auto again = recent::decode_aggregate(start, written);
    INVARIANT(again && recent::encode(*again) == written);
  }
  const auto rank = recent::decode_rank(bytes);
  if (const auto summary = recent::decode_summary("acme/mote-1/humidity", bytes)) {
    INVARIANT(bytes == recent::encode(*summary));
    INVARIANT(rank && rank->time == summary->last.time && rank->origin == summary->last.origin);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  const BytesView bytes{reinterpret_cast<const char*>(input), size};
  try_key(bytes);
  try_values(bytes);
  return 0;
}

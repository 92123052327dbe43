#include "ledger/arrival.h"

#include "disk/crc32c.h"

namespace cauce::ledger {

// The lower half need not be spread well: it only keeps apart what has the same checksum.
std::uint64_t mark_of(BytesView payload, std::optional<Time> measured_at) {
  const std::uint64_t time = measured_at ? std::uint64_t(to_microseconds(*measured_at)) : 0;
  const std::uint64_t beside = (std::uint64_t{payload.size()} << 44U) ^ time;
  return (std::uint64_t{disk::crc32c(payload)} << 32U) | ((beside * 0x9E3779B97F4A7C15ULL) >> 32U);
}

}  // namespace cauce::ledger

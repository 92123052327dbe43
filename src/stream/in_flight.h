// The bound on what a writer holds that is not durable yet, and the checks that every append must
// pass whatever the engine. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cauce::stream {

// What each record costs beyond its own bytes: its length, as stored.
constexpr std::size_t record_overhead_bytes = 4;

class InFlight {
 public:
  explicit InFlight(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // What the records cost: their bytes and record_overhead_bytes each. `invalid` for a record over
  // record_bytes_max, or for more than could ever be in flight.
  Result<std::size_t> cost_of(const std::vector<Bytes>& records) const;

  // Takes `cost` from the room, or nothing: `exhausted` at the limit.
  Result<void> enter(std::size_t cost);
  void leave(std::size_t cost);

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace cauce::stream

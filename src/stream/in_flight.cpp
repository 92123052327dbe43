#include "stream/in_flight.h"

#include <fmt/core.h>

#include "stream/stream.h"

namespace cauce::stream {

Result<std::size_t> InFlight::cost_of(const std::vector<Bytes>& records) const {
  std::size_t cost = 0;
  for (const Bytes& record : records) {
    if (record.size() > record_bytes_max) {
      return Error{Outcome::invalid, fmt::format("a record of {} bytes is over the limit of {}",
                                                 record.size(), record_bytes_max)};
    }
    cost += record.size() + record_overhead_bytes;
  }
  if (cost > bytes_max_) {
    return Error{Outcome::invalid,
                 fmt::format("an append of {} bytes is over the {} that may be in flight: split it",
                             cost, bytes_max_)};
  }
  return cost;
}

Result<void> InFlight::enter(std::size_t cost) {
  std::size_t before = bytes_.load(std::memory_order_relaxed);
  do {
    if (before + cost > bytes_max_) {
      return Error{Outcome::exhausted,
                   fmt::format("{} bytes wait to become durable; {} more are over the limit of {}: "
                               "try again when they are",
                               before, cost, bytes_max_)};
    }
  } while (!bytes_.compare_exchange_weak(before, before + cost, std::memory_order_relaxed));
  return {};
}

void InFlight::leave(std::size_t cost) {
  bytes_.fetch_sub(cost, std::memory_order_relaxed);
}

}  // namespace cauce::stream

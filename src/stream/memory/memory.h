// The stream in the memory of one process, shared by its threads: for tests, which run all roles on
// it and a virtual clock. "Durable" is what the writer's worker has stepped over; it survives
// closing and opening again for as long as the topic lives.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "stream/stream.h"

namespace cauce::stream::memory {

struct Options {
  std::uint32_t partitions = 1;
  // Appended and not durable yet; then append() answers `exhausted`.
  std::size_t bytes_in_flight_max = 64 << 20;
};

// The topic outlives all that it opens; the clock outlives the topic.
std::unique_ptr<Topic> make_topic(std::string name, Options options, const Clock& clock);

}  // namespace cauce::stream::memory

// What a company has given lately, counted in memory: who asks before each command need not count
// the rows of a whole day each time.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

#include "base/time.h"

namespace cauce::commands {

struct GivenOne {
  Time at;
  std::uint64_t payload_bytes = 0;
};

// Together.
struct Given {
  std::uint64_t commands = 0;
  std::uint64_t payload_bytes = 0;
  Time first_at = {};  // when the first of them was given
};

class Tally {
 public:
  static constexpr Duration span = std::chrono::hours{24};

  void add(GivenOne one) {
    payload_bytes_ += one.payload_bytes;
    given_.push_back(one);
  }

  // Within `span` before `now`. Forgets what was before that.
  Given until(Time now) {
    while (!given_.empty() && given_.front().at <= now - span) {
      payload_bytes_ -= given_.front().payload_bytes;
      given_.pop_front();
    }
    if (given_.empty()) return {};
    return {given_.size(), payload_bytes_, given_.front().at};
  }

 private:
  std::deque<GivenOne> given_;  // in the order in which they were given
  std::uint64_t payload_bytes_ = 0;
};

}  // namespace cauce::commands

// What is counted of a device's messages, over an hour, a day or for ever.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"

namespace cauce::ledger {

struct Tally {
  std::uint64_t messages = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t readings = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t duplicates = 0;  // the same message again
  std::uint64_t missing = 0;     // numbers that were left out when a later one came …
  std::uint64_t late = 0;        // … and those of them that came after all
  std::uint64_t repeated = 0;    // a number again, in another message
  std::uint64_t restarts = 0;    // the counter began again
  // Of the silences that ended in it, our own outages not counted.
  Duration silence_longest{0};
  Time silence_until = time_min;  // when that one ended
  // Received minus measured: the largest and the smallest; a clock that is ahead gives less than 0.
  std::optional<Duration> behind_most = std::nullopt;
  std::optional<Duration> ahead_most = std::nullopt;

  bool operator==(const Tally&) const = default;
};

// Adds what `more` counts.
void add(Tally& tally, const Tally& more);

// What was counted in the span that begins at `start`.
struct Bucket {
  Time start = time_min;
  Tally tally = {};

  bool operator==(const Bucket&) const = default;
};

// docs/formats/ledger.md
void put(Bytes& target, const Tally& tally);
Tally take_tally(ByteReader& source);

constexpr Duration hour_span = std::chrono::hours{1};
constexpr Duration day_span = std::chrono::hours{24};
// How many of them are kept, the current one included: two days by the hour, a month by the day.
constexpr std::size_t hours_kept = 48;
constexpr std::size_t days_kept = 30;

// The start of the span of this length, in UTC, that holds `time`.
constexpr Time span_start(Time time, Duration span) {
  return Time{time.time_since_epoch() - time.time_since_epoch() % span};
}

}  // namespace cauce::ledger

// The last spans of time of a device, for what is typical of it: a median does not mind a single
// outlier, and forgets what the device did before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/time.h"

namespace cauce::ledger {

// A span is kept in seconds as a binary32: exact to 1 us below 16 s, and to 1 part in 10 million.
class LastSpans {
 public:
  static constexpr std::size_t count_max = 32;

  void add(Duration span);
  std::size_t count() const { return count_; }
  // nullopt while there is none. Of an even number it is the lower of the two in the middle.
  std::optional<Duration> median() const;
  std::optional<Duration> largest() const;
  // The largest, were `one` of them not there.
  std::optional<Duration> largest_but(Duration one) const;

  void put(Bytes& target) const;
  // False when the bytes are not what put() wrote.
  bool take(ByteReader& source);

  bool operator==(const LastSpans&) const = default;

 private:
  std::array<float, count_max> seconds_{};
  std::uint8_t count_ = 0;
  std::uint8_t next_ = 0;  // the place of the oldest, once all are taken
};

}  // namespace cauce::ledger

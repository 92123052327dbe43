// The number by which a device counts its messages: which numbers are missing, which came late,
// when the counter began again. Pure; what it is told decides alone.
//
// A number may be wrong, repeated, late or from before a restart, and nobody says which. What can
// be told is told, and the rest is called repeated rather than missing: a gap is never guessed.
//
//   further than the last one by more than one   a gap, unless it is too wide: then a new beginning
//   in a gap                                     late; the gap is smaller now
//   not further, in a message measured later     a new beginning
//   not further, in one measured before          repeated
//   not further, measured at no time, or by a    0 and 1 begin anew, others when the next message
//   clock that lost a day or more                goes on from there; else they are repeated
//   measured before the counter began anew       late when it was missing then, or else repeated
//   the next one of before it began anew         goes on there: what came between was sent again
//   0 after 255, 65,535 or 4,294,967,295         the next one: the counter has no more bits
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "ledger/tally.h"

namespace cauce::ledger {

// Numbers that have not come, both ends included.
struct Gap {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  Time noticed_at = time_min;  // when a later number came

  std::uint64_t count() const { return to - from + 1; }
  bool operator==(const Gap&) const = default;
};

struct Restart {
  std::uint64_t from = 0;  // the last number before
  std::uint64_t to = 0;    // the first one after
  Time at = time_min;      // when that one came

  bool operator==(const Restart&) const = default;
};

class Counter {
 public:
  // The latest are kept; what is missing in older ones counts as missing for ever.
  static constexpr std::size_t gaps_max = 16;
  static constexpr std::size_t restarts_max = 8;
  // A wider one is no gap: the device was given another counter, or says nonsense. More than a
  // week of a message each second.
  static constexpr std::uint64_t gap_numbers_max = 1'000'000;
  // A number that goes on so far from one that seemed repeated shows that it was a new beginning.
  static constexpr std::uint64_t follow_max = 100;
  // A clock that is set back by this or more lost its time, as at a restart; what it says is not
  // compared.
  static constexpr Duration clock_loss_min = std::chrono::hours{24};

  // The number of a message that came at `at`, measured at `measured_at`. Adds to `tally` what
  // this tells. At most number_max.
  void count(std::uint64_t number, Time at, std::optional<Time> measured_at, Tally& tally);

  // Forgets where the counter stands, as when another value is named that counts.
  void forget();

  std::optional<std::uint64_t> last() const { return last_; }
  // The latest last.
  const std::vector<Gap>& gaps() const { return gaps_; }
  const std::vector<Restart>& restarts() const { return restarts_; }

  void put(Bytes& target) const;
  // False when the bytes are not what put() wrote.
  bool take(ByteReader& source);

  bool operator==(const Counter&) const = default;

 private:
  // Of a message with its own time, against the newest one since the counter began.
  enum class Age { unknown, older, newer };

  Age age_of(std::optional<Time> measured_at) const;
  bool is_of_before(std::uint64_t number, std::optional<Time> measured_at) const;
  bool is_ahead(std::uint64_t number) const;
  bool wraps(std::uint64_t number) const;
  bool goes_back_to_before(std::uint64_t number) const;
  void go_on(std::uint64_t number, Time at, Tally& tally);
  void go_back(std::uint64_t number, Time at, std::optional<Time> measured_at, Tally& tally);
  void begin_anew(std::uint64_t number, Time at, std::optional<Time> measured_at, Tally& tally);
  // Takes the number out of a gap that was noticed in [from, to).
  bool fill(std::uint64_t number, Time from, Time to);
  // Of [from, end), when there is a number in it.
  void add_gap(std::uint64_t from, std::uint64_t end, Time at);
  Time began_at() const { return restarts_.empty() ? time_min : restarts_.back().at; }

  std::optional<std::uint64_t> last_;  // the furthest number since the counter began
  std::uint64_t modulus_ = 0;          // the counter is below it; 0 while that is unknown
  std::optional<std::uint64_t>
      strange_;                 // came last, and is repeated unless the next goes on there
  std::optional<Time> newest_;  // measured since the counter began
  std::optional<Time> first_;   // measured by the first message since it began anew
  std::vector<Gap> gaps_;
  std::vector<Restart> restarts_;
};

}  // namespace cauce::ledger

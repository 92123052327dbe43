// What is known of one device: what came, when, and what is wrong with it. Pure: a function of its
// messages in the order of their positions in `raw`, and of stream time.
//
// An account takes about 2 KB at most, whatever a device sends.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "ledger/arrival.h"
#include "ledger/counter.h"
#include "ledger/last_spans.h"
#include "ledger/tally.h"
#include "record/stream_clock.h"

namespace cauce::ledger {

// An hour or a day that is over.
struct Closed {
  Duration span{0};  // hour_span or day_span
  Bucket bucket;
};

class Account {
 public:
  // A message that comes again is known among so many that came before it.
  static constexpr std::size_t marks_max = 32;

  // Counts a message. `clock` is stream time with it. Adds to `closed` what is over with it.
  void enter(const Arrival& arrival, const record::StreamClock& clock, std::vector<Closed>& closed);

  // Since counting began.
  const Tally& total() const { return total_; }
  // The hour and the day of the last message.
  const Bucket& hour() const { return hour_; }
  const Bucket& day() const { return day_; }

  Time first_seen() const { return first_seen_; }  // time_min before the first message …
  Time last_seen() const { return last_seen_; }    // … stream time, both
  // The newest time of a reading: as the device says it, or when it arrived.
  std::optional<Time> newest_reading() const { return newest_reading_; }

  // Between messages, our own outages left out.
  const LastSpans& intervals() const { return intervals_; }
  // Received minus measured, of messages with a time of their own; below 0 when the device is
  // ahead.
  const LastSpans& skews() const { return skews_; }
  std::optional<Duration> last_skew() const { return last_skew_; }

  // Some message was one of a kind: only then a duplicate can be told from a second message.
  bool tells_duplicates() const { return marks_count_ > 0; }

  // Whether the type named a value that counts when the last message came.
  bool has_sequence() const { return sequence_mark_ != 0; }
  const Counter& counter() const { return counter_; }
  // Messages whose type named such a value that they did not have …
  std::uint64_t without_number() const { return without_number_; }
  // … and values that were no whole number of 0 … number_max.
  std::uint64_t unusable_numbers() const { return unusable_numbers_; }

  bool operator==(const Account&) const = default;

  // docs/formats/ledger.md
  Bytes encode() const;
  static Result<Account> decode(BytesView bytes);

 private:
  bool came_before(std::uint64_t mark) const;
  void remember(std::uint64_t mark);
  void count_numbers(const Arrival& arrival, Tally& tally);
  void measure(const Arrival& arrival, const record::StreamClock& clock, Tally& tally);
  void turn(Bucket& bucket, Duration span, Time now, std::vector<Closed>& closed);

  Tally total_;
  Bucket hour_;
  Bucket day_;
  Time first_seen_ = time_min;
  Time last_seen_ = time_min;
  std::optional<Time> newest_reading_;
  LastSpans intervals_;
  LastSpans skews_;
  std::optional<Duration> last_skew_;
  std::array<std::uint64_t, marks_max> marks_{};
  std::uint8_t marks_count_ = 0;
  std::uint8_t marks_next_ = 0;
  std::uint32_t sequence_mark_ = 0;  // of the name of the value that counts; 0: there is none
  Counter counter_;
  std::uint64_t without_number_ = 0;
  std::uint64_t unusable_numbers_ = 0;
};

}  // namespace cauce::ledger

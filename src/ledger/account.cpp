#include "ledger/account.h"

#include <algorithm>

#include "disk/crc32c.h"

namespace cauce::ledger {

void Account::enter(const Arrival& arrival, const record::StreamClock& clock,
                    std::vector<Closed>& closed) {
  Tally tally;
  tally.messages = 1;
  tally.payload_bytes = arrival.payload_bytes;
  tally.readings = arrival.readings;
  tally.dead_letters = arrival.is_dead_letter ? 1 : 0;
  measure(arrival, clock, tally);
  const bool again = arrival.is_one_of_a_kind && came_before(arrival.mark);
  if (again) {
    tally.duplicates = 1;
  } else {
    if (arrival.is_one_of_a_kind) remember(arrival.mark);
    count_numbers(arrival, tally);
  }
  turn(hour_, hour_span, arrival.received_at, closed);
  turn(day_, day_span, arrival.received_at, closed);
  add(total_, tally);
  add(hour_.tally, tally);
  add(day_.tally, tally);
}

void Account::measure(const Arrival& arrival, const record::StreamClock& clock, Tally& tally) {
  if (total_.messages == 0) {
    first_seen_ = arrival.received_at;
  } else {
    tally.silence_longest = clock.quiet_since(last_seen_);
    tally.silence_until = arrival.received_at;
    if (last_seen_ >= clock.run_since) intervals_.add(arrival.received_at - last_seen_);
  }
  last_seen_ = arrival.received_at;
  newest_reading_ = std::max(newest_reading_, arrival.newest_reading);
  if (!arrival.measured_at) return;
  last_skew_ = arrival.received_at - *arrival.measured_at;
  skews_.add(*last_skew_);
  tally.behind_most = last_skew_;
  tally.ahead_most = last_skew_;
}

bool Account::came_before(std::uint64_t mark) const {
  const auto* const end = marks_.begin() + marks_count_;
  return std::find(marks_.begin(), end, mark) != end;
}

void Account::remember(std::uint64_t mark) {
  marks_.at(marks_next_) = mark;
  marks_next_ = std::uint8_t((marks_next_ + 1U) % marks_max);
  if (marks_count_ < marks_max) ++marks_count_;
}

void Account::count_numbers(const Arrival& arrival, Tally& tally) {
  if (arrival.is_dead_letter) return;
  // Never 0, which means that there is none.
  const std::uint32_t named =
      arrival.sequence.empty() ? 0 : std::max(1U, disk::crc32c(arrival.sequence));
  if (named != sequence_mark_) counter_.forget();
  sequence_mark_ = named;
  if (named == 0) return;
  unusable_numbers_ += arrival.numbers_unusable;
  if (arrival.numbers.empty() && arrival.readings > 0) ++without_number_;
  for (const std::uint64_t number : arrival.numbers)
    counter_.count(number, arrival.received_at, arrival.measured_at, tally);
}

void Account::turn(Bucket& bucket, Duration span, Time now, std::vector<Closed>& closed) {
  const Time start = span_start(now, span);
  if (bucket.start == start) return;
  if (bucket.tally.messages > 0) closed.push_back({span, bucket});
  bucket = {start, {}};
}

}  // namespace cauce::ledger

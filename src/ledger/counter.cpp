#include "ledger/counter.h"

#include <algorithm>
#include <array>

#include "ledger/arrival.h"

namespace cauce::ledger {
namespace {

constexpr std::array<std::uint64_t, 3> moduli{1ULL << 8, 1ULL << 16, 1ULL << 32};

void put_optional(Bytes& target, std::optional<std::uint64_t> value) {
  put_u8(target, value ? 1 : 0);
  put_u64(target, value.value_or(0));
}

std::optional<std::uint64_t> optional_of(ByteReader& source) {
  const bool is_there = source.u8() == 1;
  const std::uint64_t value = source.u64();
  return is_there ? std::optional{value} : std::nullopt;
}

std::optional<std::uint64_t> number_of(std::optional<Time> time) {
  if (!time) return std::nullopt;
  return std::uint64_t(to_microseconds(*time));
}

std::optional<Time> time_of(std::optional<std::uint64_t> number) {
  if (!number) return std::nullopt;
  return from_microseconds(std::int64_t(*number));
}

}  // namespace

void Counter::forget() {
  last_.reset();
  modulus_ = 0;
  strange_.reset();
  newest_.reset();
  first_.reset();
  gaps_.clear();
  restarts_.clear();
}

Counter::Age Counter::age_of(std::optional<Time> measured_at) const {
  if (!measured_at || !newest_) return Age::unknown;
  if (*measured_at > *newest_) return Age::newer;
  return *newest_ - *measured_at < clock_loss_min ? Age::older : Age::unknown;
}

// Whoever begins anew without knowing the time begins long ago.
bool Counter::is_of_before(std::uint64_t number, std::optional<Time> measured_at) const {
  if (!first_ || !measured_at || *measured_at >= *first_) return false;
  const bool lost_its_time = number <= 1 && *first_ - *measured_at >= clock_loss_min;
  return !lost_its_time;
}

// Of a counter that is known to begin again at 0, half of its numbers are ahead.
bool Counter::is_ahead(std::uint64_t number) const {
  if (modulus_ == 0) return number > *last_;
  const std::uint64_t distance = (number + modulus_ - *last_) % modulus_;
  return distance != 0 && distance <= modulus_ / 2;
}

bool Counter::wraps(std::uint64_t number) const {
  return number == 0 && modulus_ == 0 &&
         std::find(moduli.begin(), moduli.end(), *last_ + 1) != moduli.end();
}

void Counter::count(std::uint64_t number, Time at, std::optional<Time> measured_at, Tally& tally) {
  if (last_ && is_of_before(number, measured_at)) {
    ++(fill(number, time_min, began_at()) ? tally.late : tally.repeated);
    return;
  }
  if (number >= modulus_ || (last_ && *last_ >= modulus_)) modulus_ = 0;
  if (!last_) {
    last_ = number;
  } else if (wraps(number)) {
    modulus_ = *last_ + 1;
    go_on(number, at, tally);
  } else if (is_ahead(number)) {
    go_on(number, at, tally);
  } else {
    go_back(number, at, measured_at, tally);
  }
  if (measured_at) newest_ = std::max(newest_.value_or(*measured_at), *measured_at);
}

// What seemed a new beginning was a part of the past, sent once more.
bool Counter::goes_back_to_before(std::uint64_t number) const {
  return !restarts_.empty() && number == restarts_.back().from + 1;
}

void Counter::go_on(std::uint64_t number, Time at, Tally& tally) {
  if (strange_) ++tally.repeated;
  strange_.reset();
  const std::uint64_t distance =
      number > *last_ ? number - *last_ : number + modulus_ - *last_;  // at least 1
  if (goes_back_to_before(number)) {
    last_ = number;
    return;
  }
  if (distance - 1 > gap_numbers_max) return begin_anew(number, at, std::nullopt, tally);
  tally.missing += distance - 1;
  if (number > *last_) {
    add_gap(*last_ + 1, number, at);
  } else {
    add_gap(*last_ + 1, modulus_, at);
    add_gap(0, number, at);
  }
  last_ = number;
}

void Counter::go_back(std::uint64_t number, Time at, std::optional<Time> measured_at,
                      Tally& tally) {
  if (fill(number, began_at(), time_max)) {
    ++tally.late;
    return;
  }
  const Age age = age_of(measured_at);
  const bool differs = number != *last_;
  if (differs && (age == Age::newer || (age == Age::unknown && number <= 1))) {
    begin_anew(number, at, measured_at, tally);
    return;
  }
  if (age != Age::unknown || !differs) {
    ++tally.repeated;
    return;
  }
  const bool follows = strange_ && number > *strange_ && number - *strange_ <= follow_max;
  if (follows) {
    begin_anew(*strange_, at, std::nullopt, tally);
    go_on(number, at, tally);
    return;
  }
  if (strange_) ++tally.repeated;
  strange_ = number;
}

void Counter::begin_anew(std::uint64_t number, Time at, std::optional<Time> measured_at,
                         Tally& tally) {
  ++tally.restarts;
  if (restarts_.size() == restarts_max) restarts_.erase(restarts_.begin());
  restarts_.push_back({*last_, number, at});
  last_ = number;
  strange_.reset();
  newest_.reset();
  first_ = measured_at;
}

bool Counter::fill(std::uint64_t number, Time from, Time to) {
  const auto gap = std::find_if(gaps_.begin(), gaps_.end(), [&](const Gap& candidate) {
    return candidate.from <= number && number <= candidate.to && candidate.noticed_at >= from &&
           candidate.noticed_at < to;
  });
  if (gap == gaps_.end()) return false;
  const Gap whole = *gap;
  auto place = gaps_.erase(gap);
  if (number < whole.to) place = gaps_.insert(place, {number + 1, whole.to, whole.noticed_at});
  if (whole.from < number) gaps_.insert(place, {whole.from, number - 1, whole.noticed_at});
  if (gaps_.size() > gaps_max) gaps_.erase(gaps_.begin());
  return true;
}

void Counter::add_gap(std::uint64_t from, std::uint64_t end, Time at) {
  if (from == end) return;
  if (gaps_.size() == gaps_max) gaps_.erase(gaps_.begin());
  gaps_.push_back({from, end - 1, at});
}

void Counter::put(Bytes& target) const {
  put_optional(target, last_);
  put_u64(target, modulus_);
  put_optional(target, strange_);
  put_optional(target, number_of(newest_));
  put_optional(target, number_of(first_));
  put_u8(target, std::uint8_t(gaps_.size()));
  for (const Gap& gap : gaps_) {
    put_u64(target, gap.from);
    put_u64(target, gap.to);
    put_i64(target, to_microseconds(gap.noticed_at));
  }
  put_u8(target, std::uint8_t(restarts_.size()));
  for (const Restart& restart : restarts_) {
    put_u64(target, restart.from);
    put_u64(target, restart.to);
    put_i64(target, to_microseconds(restart.at));
  }
}

bool Counter::take(ByteReader& source) {
  last_ = optional_of(source);
  modulus_ = source.u64();
  strange_ = optional_of(source);
  newest_ = time_of(optional_of(source));
  first_ = time_of(optional_of(source));
  const std::size_t gaps = source.u8();
  if (source.failed() || gaps > gaps_max) return false;
  for (std::size_t index = 0; index < gaps; ++index) {
    Gap gap;
    gap.from = source.u64();
    gap.to = source.u64();
    gap.noticed_at = from_microseconds(source.i64());
    if (gap.from > gap.to || gap.to > number_max) return false;
    gaps_.push_back(gap);
  }
  const std::size_t restarts = source.u8();
  if (source.failed() || restarts > restarts_max) return false;
  for (std::size_t index = 0; index < restarts; ++index) {
    Restart restart;
    restart.from = source.u64();
    restart.to = source.u64();
    restart.at = from_microseconds(source.i64());
    restarts_.push_back(restart);
  }
  const bool knows_modulus =
      modulus_ == 0 || (std::find(moduli.begin(), moduli.end(), modulus_) != moduli.end() &&
                        last_ && *last_ < modulus_);
  return !source.failed() && knows_modulus && last_.value_or(0) <= number_max;
}

}  // namespace cauce::ledger

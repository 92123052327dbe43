#include "ledger/last_spans.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cauce::ledger {
namespace {

Duration span_of(float seconds) {
  return Duration{std::llround(double(seconds) * 1e6)};
}

float seconds_of(Duration span) {
  return float(double(span.count()) / 1e6);
}

// Two times from 1970 to 2100 are no further apart.
bool is_possible(float seconds) {
  return std::isfinite(seconds) && std::abs(seconds) <= 4.2e9F;
}

}  // namespace

void LastSpans::add(Duration span) {
  seconds_.at(next_) = seconds_of(span);
  next_ = std::uint8_t((next_ + 1U) % count_max);
  if (count_ < count_max) ++count_;
}

std::optional<Duration> LastSpans::median() const {
  if (count_ == 0) return std::nullopt;
  std::array<float, count_max> sorted = seconds_;
  auto* const middle = sorted.begin() + (count_ - 1) / 2;
  std::nth_element(sorted.begin(), middle, sorted.begin() + count_);
  return span_of(*middle);
}

std::optional<Duration> LastSpans::largest() const {
  if (count_ == 0) return std::nullopt;
  return span_of(*std::max_element(seconds_.begin(), seconds_.begin() + count_));
}

std::optional<Duration> LastSpans::largest_but(Duration one) const {
  std::array<float, count_max> others = seconds_;
  auto* end = others.begin() + count_;
  if (auto* const found = std::find(others.begin(), end, seconds_of(one)); found != end)
    std::swap(*found, *--end);
  if (end == others.begin()) return std::nullopt;
  return span_of(*std::max_element(others.begin(), end));
}

void LastSpans::put(Bytes& target) const {
  put_u8(target, count_);
  put_u8(target, next_);
  for (std::size_t index = 0; index < count_; ++index)
    put_u32(target, std::bit_cast<std::uint32_t>(seconds_.at(index)));
}

bool LastSpans::take(ByteReader& source) {
  const std::uint8_t count = source.u8();
  const std::uint8_t next = source.u8();
  const bool in_order = count < count_max ? next == count : next < count_max;
  if (source.failed() || count > count_max || !in_order) return false;
  count_ = count;
  next_ = next;
  for (std::size_t index = 0; index < count; ++index) {
    seconds_.at(index) = std::bit_cast<float>(source.u32());
    if (!is_possible(seconds_.at(index))) return false;
  }
  return !source.failed();
}

}  // namespace cauce::ledger

// A rate that may be overdrawn: what has come is counted, whatever there was left, and who is in
// debt waits until time has paid it. So nothing that was read is ever thrown away.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace cauce::gateway {

class TokenBucket {
 public:
  // After a silence, so much of what it may have comes at once.
  static constexpr Duration burst_span = std::chrono::seconds{1};

  // 0: without limit. Begins full.
  TokenBucket(double per_second, Duration now)
      : per_second_(per_second), left_(full()), counted_at_(now) {}

  double per_second() const { return per_second_; }
  // From now on. What is owed stays owed, and is paid at the new rate.
  void change(double per_second, Duration now) {
    const double left = per_second_ > 0 ? left_at(now) : per_second * seconds(burst_span);
    per_second_ = per_second;
    left_ = std::min(left, full());
    counted_at_ = std::max(counted_at_, now);
  }

  void take(double amount, Duration now) {
    left_ = left_at(now) - amount;
    counted_at_ = std::max(counted_at_, now);
  }

  // Until it is out of debt; 0 when it is not in it.
  Duration wait(Duration now) const {
    const double left = left_at(now);
    if (per_second_ <= 0 || left >= 0) return Duration{0};
    // Rounded up, so that whoever waits so long does not wait twice.
    return Duration{static_cast<Duration::rep>(-left / per_second_ * 1e6) + 1};
  }

  bool is_full(Duration now) const { return per_second_ <= 0 || left_at(now) >= full(); }

 private:
  double full() const { return per_second_ * seconds(burst_span); }
  double left_at(Duration now) const {
    const double gained = seconds(std::max(now - counted_at_, Duration{0})) * per_second_;
    return std::min(left_ + gained, full());
  }
  static double seconds(Duration span) { return double(span.count()) / 1e6; }

  double per_second_;
  double left_;  // negative: in debt
  Duration counted_at_;
};

}  // namespace cauce::gateway

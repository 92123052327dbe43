#include "charts/figures/moments.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cauce::charts::figures {

namespace {

// Four sums at once: one addition waits for the one before it, four do not wait for each other.
constexpr std::size_t lanes = 4;
using Lanes = std::array<double, lanes>;

struct SliceSum {
  double sum;
  double min;
  double max;
};

SliceSum sum_of(std::span<const double> values) {
  Lanes sum{};
  Lanes lost{};
  Lanes low;
  Lanes high;
  low.fill(values[0]);
  high.fill(values[0]);
  const auto take = [&](double value, std::size_t lane) {
    const double next = sum[lane] + value;
    const double part = next - sum[lane];
    lost[lane] += (sum[lane] - (next - part)) + (value - part);
    sum[lane] = next;
    low[lane] = value < low[lane] ? value : low[lane];
    high[lane] = value > high[lane] ? value : high[lane];
  };
  const std::size_t whole = values.size() / lanes * lanes;
  for (std::size_t index = 0; index < whole; index += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane)
      take(values[index + lane], lane);
  }
  for (std::size_t index = whole; index < values.size(); ++index)
    take(values[index], 0);
  ExactSum total;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    total.add(sum[lane]);
    total.add(lost[lane]);
  }
  return {total.value(), *std::min_element(low.begin(), low.end()),
          *std::max_element(high.begin(), high.end())};
}

double total(const Lanes& parts) {
  return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

struct Spread {
  double deviations;  // what the guessed mean was wrong by, times n
  double squares;
};

Spread spread_of(std::span<const double> values, double shift, double guess) {
  Lanes deviations{};
  Lanes squares{};
  const auto take = [&](double value, std::size_t lane) {
    const double deviation = (value - shift) - guess;
    deviations[lane] += deviation;
    squares[lane] += deviation * deviation;
  };
  const std::size_t whole = values.size() / lanes * lanes;
  for (std::size_t index = 0; index < whole; index += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane)
      take(values[index + lane], lane);
  }
  for (std::size_t index = whole; index < values.size(); ++index)
    take(values[index], 0);
  return {total(deviations), total(squares)};
}

double plain_mean(std::span<const double> values) {
  return sum_of(values).sum / double(values.size());
}

}  // namespace

void ExactSum::add(double value) {
  const double next = sum_ + value;
  const double part = next - sum_;
  lost_ += (sum_ - (next - part)) + (value - part);
  sum_ = next;
}

void Moments::add(std::span<const double> values) {
  if (values.empty()) return;
  const SliceSum slice = sum_of(values);
  if (n_ == 0) {
    shift_ = values[0];
    min_ = slice.min;
    max_ = slice.max;
  }
  min_ = std::min(min_, slice.min);
  max_ = std::max(max_, slice.max);
  sum_.add(slice.sum);

  const auto added = double(values.size());
  const double guess = slice.sum / added - shift_;
  const Spread spread = spread_of(values, shift_, guess);
  const double slice_mean = guess + spread.deviations / added;
  const double slice_squares = spread.squares - spread.deviations * spread.deviations / added;
  combine(values.size(), slice_mean, slice_squares);
}

// `mean` is relative to shift_.
void Moments::combine(std::uint64_t n, double mean, double squares) {
  const auto before = double(n_);
  const double apart = mean - mean_;
  const double share = double(n) / (before + double(n));
  mean_ += apart * share;
  squares_ += squares + apart * apart * before * share;
  n_ += n;
}

void Moments::join(const Moments& other) {
  if (other.n_ == 0) return;
  if (n_ == 0) {
    *this = other;
    return;
  }
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_.add(other.sum_);
  combine(other.n_, (other.shift_ - shift_) + other.mean_, other.squares_);
}

double Moments::mean() const {
  return n_ == 0 ? std::numeric_limits<double>::quiet_NaN() : sum() / double(n_);
}

double Moments::deviation() const {
  if (n_ < 2) return std::numeric_limits<double>::quiet_NaN();
  return min_ == max_ ? 0 : std::sqrt(squares_ / double(n_ - 1));
}

double Moments::population_deviation() const {
  if (n_ == 0) return std::numeric_limits<double>::quiet_NaN();
  return min_ == max_ ? 0 : std::sqrt(squares_ / double(n_));
}

void CoMoments::add(std::span<const double> x, std::span<const double> y) {
  if (x.empty()) return;
  if (n_ == 0) {
    shift_x_ = x[0];
    shift_y_ = y[0];
  }
  const auto added = double(x.size());
  const double guess_x = plain_mean(x) - shift_x_;
  const double guess_y = plain_mean(y) - shift_y_;
  const Spread spread_x = spread_of(x, shift_x_, guess_x);
  const Spread spread_y = spread_of(y, shift_y_, guess_y);
  Lanes products{};
  for (std::size_t index = 0; index < x.size(); ++index) {
    products[index % lanes] +=
        ((x[index] - shift_x_) - guess_x) * ((y[index] - shift_y_) - guess_y);
  }
  const double off_x = spread_x.deviations / added;
  const double off_y = spread_y.deviations / added;
  const auto before = double(n_);
  const double share = added / (before + added);
  const double apart_x = guess_x + off_x - mean_x_;
  const double apart_y = guess_y + off_y - mean_y_;
  mean_x_ += apart_x * share;
  mean_y_ += apart_y * share;
  squares_x_ += spread_x.squares - off_x * off_x * added + apart_x * apart_x * before * share;
  squares_y_ += spread_y.squares - off_y * off_y * added + apart_y * apart_y * before * share;
  products_ += total(products) - off_x * off_y * added + apart_x * apart_y * before * share;
  n_ += x.size();
}

}  // namespace cauce::charts::figures

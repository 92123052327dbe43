// Count, sum, mean, deviation and extremes of numbers that arrive in slices. Sums are compensated
// (Knuth's two-sum in lanes), so they do not depend on the order of rows beyond the last bit;
// squared deviations are taken from the slice's own mean, corrected, and combined pairwise
// (Chan, Golub, LeVeque 1983), relative to the first value, so that a large offset (times in
// microseconds) costs no digits.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

namespace cauce::charts::figures {

// A sum with what rounding took from it (Neumaier 1974).
class ExactSum {
 public:
  void add(double value);
  void add(const ExactSum& other) {
    add(other.sum_);
    add(other.lost_);
  }
  double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

class Moments {
 public:
  // All values are finite.
  void add(std::span<const double> values);

  // As if the values of both had been added to this one.
  void join(const Moments& other);

  std::uint64_t n() const { return n_; }
  double sum() const { return sum_.value(); }
  double mean() const;  // NaN without values, as are min and max
  double min() const { return min_; }
  double max() const { return max_; }
  double deviation() const;             // of a sample (n - 1); NaN of fewer than two
  double population_deviation() const;  // (n); NaN without values

 private:
  void combine(std::uint64_t n, double mean, double squares);

  std::uint64_t n_ = 0;
  ExactSum sum_;
  double min_ = std::numeric_limits<double>::quiet_NaN();
  double max_ = std::numeric_limits<double>::quiet_NaN();
  double shift_ = 0;    // the first value
  double mean_ = 0;     // of value - shift_
  double squares_ = 0;  // of deviations from the mean
};

// The same for pairs: what correlation and the line of least squares are made of.
class CoMoments {
 public:
  // As many x as y, all finite.
  void add(std::span<const double> x, std::span<const double> y);

  std::uint64_t n() const { return n_; }
  double mean_x() const { return shift_x_ + mean_x_; }
  double mean_y() const { return shift_y_ + mean_y_; }
  double squares_x() const { return squares_x_; }
  double squares_y() const { return squares_y_; }
  double products() const { return products_; }

 private:
  std::uint64_t n_ = 0;
  double shift_x_ = 0, shift_y_ = 0;
  double mean_x_ = 0, mean_y_ = 0;
  double squares_x_ = 0, squares_y_ = 0, products_ = 0;
};

}  // namespace cauce::charts::figures

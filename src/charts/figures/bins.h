// Equal bins as numpy makes them: the rules of numpy.histogram_bin_edges, edges of linspace, and
// each value counted between the edges themselves, so counts are exact.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "charts/request.h"

namespace cauce::charts::figures {

class EqualBins {
 public:
  // low <= high, both finite, and so is high - low; count >= 1. A range of nothing is widened by a
  // half to both sides.
  EqualBins(double low, double high, std::uint32_t count);

  double low() const { return edges_.front(); }
  double high() const { return edges_.back(); }
  std::uint32_t count() const { return count_; }

  // The bin of a value; of one outside the range the nearest.
  std::uint32_t index(double value) const {
    const double guess = (value - edges_.front()) * per_value_;
    std::uint32_t bin = guess > 0 ? (guess < last_ ? std::uint32_t(guess) : count_ - 1) : 0;
    while (bin > 0 && value < edges_[bin])
      --bin;
    while (bin + 1 < count_ && value >= edges_[bin + 1])
      ++bin;
    return bin;
  }

 private:
  std::uint32_t count_;
  std::vector<double> edges_;  // count_ + 1
  double per_value_;
  double last_;  // count_ - 1
};

// invalid: a number of bins that is none, or more than bins_max.
Result<void> check_bins(const Bins& bins);

// What the rules look at.
struct Spread {
  std::uint64_t n;
  double min, max;
  double population_deviation;
  double interquartile_range;
};

// How many bins a rule asks for. Sturges 1926, Scott 1979, Freedman and Diaconis 1981, as numpy
// 1.24 has them; may be far more than can be drawn (the caller bounds it), at most 2^53.
double bins_by(Bins::Rule rule, const Spread& spread);

}  // namespace cauce::charts::figures

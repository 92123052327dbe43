#include "charts/figures/bins.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/invariant.h"
#include "charts/figures/columns_of.h"

namespace cauce::charts::figures {

EqualBins::EqualBins(double low, double high, std::uint32_t count)
    : count_(count), last_(double(count - 1)) {
  INVARIANT(count >= 1 && low <= high);
  if (low == high) {
    low -= 0.5;
    high += 0.5;
  }
  const double step = (high - low) / double(count);
  for (std::uint32_t edge = 0; edge < count; ++edge)
    edges_.push_back(double(edge) * step + low);
  edges_.push_back(high);
  per_value_ = double(count) / (high - low);
}

Result<void> check_bins(const Bins& bins) {
  if (bins.rule != Bins::Rule::given || (bins.count >= 1 && bins.count <= bins_max)) return {};
  return Error{Outcome::invalid,
               "there are 1 to " + counted(bins_max) + " bins, not " + counted(bins.count)};
}

namespace {

// The width of a bin; 0: the rule cannot tell.
double width_by(Bins::Rule rule, const Spread& spread) {
  const auto n = double(spread.n);
  const double sturges = (spread.max - spread.min) / (std::log2(n) + 1);
  const double freedman_diaconis = 2 * spread.interquartile_range * std::pow(n, -1.0 / 3);
  switch (rule) {
    case Bins::Rule::sturges: return sturges;
    case Bins::Rule::scott:
      return std::pow(24 * std::sqrt(std::numbers::pi) / n, 1.0 / 3) * spread.population_deviation;
    case Bins::Rule::freedman_diaconis: return freedman_diaconis;
    case Bins::Rule::suited:
    case Bins::Rule::automatic:
      return freedman_diaconis > 0 ? std::min(freedman_diaconis, sturges) : sturges;
    case Bins::Rule::given: break;
  }
  INVARIANT(false);
}

}  // namespace

double bins_by(Bins::Rule rule, const Spread& spread) {
  const double width = width_by(rule, spread);
  if (!(width > 0)) return 1;
  return std::clamp(std::ceil((spread.max - spread.min) / width), 1.0, 9007199254740992.0);
}

}  // namespace cauce::charts::figures

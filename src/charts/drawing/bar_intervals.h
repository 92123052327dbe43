// The 95 % interval of a mean, upon the bar that is as long as the mean.
#pragma once

#include <cstdint>
#include <string>

#include "charts/drawing/bar_layout.h"

namespace cauce::charts::drawing {

// NaN: there is none.
struct MeanInterval {
  double low, high;

  bool there() const { return low <= high; }
};

// Of bars that show means; of others none.
MeanInterval interval_of(const BarGroup& group, Aggregate aggregate);

// Widens the domain of bars for their intervals: to either side by at most the length of all bars
// together, so that the interval of two values does not make a trace of the bars.
class IntervalReach {
 public:
  void add(const MeanInterval& interval);
  void widen(double& low, double& high) const;

 private:
  double low_ = 0, high_ = 0;
};

// Puts intervals on bars, and counts those that go on beyond the axis.
class Intervals {
 public:
  Intervals(Sheet& sheet, const BarLayout& layout) : sheet_(sheet), layout_(layout) {}

  // `attributes` name the bar. Returns where, along the axis, a label of a bar with this value may
  // begin: at the end of the bar or of its interval.
  double put(const MeanInterval& interval, double value, double middle, double thick,
             Attributes attributes);

  // For the footer.
  void remark_on_cut();

 private:
  void put_arrow(double end, double middle, double direction);

  Sheet& sheet_;
  const BarLayout& layout_;
  std::uint64_t cut_ = 0;
};

}  // namespace cauce::charts::drawing

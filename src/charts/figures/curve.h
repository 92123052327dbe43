// A Gaussian kernel density estimate (Parzen 1962) at 512 points.
#pragma once

#include <span>
#include <vector>

namespace cauce::charts::figures {

inline constexpr std::size_t curve_points = 512;

class Curve {
 public:
  // x0 < x1; bandwidth above 0.
  Curve(double x0, double x1, double bandwidth);

  // A kernel at `center`. Beyond nine bandwidths it is less than 3e-18 of its peak and left out.
  void add(double center, double weight);

  // What was added, as a density of n values.
  std::vector<double> density(double n) const;

 private:
  double x0_;
  double step_;
  double bandwidth_;
  double steps_apart_;  // step_ in bandwidths
  double falling_;      // exp(-steps_apart_^2)
  std::vector<double> sums_;
};

// Values shared out to the two nearest of equally spaced nodes (linear binning, Jones and Lotwick
// 1984; Wand 1994), so that a curve costs the same whatever their number. Nodes lie so close that
// the curve's error stays below 1e-5 of its peak.
class WeightedCells {
 public:
  WeightedCells() = default;

  // `shared_by`: how many of these share the memory; all together take at most 64 MB, and 8 MB
  // more for each thousand.
  WeightedCells(double min, double max, double bandwidth, std::size_t shared_by);

  void add(std::span<const double> values);
  void add_to(Curve& curve) const;

 private:
  double min_ = 0;
  double per_value_ = 0;
  double spacing_ = 0;
  std::vector<double> weights_;
};

}  // namespace cauce::charts::figures

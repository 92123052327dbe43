// A Gaussian product-kernel density estimate of two columns (Scott 1992, section 6.3) on a grid.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cauce::charts::figures {

// Equally spaced nodes along one side, the first and the last at its ends.
struct GridSide {
  double low = 0, high = 1;  // low < high
  double bandwidth = 1;      // above 0
  std::uint32_t nodes = 2;   // 2 or more

  double step() const { return (high - low) / double(nodes - 1); }
};

// Five nodes to a bandwidth, 100 to 256 along a side: what a contour needs to be smooth.
std::uint32_t nodes_of(double low, double high, double bandwidth);

class Surface {
 public:
  // The sums of kernels are exact, each value by itself, or taken from values shared out to the
  // four nearest nodes of a finer grid (linear binning, Wand 1994), 16 to a bandwidth and 2,048 to
  // a side at most: within 1e-3 of the peak, and at the cost of a few values whatever their number.
  Surface(GridSide x, GridSide y, bool binned);

  // As many x as y, within the sides.
  void add(std::span<const double> x, std::span<const double> y);

  // What was added, as the density of n pairs, x-major.
  std::vector<double> density(double n) const;

 private:
  struct Bins {
    double low = 0, per_value = 0, step = 0;
    std::uint32_t nodes = 0;
  };
  static Bins bins_of(const GridSide& side);
  void add_exactly(double x, double y);
  void share_out(double x, double y);

  const GridSide x_, y_;
  const bool binned_;
  const Bins bins_x_, bins_y_;
  std::vector<double> weights_;  // of the finer grid, x-major
  std::vector<double> sums_;     // of kernels without their scale, x-major
};

}  // namespace cauce::charts::figures

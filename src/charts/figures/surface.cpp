#include "charts/figures/surface.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cauce::charts::figures {

namespace {

constexpr double reach = 8;  // bandwidths; beyond, a kernel is below 2e-14 of its peak
constexpr double nodes_in_bandwidth = 5;
constexpr double nodes_min = 100;
constexpr double nodes_max = 256;
constexpr double bins_in_bandwidth = 16;
constexpr double bins_min = 128;
constexpr double bins_max = 2'048;  // along a side: 32 MB

struct Reach {
  std::uint32_t begin, end;  // nodes
};

Reach reach_of(const GridSide& side, double center) {
  const double from = (center - reach * side.bandwidth - side.low) / side.step();
  const double to = (center + reach * side.bandwidth - side.low) / side.step();
  return {std::uint32_t(std::clamp(std::ceil(from), 0.0, double(side.nodes))),
          std::uint32_t(std::clamp(std::floor(to) + 1, 0.0, double(side.nodes)))};
}

double height_at(const GridSide& side, std::uint32_t node, double center) {
  const double apart = (side.low + double(node) * side.step() - center) / side.bandwidth;
  return std::exp(-0.5 * apart * apart);
}

}  // namespace

std::uint32_t nodes_of(double low, double high, double bandwidth) {
  const double wanted = std::ceil((high - low) / bandwidth * nodes_in_bandwidth) + 1;
  return std::uint32_t(std::clamp(wanted, nodes_min, nodes_max));
}

Surface::Bins Surface::bins_of(const GridSide& side) {
  const double wanted = std::ceil((side.high - side.low) / side.bandwidth * bins_in_bandwidth);
  const double nodes = std::clamp(wanted, bins_min, bins_max);
  const double step = (side.high - side.low) / (nodes - 1);
  return {side.low, 1 / step, step, std::uint32_t(nodes)};
}

Surface::Surface(GridSide x, GridSide y, bool binned)
    : x_(x),
      y_(y),
      binned_(binned),
      bins_x_(bins_of(x)),
      bins_y_(bins_of(y)),
      weights_(binned ? std::size_t{bins_x_.nodes} * bins_y_.nodes : 0),
      sums_(binned ? 0 : std::size_t{x.nodes} * y.nodes) {}

void Surface::add(std::span<const double> x, std::span<const double> y) {
  for (std::size_t index = 0; index < x.size(); ++index) {
    if (binned_) {
      share_out(x[index], y[index]);
    } else {
      add_exactly(x[index], y[index]);
    }
  }
}

void Surface::add_exactly(double x, double y) {
  const Reach across = reach_of(x_, x);
  const Reach up = reach_of(y_, y);
  std::vector<double> heights;
  for (std::uint32_t node = up.begin; node < up.end; ++node)
    heights.push_back(height_at(y_, node, y));
  for (std::uint32_t column = across.begin; column < across.end; ++column) {
    const double height = height_at(x_, column, x);
    double* const sums = sums_.data() + std::size_t{column} * y_.nodes + up.begin;
    for (std::size_t row = 0; row < heights.size(); ++row)
      sums[row] += height * heights[row];
  }
}

void Surface::share_out(double x, double y) {
  const auto place = [](const Bins& bins, double value) {
    return std::clamp((value - bins.low) * bins.per_value, 0.0, double(bins.nodes - 1));
  };
  const double at_x = place(bins_x_, x);
  const double at_y = place(bins_y_, y);
  const auto column = std::min(std::uint32_t(at_x), bins_x_.nodes - 2);
  const auto row = std::min(std::uint32_t(at_y), bins_y_.nodes - 2);
  const double right = at_x - double(column);
  const double upper = at_y - double(row);
  double* const corner = weights_.data() + std::size_t{column} * bins_y_.nodes + row;
  corner[0] += (1 - right) * (1 - upper);
  corner[1] += (1 - right) * upper;
  corner[bins_y_.nodes] += right * (1 - upper);
  corner[bins_y_.nodes + 1] += right * upper;
}

// A product kernel is taken along one side first, then along the other.
std::vector<double> Surface::density(double n) const {
  std::vector<double> density = sums_;
  if (binned_) {
    std::vector<double> half(std::size_t{x_.nodes} * bins_y_.nodes);
    for (std::uint32_t bin = 0; bin < bins_x_.nodes; ++bin) {
      const double center = bins_x_.low + double(bin) * bins_x_.step;
      const double* const source = weights_.data() + std::size_t{bin} * bins_y_.nodes;
      if (std::all_of(source, source + bins_y_.nodes, [](double one) { return one == 0; }))
        continue;
      const Reach across = reach_of(x_, center);
      for (std::uint32_t node = across.begin; node < across.end; ++node) {
        const double height = height_at(x_, node, center);
        double* const target = half.data() + std::size_t{node} * bins_y_.nodes;
        for (std::uint32_t row = 0; row < bins_y_.nodes; ++row)
          target[row] += height * source[row];
      }
    }
    density.assign(std::size_t{x_.nodes} * y_.nodes, 0);
    for (std::uint32_t bin = 0; bin < bins_y_.nodes; ++bin) {
      const double center = bins_y_.low + double(bin) * bins_y_.step;
      const Reach up = reach_of(y_, center);
      for (std::uint32_t node = up.begin; node < up.end; ++node) {
        const double height = height_at(y_, node, center);
        for (std::uint32_t column = 0; column < x_.nodes; ++column) {
          density[std::size_t{column} * y_.nodes + node] +=
              height * half[std::size_t{column} * bins_y_.nodes + bin];
        }
      }
    }
  }
  const double scale = 1 / (n * x_.bandwidth * y_.bandwidth * 2 * std::numbers::pi);
  for (double& height : density)
    height *= scale;
  return density;
}

}  // namespace cauce::charts::figures

#include "charts/figures/curve.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cauce::charts::figures {

namespace {

constexpr double reach = 9;  // bandwidths

// Measured against the exact sum: 160 nodes to a bandwidth leave 3e-6 of the peak of a lone
// kernel, and less of a curve of many.
constexpr double nodes_in_bandwidth = 160;
constexpr std::size_t nodes_min = 512;
constexpr std::size_t nodes_max = 65'536;
constexpr std::size_t nodes_of_all = 8'388'608;
constexpr std::size_t nodes_shared_min = 4096;

}  // namespace

Curve::Curve(double x0, double x1, double bandwidth)
    : x0_(x0),
      step_((x1 - x0) / double(curve_points - 1)),
      bandwidth_(bandwidth),
      steps_apart_(step_ / bandwidth),
      falling_(std::exp(-steps_apart_ * steps_apart_)),
      sums_(curve_points) {}

// exp(-(u + d)^2 / 2) is exp(-u^2 / 2) times a ratio that itself falls by exp(-d^2) each step: two
// multiplications a point. Started anew every 16 points, rounding stays below 1e-13 of the peak.
void Curve::add(double center, double weight) {
  const double last = double(curve_points - 1);
  const double from = std::ceil((center - reach * bandwidth_ - x0_) / step_);
  const double to = std::floor((center + reach * bandwidth_ - x0_) / step_);
  if (!(from <= last && to >= 0)) return;
  const auto end = std::size_t(std::min(to, last)) + 1;
  for (auto begin = std::size_t(std::max(from, 0.0)); begin < end; begin += 16) {
    const double apart = (x0_ + double(begin) * step_ - center) / bandwidth_;
    double height = weight * std::exp(-0.5 * apart * apart);
    double ratio = std::exp(-steps_apart_ * (apart + 0.5 * steps_apart_));
    const std::size_t stop = std::min(begin + 16, end);
    for (std::size_t point = begin; point < stop; ++point) {
      sums_[point] += height;
      height *= ratio;
      ratio *= falling_;
    }
  }
}

std::vector<double> Curve::density(double n) const {
  const double scale = 1 / (n * bandwidth_ * std::sqrt(2 * std::numbers::pi));
  std::vector<double> density = sums_;
  for (double& height : density)
    height *= scale;
  return density;
}

WeightedCells::WeightedCells(double min, double max, double bandwidth, std::size_t shared_by)
    : min_(min) {
  const std::size_t most =
      std::clamp(nodes_of_all / std::max<std::size_t>(shared_by, 1), nodes_shared_min, nodes_max);
  const double wanted = std::ceil((max - min) / bandwidth * nodes_in_bandwidth);
  const auto nodes = std::size_t(std::clamp(wanted, double(nodes_min), double(most)));
  spacing_ = (max - min) / double(nodes - 1);
  per_value_ = double(nodes - 1) / (max - min);
  weights_.resize(nodes);
}

void WeightedCells::add(std::span<const double> values) {
  const auto last = double(weights_.size() - 1);
  for (const double value : values) {
    const double place = std::clamp((value - min_) * per_value_, 0.0, last);
    const auto node = std::min(std::size_t(place), weights_.size() - 2);
    const double part = place - double(node);
    weights_[node] += 1 - part;
    weights_[node + 1] += part;
  }
}

void WeightedCells::add_to(Curve& curve) const {
  for (std::size_t node = 0; node < weights_.size(); ++node) {
    if (weights_[node] > 0) curve.add(min_ + double(node) * spacing_, weights_[node]);
  }
}

}  // namespace cauce::charts::figures

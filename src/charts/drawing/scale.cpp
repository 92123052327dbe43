#include "charts/drawing/scale.h"

#include <algorithm>
#include <cmath>

namespace cauce::charts::drawing {

namespace {

// Above 0: the step itself. Below 0: minus its reciprocal, so that 0.1 is held exactly as 10.
double signed_step(double low, double high, double count) {
  const double step = (high - low) / std::max(count, 0.0);
  const double power = std::floor(std::log10(step));
  const double error = step / std::pow(10, power);
  const double factor = error >= std::sqrt(50)   ? 10
                        : error >= std::sqrt(10) ? 5
                        : error >= std::sqrt(2)  ? 2
                                                 : 1;
  if (power < 0) return -std::pow(10, -power) / factor;
  return factor * std::pow(10, power);
}

constexpr double ticks_max = 1000;

// What is even along the axis.
double bent(ScaleKind kind, double value) {
  if (kind == ScaleKind::logarithmic) return std::log10(value);
  if (kind == ScaleKind::symmetric) return std::copysign(std::log10(1 + std::abs(value)), value);
  return value;
}

// Below, the reciprocal of a step is beyond what a double holds.
constexpr double range_min = 1e-290;

bool drawable(double low, double high) {
  const double range = std::abs(high - low);
  return std::isfinite(low) && std::isfinite(high) && std::isfinite(range) &&
         (range == 0 || range >= range_min);
}

}  // namespace

double Scale::operator()(double value) const {
  const double first = bent(kind, low);
  const double last = bent(kind, high);
  if (first == last) return (start + end) / 2;
  return start + (bent(kind, value) - first) / (last - first) * (end - start);
}

double tick_step(double low, double high, int count) {
  if (!drawable(low, high) || low == high || count <= 0) return 0;
  const double step = signed_step(low, high, count);
  return step < 0 ? -1 / step : step;
}

std::vector<double> linear_ticks(double low, double high, int count) {
  std::vector<double> ticks;
  if (!drawable(low, high) || count <= 0) return ticks;
  if (low == high) return {low};
  double step = signed_step(low, high, count);
  // Rounded to the nearest multiple first, so that an end which is one up to rounding counts.
  const bool inverse = step < 0;
  step = std::abs(step);
  double first = std::round(inverse ? low * step : low / step);
  double last = std::round(inverse ? high * step : high / step);
  const auto value = [&](double index) { return inverse ? index / step : index * step; };
  if (value(first) < low) ++first;
  if (value(last) > high) --last;
  for (double index = first; index <= last && double(ticks.size()) < ticks_max; ++index) {
    ticks.push_back(value(index) + 0.0);  // never minus zero
  }
  return ticks;
}

void make_nice(double& low, double& high, int count) {
  if (!drawable(low, high) || low == high) return;
  double before = 0;
  for (int round = 0; round < 10; ++round) {
    const double step = signed_step(low, high, count);
    if (step == before) break;
    before = step;
    const double size = std::abs(step);
    low = step < 0 ? std::floor(low * size) / size : std::floor(low / size) * size;
    high = step < 0 ? std::ceil(high * size) / size : std::ceil(high / size) * size;
  }
  low += 0.0;
}

std::vector<double> logarithmic_ticks(double low, double high, int count) {
  std::vector<double> ticks;
  if (!(low > 0) || !drawable(low, high)) return ticks;
  const double first = std::log10(low);
  const double last = std::log10(high);
  if (last - first < count) {
    for (double power = std::floor(first); power <= std::ceil(last); ++power) {
      for (int digit = 1; digit < 10; ++digit) {
        const double tick = power < 0 ? digit / std::pow(10, -power) : digit * std::pow(10, power);
        if (tick >= low && tick <= high) ticks.push_back(tick);
      }
    }
    if (ticks.size() * 2 < std::size_t(count)) ticks = linear_ticks(low, high, count);
    return ticks;
  }
  for (const double power : linear_ticks(first, last, std::min(int(last - first), count)))
    ticks.push_back(std::pow(10, power));
  return ticks;
}

std::vector<double> symmetric_ticks(double low, double high, int count) {
  std::vector<double> ticks;
  if (!drawable(low, high)) return ticks;
  const auto place = [](double value) {
    return std::copysign(std::log10(1 + std::abs(value)), value);
  };
  const double distance = (place(high) - place(low)) / std::max(1, count);
  const int powers = int(std::ceil(std::max(std::abs(place(low)), std::abs(place(high)))));
  int first = 0;
  while (place(std::pow(10, first)) < distance)
    ++first;
  const int step = std::max(1, int(std::ceil(distance)));
  ticks.push_back(0);
  for (int power = first; power <= powers; power += step) {
    ticks.push_back(std::pow(10, power));
    ticks.push_back(-std::pow(10, power));
  }
  std::erase_if(ticks, [&](double tick) { return tick < low || tick > high; });
  if (ticks.size() < 2) return linear_ticks(low, high, count);
  std::sort(ticks.begin(), ticks.end());
  return ticks;
}

int decimals_of_step(double step) {
  if (!(step > 0)) return 0;
  return std::max(0, -int(std::floor(std::log10(step) + 1e-9)));
}

}  // namespace cauce::charts::drawing

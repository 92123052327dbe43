#include "charts/figures/on_scale.h"

#include <cmath>

namespace cauce::charts::figures {

double on_scale(double value, Scale scale) {
  if (scale == Scale::log) return std::log10(value);
  if (scale == Scale::symlog) return std::copysign(std::log10(1 + std::fabs(value)), value);
  return value;
}

std::span<const double> on_scale(std::span<const double> values, Scale scale,
                                 std::vector<double>& room) {
  if (scale == Scale::linear) return values;
  room.clear();
  for (const double value : values)
    room.push_back(on_scale(value, scale));
  return room;
}

}  // namespace cauce::charts::figures

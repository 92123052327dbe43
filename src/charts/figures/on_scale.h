// Values as they lie along a scale: their logarithms on one of logarithms.
#pragma once

#include <span>
#include <vector>

#include "charts/request.h"

namespace cauce::charts::figures {

// log: log10; symlog: sign(v) log10(1 + |v|) (Webber 2013).
double on_scale(double value, Scale scale);

// The same of many; `room` holds them where the scale is not linear.
std::span<const double> on_scale(std::span<const double> values, Scale scale,
                                 std::vector<double>& room);

}  // namespace cauce::charts::figures

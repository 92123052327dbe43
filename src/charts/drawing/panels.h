// Small multiples: one plot for each category, all with the same scales.
#pragma once

#include <string>
#include <vector>

#include "charts/drawing/axes.h"

namespace cauce::charts::drawing {

inline constexpr std::size_t panels_max = 12;

// One plot for each name, in rows from the upper left; takes the whole room of the sheet.
std::vector<Plot> put_panels(Sheet& sheet, const AxisWish& x, const AxisWish& y,
                             const std::vector<std::string>& names);

}  // namespace cauce::charts::drawing

// The line of least squares over the points of a scatter chart, and where it may lie.
#pragma once

#include "charts/drawing/axes.h"
#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

// Of charts that ask for it and whose points have a line.
bool has_trend(const Request& request, const ScatterFigures& figures);

// Widens the range of y, in the numbers of the figures, so that the line has room.
void include_trend(const ScatterFigures& figures, double& low, double& high);

// In front of what is there; the band ends where the plot does.
void put_trend(Sheet& sheet, const ScatterFigures& figures, const Plot& plot);

}  // namespace cauce::charts::drawing

// What a line chart draws of its figures, for the drawing and for the words about it.
#pragma once

#include "charts/figures.h"

namespace cauce::charts::drawing {

// What the line shows at a point; NaN: nothing.
double line_value(const LinePoint& point, Aggregate aggregate);

// A band from the lowest to the highest value goes along a mean of several values, as long as the
// bands of so many series do not hide each other.
inline constexpr std::size_t banded_series_max = 4;
bool has_band(const LineFigures& figures);

// Somewhere the line does not go on: a value is missing, or a regular series has a gap.
bool has_gaps(const LineFigures& figures);

// No x holds more than one row: the line shows the values themselves.
bool shows_single_values(const LineFigures& figures);

}  // namespace cauce::charts::drawing

// Axes of a plot: ticks and grid in round numbers, labels that never touch each other, margins as
// wide as the labels need.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "charts/drawing/sheet.h"
#include "charts/drawing/tick_labels.h"

namespace cauce::charts::drawing {

struct AxisWish {
  ScaleKind kind = ScaleKind::linear;
  double low = 0, high = 1;
  std::string column;  // as in the table
  std::string label;   // in words
  bool grid = true;
  bool labelled = true;    // ticks and label; else the axis is only a scale
  std::string panel = "";  // of small multiples
  // Below it the axis has room for something else, and no ticks.
  double ticks_from = -std::numeric_limits<double>::infinity();
};

struct Plot {
  Area area;
  Scale x, y;
};

// Takes the whole room of the sheet.
Plot put_axes(Sheet& sheet, const AxisWish& x, const AxisWish& y);

// A line at the zero of y, over the width of the plot.
void put_baseline(Sheet& sheet, const Plot& plot);

// The lower axis alone, for charts that have names on the other one: takes its height off the room.
// `left` and `right` are where the scale begins and ends.
Scale put_lower_axis(Sheet& sheet, const AxisWish& wish, double left, double right);

// The height that it takes; none in a panel.
double lower_axis_height(Sheet& sheet, bool with_label);

inline constexpr double label_gap = 6;  // between a label and the plot

// Of a line of labels.
double line_height(Sheet& sheet);

// As many ticks as have labels that keep their distance, side by side or one above the other.
TickLabels labels_beside_each_other(Sheet& sheet, const AxisWish& wish, const Scale& scale);
TickLabels labels_above_each_other(Sheet& sheet, const AxisWish& wish, const Area& area);

// A domain that is a little wider than the values; of equal values one around them.
void widen(double& low, double& high, double share);

}  // namespace cauce::charts::drawing

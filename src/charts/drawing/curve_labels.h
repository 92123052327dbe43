// Names that stand at their curves, where they touch neither a curve nor each other.
#pragma once

#include <string>
#include <vector>

#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

struct CurveName {
  std::string label;  // empty: a curve without a name, still in the way
  Colour colour;
  std::vector<Vertex> curve;
  bool filled = false;         // what lies below the curve is a surface in its colour
  double x = 0, baseline = 0;  // of the middle of the label; set by place_names
};

// Finds a place for each label close to its curve. False when one has none.
bool place_names(Sheet& sheet, const Area& area, std::vector<CurveName>& names);

void put_curve_names(Sheet& sheet, const std::vector<CurveName>& names);

}  // namespace cauce::charts::drawing

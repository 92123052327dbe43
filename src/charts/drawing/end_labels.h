// Names to the right of lines, each at the height where its line ends.
#pragma once

#include <string>
#include <vector>

#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

struct EndLabel {
  std::string label;
  Colour colour;      // of the words
  Vertex end;         // of the line
  double middle = 0;  // of the label; set by spread_labels
};

// The width of the column of names, 0 when they have no room: too wide, or too many for the height.
double width_of_end_labels(Sheet& sheet, const std::vector<EndLabel>& labels);

// Moves labels apart that would touch, as little as can be, within top and bottom.
void spread_labels(std::vector<EndLabel>& labels, double line, double top, double bottom);

// `left` is where the names begin; a hair leads from each line that ends before or elsewhere.
void put_end_labels(Sheet& sheet, const std::vector<EndLabel>& labels, double left);

}  // namespace cauce::charts::drawing

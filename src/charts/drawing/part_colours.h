// The colours of the parts of bars.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

struct PartColour {
  std::string name;  // of the category, or of several together: "other 5"
  Colour colour;
  std::vector<std::size_t> parts;  // indices into BarFigures::colors
};

// In the order in which the parts stand: numbers ascend, other categories go from most rows to
// fewest. Of more than series_max categories the smallest ones are one, grey and at the end.
std::vector<PartColour> part_colours(Sheet& sheet, const BarFigures& figures);

}  // namespace cauce::charts::drawing

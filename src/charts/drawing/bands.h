// Rows of a chart that has names on its left: one band for each group.
#pragma once

#include <string>
#include <vector>

#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

struct Band {
  std::string name;
  std::string note;  // beneath or behind the name, quiet; may be empty
};

// How many bands of readable height the room holds above an axis of so many pixels.
std::size_t bands_that_fit(Sheet& sheet, double axis_height);

// The width of the column of names; at most a third of the room.
double width_of_names(Sheet& sheet, const std::vector<Band>& bands);

// Middle heights of the bands between top and bottom, from the top.
std::vector<double> middles_of(std::size_t bands, double top, double bottom);

// The names, right-aligned at `right`, and the band axis.
void put_names(Sheet& sheet, const std::vector<Band>& bands, const std::vector<double>& middles,
               double right, double width, const std::string& column);

}  // namespace cauce::charts::drawing

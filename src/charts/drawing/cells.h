// Counts per cell, or the mean of a colour column per cell, as a raster of colours with their key.
#pragma once

#include <span>

#include "charts/drawing/axes.h"
#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

// From numbers to the colours of viridis, in steps that a palette of 256 colours holds.
struct ColourScale {
  double low = 0, high = 1;
  bool logarithmic = false;

  double share(double value) const;  // 0 to 1
};

// Takes room on the right, at most half of it, for a bar that says which colour means what; numbers
// too long for that are left out. Returns the scale that it shows: of a panel that of all panels.
ColourScale put_colour_bar(Sheet& sheet, const ColourScale& colours, const std::string& label);

// nx * ny values, x-major from the lower left; NaN and, of counts, 0 stay empty.
Raster raster_of(std::span<const double> values, std::uint32_t nx, std::uint32_t ny,
                 const ColourScale& colours, Theme theme);

// The colour of a share of a scale: viridis, on dark ground without its darkest colours.
Colour sequential(double share, Theme theme);

}  // namespace cauce::charts::drawing

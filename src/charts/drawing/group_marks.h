// What stands for one group in its band: a box, a violin, its points or its counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "charts/drawing/dimension.h"
#include "charts/drawing/scale.h"
#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

// Of the band of a group: its middle height, and how much of it marks may fill.
struct BandPlace {
  double middle, thick;
  double height;  // of the whole band
  std::size_t index = 0;
};

struct GroupMark {
  const BoxGroup& group;
  const Dimension& dimension;  // of the values
  const Scale& scale;
  BandPlace place;
  Colour colour;
};

// Box, median, whiskers and outliers.
void put_box(Sheet& sheet, const GroupMark& mark);

// The density, mirrored, from the lowest to the highest value; `peak` is the density that fills the
// band. Within it the quartiles and the median.
void put_violin(Sheet& sheet, const GroupMark& mark, const DensityGroup& density, double peak);

// Steps as high as the values in each bin, mirrored; `most` of them fill the band. And the median.
void put_counts(Sheet& sheet, const GroupMark& mark, const BoxFigures& figures, std::uint64_t most);

// Every value of these groups a point, further from the middle of its band the more of them lie
// near it, and always at the same place.
void put_points(Sheet& sheet, const std::vector<GroupMark>& marks);

// The density at a share of the way from the lowest value to the highest, 0 to 1.
double density_at(const DensityGroup& density, double share);

// Spreads any run of consecutive indices evenly over [0, 1): the binary digits of the index,
// mirrored at the point (van der Corput 1935).
double spread_out(std::uint32_t index);

// The line at the median, so long that it stands out of what is drawn there.
void put_median(Sheet& sheet, const GroupMark& mark, double length);

}  // namespace cauce::charts::drawing

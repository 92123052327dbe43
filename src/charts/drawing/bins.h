// The bins of a histogram, alone or of several groups over each other.
#pragma once

#include "charts/drawing/axes.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

// More bins become one outline, and their counts are not written with it.
inline constexpr std::size_t single_bins_max = 400;

struct Bins {
  const HistogramFigures& figures;
  const Dimension dimension;

  // Where a bin begins; that of index counts.size() is where the last one ends.
  double edge(std::size_t index) const;
};

// From the baseline up, over the bins and down to it again. Bins that are nearer to each other than
// can be seen, or than a chart of so many outlines may write, are one step as high as the highest
// of them: no peak is lost.
std::vector<Vertex> outline_of(const Sheet& sheet, const std::vector<std::uint64_t>& counts,
                               const Bins& bins, const Plot& plot, std::size_t outlines);

// From zero to a little above `most`.
Plot put_bin_axes(Sheet& sheet, const Bins& bins, std::uint64_t most);

// One outline for each group, all with the same bins: the series_max largest groups in a colour
// each, all others together grey.
void draw_grouped_bins(Sheet& sheet, const Bins& bins);

}  // namespace cauce::charts::drawing

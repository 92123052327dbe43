// Density curves of groups: what a density chart draws, and the outline of a violin.
#pragma once

#include <string>
#include <vector>

#include "charts/figures.h"
#include "charts/figures/grouped.h"
#include "charts/figures/moments.h"
#include "charts/request.h"

namespace cauce::charts::figures {

// invalid: the bandwidth that is given is no width.
Result<void> check_bandwidth(const Bandwidth& bandwidth);

// Of each group its bandwidth and where its curve begins and ends, or in `degenerate` why it has
// none; the heights come with add_curves. `moments` are those of the first number of `rows`, on the
// scale on which the curve is drawn.
std::vector<DensityGroup> curves_to_add(const GroupedRows& rows,
                                        const std::vector<Moments>& moments,
                                        const Bandwidth& bandwidth, const std::string& column);

// One pass over the rows: exact up to rug_max values of a group, which are then its rug; from
// values shared out to nodes beyond. The first numbers of the rows are taken on this scale.
Result<void> add_curves(GroupedRows& rows, Scale scale, const std::vector<Moments>& moments,
                        std::vector<DensityGroup>& groups, const FiguresLimits& limits);

}  // namespace cauce::charts::figures

// One function for each kind of chart. All may answer a conflict with rows.retyped() set, which
// compute_figures handles; of Figures they fill what is counted and `of`.
#pragma once

#include "charts/figures.h"
#include "charts/figures/rows.h"

namespace cauce::charts::figures {

Result<Figures> box_figures(Rows& rows, const Request& request, const FiguresLimits& limits);
Result<Figures> density_figures(Rows& rows, const Request& request, const FiguresLimits& limits);
// Of a request that names x and y.
Result<Figures> surface_figures(Rows& rows, const Request& request, const FiguresLimits& limits);
Result<Figures> bar_figures(Rows& rows, const Request& request, const FiguresLimits& limits);
Result<Figures> histogram_figures(Rows& rows, const Request& request, const FiguresLimits& limits);
Result<Figures> scatter_figures(Rows& rows, const Request& request, const FiguresLimits& limits);
Result<Figures> ecdf_figures(Rows& rows, const Request& request, const FiguresLimits& limits);
Result<Figures> line_figures(Rows& rows, const Request& request, const FiguresLimits& limits);
Result<Figures> heat_figures(Rows& rows, const Request& request, const FiguresLimits& limits);
Result<Figures> pairs_figures(Rows& rows, const Request& request, const FiguresLimits& limits);

}  // namespace cauce::charts::figures

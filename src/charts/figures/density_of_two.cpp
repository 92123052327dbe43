#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "charts/figures/columns_of.h"
#include "charts/figures/group_curves.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"
#include "charts/figures/surface.h"

namespace cauce::charts::figures {

namespace {

// Scott 1992: n^(-1/(d + 4)) with d = 2 columns. Silverman's factor, (n (d + 2) / 4)^(-1/(d + 4)),
// is the same for two.
double bandwidth_of(const Bandwidth& asked, const Moments& moments) {
  if (asked.rule == Bandwidth::Rule::given) return asked.width;
  return std::pow(double(moments.n()), -1.0 / 6) * moments.deviation();
}

Result<GridSide> side_of(const Bandwidth& asked, const Moments& moments,
                         const std::string& column) {
  if (moments.n() == 1) {
    return Error{
        Outcome::invalid,
        fmt::format("one row has both values: a density needs two; draw points (scatter)")};
  }
  if (moments.min() == moments.max()) {
    return Error{Outcome::invalid,
                 fmt::format("all {} values of {} are {}: there is no density along it; draw the "
                             "other column alone",
                             counted(moments.n()), column, moments.min())};
  }
  GridSide side;
  side.bandwidth = bandwidth_of(asked, moments);
  side.low = moments.min() - 3 * side.bandwidth;
  side.high = moments.max() + 3 * side.bandwidth;
  if (!(side.bandwidth > 0) || !std::isfinite((side.high - side.low) / side.bandwidth)) {
    return Error{Outcome::invalid,
                 fmt::format("{} goes from {} to {}, out of proportion to its bandwidth of {}",
                             column, moments.min(), moments.max(), side.bandwidth)};
  }
  side.nodes = nodes_of(side.low, side.high, side.bandwidth);
  return side;
}

}  // namespace

Result<Figures> surface_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  Result<void> passed = check_bandwidth(request.bandwidth);
  if (!passed) return passed.error();
  const auto x = number_column(rows.schema(), request.x, request.kind);
  if (!x) return x.error();
  const auto y = number_column(rows.schema(), request.y, request.kind);
  if (!y) return y.error();
  if (*x == *y) {
    return Error{Outcome::invalid, "density of " + request.x +
                                       " against itself is a line: leave out --y, or take another "
                                       "column for it"};
  }
  GroupedRows read{rows, {{}, false, {*x, *y}, 2}, limits.values_max / one_more_scan, 1};
  Moments of_x;
  Moments of_y;
  passed = read.each([&](const Batch& batch) {
    of_x.add(batch.numbers[0]);
    of_y.add(batch.numbers[1]);
  });
  if (!passed) return passed.error();
  if (of_x.n() == 0) return nothing_to_draw(read.rows(), request.x + " and " + request.y);
  const Result<GridSide> across = side_of(request.bandwidth, of_x, request.x);
  if (!across) return across.error();
  const Result<GridSide> up = side_of(request.bandwidth, of_y, request.y);
  if (!up) return up.error();
  SurfaceFigures figures;
  figures.n = of_x.n();
  const bool few = figures.n <= limits.rug_max;
  Surface surface{*across, *up, !few};
  passed = read.each([&](const Batch& batch) {
    surface.add(batch.numbers[0], batch.numbers[1]);
    for (std::size_t row = 0; few && row < batch.numbers[0].size(); ++row)
      figures.points.push_back({batch.numbers[0][row], batch.numbers[1][row]});
  });
  if (!passed) return passed.error();
  figures.nx = across->nodes;
  figures.ny = up->nodes;
  figures.x_low = across->low;
  figures.x_high = across->high;
  figures.y_low = up->low;
  figures.y_high = up->high;
  figures.bandwidth_x = across->bandwidth;
  figures.bandwidth_y = up->bandwidth;
  figures.density = surface.density(double(figures.n));
  return read.figures_of(std::move(figures));
}

}  // namespace cauce::charts::figures

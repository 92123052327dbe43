#include <fmt/core.h>

#include <algorithm>

#include "charts/figures/columns_of.h"
#include "charts/figures/group_curves.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"

namespace cauce::charts::figures {

namespace {

Error no_curve_at_all(const DensityFigures& figures, const Request& request) {
  if (request.by.empty()) {
    return {Outcome::invalid, figures.groups.front().degenerate + "; bars would count them"};
  }
  return {Outcome::invalid,
          fmt::format("no group of {} has a density curve; of {}: {}", request.by,
                      figures.groups.front().group, figures.groups.front().degenerate)};
}

}  // namespace

Result<Figures> density_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  Result<void> passed = check_bandwidth(request.bandwidth);
  if (!passed) return passed.error();
  const auto x = number_column(rows.schema(), request.x, request.kind);
  if (!x) return x.error();
  GroupedColumns columns{{}, false, {*x}, 1};
  if (!request.by.empty()) {
    const auto by = columns::find_column(rows.schema(), request.by);
    if (!by) return by.error();
    columns.group = *by;
  }
  GroupedRows grouped{rows, columns, limits.values_max / one_more_scan,
                      std::min(limits.groups_max, limits.curves_max)};
  std::vector<Moments> moments;
  passed = grouped.each([&](const Batch& batch) {
    moments.resize(grouped.size());
    for (const Run& run : batch.runs)
      moments[run.group].add(batch.values(0, run));
  });
  if (!passed) return passed.error();
  if (grouped.valid() == 0) return nothing_to_draw(grouped.rows(), request.x);
  moments.resize(grouped.size());
  DensityFigures figures{curves_to_add(grouped, moments, request.bandwidth, request.x)};
  const bool any = std::any_of(figures.groups.begin(), figures.groups.end(),
                               [](const DensityGroup& group) { return group.degenerate.empty(); });
  if (!any) return no_curve_at_all(figures, request);
  passed = add_curves(grouped, Scale::linear, moments, figures.groups, limits);
  if (!passed) return passed.error();
  return grouped.figures_of(std::move(figures));
}

}  // namespace cauce::charts::figures

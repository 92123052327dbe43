#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "charts/figures/columns_of.h"
#include "charts/figures/curve.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"

namespace cauce::charts::figures {

namespace {

double bandwidth_of(const Bandwidth& asked, const Moments& moments) {
  const auto n = double(moments.n());
  switch (asked.rule) {
    case Bandwidth::Rule::given: return asked.width;
    case Bandwidth::Rule::scott: return std::pow(n, -0.2) * moments.deviation();
    case Bandwidth::Rule::silverman: return std::pow(n * 0.75, -0.2) * moments.deviation();
  }
  INVARIANT(false);
}

std::string why_no_curve(const Moments& moments, double bandwidth, const std::string& column) {
  if (moments.n() == 0) return "no row of this group has a value of " + column;
  if (moments.n() == 1) {
    return fmt::format("{} has one value, {}: a density curve needs two", column, moments.min());
  }
  if (moments.min() == moments.max()) {
    return fmt::format("all {} values of {} are {}: they have no density curve",
                       counted(moments.n()), column, moments.min());
  }
  const double range = (moments.max() - moments.min()) + 6 * bandwidth;
  if (!(bandwidth > 0) || !std::isfinite(range / bandwidth)) {
    return fmt::format("{} goes from {} to {}, out of proportion to its bandwidth of {}", column,
                       moments.min(), moments.max(), bandwidth);
  }
  return "";
}

Error no_curve_at_all(const DensityFigures& figures, const Request& request) {
  if (request.by.empty()) {
    return {Outcome::invalid, figures.groups.front().degenerate + "; bars would count them"};
  }
  return {Outcome::invalid,
          fmt::format("no group of {} has a density curve; of {}: {}", request.by,
                      figures.groups.front().group, figures.groups.front().degenerate)};
}

// The second pass: the values themselves of small groups, binned ones of large groups.
Result<void> add_curves(GroupedRows& rows, const std::vector<Moments>& moments,
                        std::vector<DensityGroup>& groups, const FiguresLimits& limits) {
  std::size_t binned = 0;
  for (const DensityGroup& group : groups)
    binned += group.n > limits.rug_max ? 1 : 0;
  std::vector<WeightedCells> cells(groups.size());
  for (std::size_t index = 0; index < groups.size(); ++index) {
    const DensityGroup& group = groups[index];
    if (!group.degenerate.empty() || group.n <= limits.rug_max) continue;
    cells[index] =
        WeightedCells{moments[index].min(), moments[index].max(), group.bandwidth, binned};
  }
  const Result<void> passed = rows.each([&](const Batch& batch) {
    for (const Run& run : batch.runs) {
      DensityGroup& group = groups[run.group];
      const std::span<const double> values = batch.values(0, run);
      if (group.n <= limits.rug_max) {
        group.rug.insert(group.rug.end(), values.begin(), values.end());
      } else if (group.degenerate.empty()) {
        cells[run.group].add(values);
      }
    }
  });
  if (!passed) return passed;
  for (std::size_t index = 0; index < groups.size(); ++index) {
    DensityGroup& group = groups[index];
    std::sort(group.rug.begin(), group.rug.end());
    if (!group.degenerate.empty()) continue;
    Curve curve{group.x0, group.x1, group.bandwidth};
    for (const double value : group.rug)
      curve.add(value, 1);
    cells[index].add_to(curve);
    group.y = curve.density(double(group.n));
  }
  return {};
}

}  // namespace

Result<Figures> density_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  const Bandwidth& bandwidth = request.bandwidth;
  if (bandwidth.rule == Bandwidth::Rule::given &&
      !(bandwidth.width > 0 && std::isfinite(bandwidth.width))) {
    return Error{Outcome::invalid,
                 fmt::format("a bandwidth is above 0, not {}: it is a width in units of --x",
                             bandwidth.width)};
  }
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
  Result<void> passed = grouped.each([&](const Batch& batch) {
    moments.resize(grouped.size());
    for (const Run& run : batch.runs)
      moments[run.group].add(batch.values(0, run));
  });
  if (!passed) return passed.error();
  if (grouped.valid() == 0) return nothing_to_draw(grouped.rows(), request.x);
  moments.resize(grouped.size());
  DensityFigures figures;
  bool any = false;
  for (std::size_t index = 0; index < grouped.size(); ++index) {
    DensityGroup group;
    group.group = grouped.name(index);
    group.rows = grouped[index].rows;
    group.n = grouped[index].valid;
    group.bandwidth = bandwidth_of(bandwidth, moments[index]);
    group.degenerate = why_no_curve(moments[index], group.bandwidth, request.x);
    group.x0 = moments[index].min() - 3 * group.bandwidth;
    group.x1 = moments[index].max() + 3 * group.bandwidth;
    any |= group.degenerate.empty();
    figures.groups.push_back(std::move(group));
  }
  if (!any) return no_curve_at_all(figures, request);
  passed = add_curves(grouped, moments, figures.groups, limits);
  if (!passed) return passed.error();
  return grouped.figures_of(std::move(figures));
}

}  // namespace cauce::charts::figures

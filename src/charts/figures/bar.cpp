#include "charts/figures/columns_of.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"
#include "charts/figures/quantiles.h"

namespace cauce::charts::figures {

namespace {

BarGroup bar_of(const GroupedRows& rows, std::size_t group, const Moments& moments,
                const Request& request) {
  BarGroup bar;
  bar.group = rows.name(group);
  bar.rows = rows[group].rows;
  bar.count = rows[group].valid;
  bar.sum = moments.sum();
  bar.mean = moments.mean();
  bar.median = moments.mean();  // of no value; others follow
  bar.min = moments.min();
  bar.max = moments.max();
  bar.deviation = moments.deviation();
  if (bar.count == 0) bar.degenerate = "no row of this group has a value of " + request.y;
  return bar;
}

Result<void> add_medians(GroupedRows& rows, std::vector<BarGroup>& bars,
                         const FiguresLimits& limits) {
  std::vector<Quantiles::Extent> extents;
  for (const BarGroup& bar : bars)
    extents.push_back({bar.count, bar.min, bar.max});
  Quantiles medians{extents, {0.5}, limits.values_max / 4};
  Result<void> found = find_quantiles(rows, 0, medians);
  for (std::size_t group = 0; found && group < bars.size(); ++group) {
    if (bars[group].count > 0) bars[group].median = medians.value(group, 0);
  }
  return found;
}

// Bars without --y count rows.
Result<Figures> counts_of_rows(Rows& rows, std::size_t x, const Request& request,
                               const FiguresLimits& limits) {
  if (request.aggregate == Aggregate::sum || request.aggregate == Aggregate::median) {
    return Error{Outcome::invalid,
                 "bar needs --y with a column of numbers for a sum or a median; without --y it "
                 "counts rows"};
  }
  GroupedRows grouped{rows, {x, false, {}, 0}, 0, limits.groups_max};
  const Result<void> passed = grouped.each([](const Batch&) {});
  if (!passed) return passed.error();
  if (grouped.valid() == 0) return nothing_to_draw(grouped.rows(), request.x);
  BarFigures figures;
  figures.aggregate = Aggregate::count;
  figures.missing_key = grouped.without_key();
  for (std::size_t group = 0; group < grouped.size(); ++group) {
    BarGroup bar = bar_of(grouped, group, Moments{}, request);
    figures.groups.push_back(std::move(bar));
  }
  return grouped.figures_of(std::move(figures));
}

}  // namespace

Result<Figures> bar_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  const auto x = columns::find_column(rows.schema(), request.x);
  if (!x) return x.error();
  if (request.y.empty()) return counts_of_rows(rows, *x, request, limits);
  const auto y = number_column(rows.schema(), request.y, request.kind);
  if (!y) return y.error();
  const bool medians = request.every_statistic || request.aggregate == Aggregate::median;
  GroupedRows grouped{
      rows, {*x, false, {*y}, 1}, medians ? limits.values_max : 0, limits.groups_max};
  std::vector<Moments> moments;
  Result<void> passed = grouped.each([&](const Batch& batch) {
    moments.resize(grouped.size());
    for (const Run& run : batch.runs)
      moments[run.group].add(batch.values(0, run));
  });
  if (!passed) return passed.error();
  if (grouped.valid() == 0) {
    return nothing_to_draw(grouped.rows(), request.x + " and " + request.y);
  }
  moments.resize(grouped.size());
  BarFigures figures;
  figures.aggregate = request.aggregate;
  figures.missing_key = grouped.without_key();
  for (std::size_t group = 0; group < grouped.size(); ++group) {
    figures.groups.push_back(bar_of(grouped, group, moments[group], request));
  }
  if (medians) passed = add_medians(grouped, figures.groups, limits);
  if (!passed) return passed.error();
  return grouped.figures_of(std::move(figures));
}

}  // namespace cauce::charts::figures

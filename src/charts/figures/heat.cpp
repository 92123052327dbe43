#include <cmath>
#include <limits>

#include "charts/figures/columns_of.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"
#include "charts/figures/quantiles.h"

namespace cauce::charts::figures {

namespace {

double value_of(const Moments& moments, Aggregate aggregate) {
  if (moments.n() == 0) return std::numeric_limits<double>::quiet_NaN();
  switch (aggregate) {
    case Aggregate::count: return double(moments.n());
    case Aggregate::sum: return moments.sum();
    case Aggregate::mean:
    case Aggregate::median: return moments.mean();  // a median follows
  }
  INVARIANT(false);
}

struct Cell {
  std::uint64_t rows = 0;
  Moments moments;
};

// One value for each pair that occurs.
Result<std::vector<double>> values_of(GroupedRows& rows, const std::vector<Cell>& cells,
                                      Aggregate aggregate, const FiguresLimits& limits) {
  std::vector<double> values;
  std::vector<Quantiles::Extent> extents;
  for (const Cell& cell : cells) {
    values.push_back(value_of(cell.moments, aggregate));
    extents.push_back({cell.moments.n(), cell.moments.min(), cell.moments.max()});
  }
  if (aggregate != Aggregate::median) return values;
  Quantiles medians{extents, {0.5}, limits.values_max / 4};
  const Result<void> found = find_quantiles(rows, 0, medians);
  if (!found) return found.error();
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    if (extents[cell].n > 0) values[cell] = medians.value(cell, 0);
  }
  return values;
}

Result<GroupedColumns> columns_of(const columns::Schema& schema, const Request& request) {
  const auto x = columns::find_column(schema, request.x);
  if (!x) return x.error();
  const auto y = columns::find_column(schema, request.y);
  if (!y) return y.error();
  GroupedColumns columns{*x};
  columns.color = *y;
  if (!request.color.empty()) {
    const auto color = number_column(schema, request.color, request.kind);
    if (!color) return color.error();
    columns.numbers = {*color};
    columns.required = 1;
  }
  return columns;
}

}  // namespace

Result<Figures> heat_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  const Result<GroupedColumns> columns = columns_of(rows.schema(), request);
  if (!columns) return columns.error();
  const bool median = !request.color.empty() && request.aggregate == Aggregate::median;
  GroupedRows grouped{rows, *columns, median ? limits.values_max : 0, limits.heat_cells_max};
  std::vector<Cell> cells;
  const Result<void> passed = grouped.each([&](const Batch& batch) {
    cells.resize(grouped.size());
    for (const Run& run : batch.runs) {
      cells[run.group].rows += run.end - run.begin;
      if (!batch.numbers.empty()) cells[run.group].moments.add(batch.values(0, run));
    }
  });
  if (!passed) return passed.error();
  if (grouped.valid() == 0) return nothing_to_draw(grouped.rows(), request.x);
  cells.resize(grouped.size());
  HeatFigures figures;
  figures.x = grouped.names().names();
  figures.y = grouped.colors().names();
  figures.x_moments = grouped.moments();
  const std::size_t ny = figures.y.size();
  if (figures.x.size() * ny > limits.heat_cells_max) {
    return Error{
        Outcome::invalid,
        counted(figures.x.size()) + " values of " + request.x + " by " + counted(ny) + " of " +
            request.y + " are more than " + counted(limits.heat_cells_max) +
            " cells: gather dates with --period, or take scatter with --cells for numbers"};
  }
  figures.aggregate = request.color.empty() ? Aggregate::count : request.aggregate;
  figures.counts.assign(figures.x.size() * ny, 0);
  const Result<std::vector<double>> values = values_of(grouped, cells, figures.aggregate, limits);
  if (!values) return values.error();
  if (!request.color.empty()) {
    figures.values.assign(figures.counts.size(), std::numeric_limits<double>::quiet_NaN());
  }
  for (std::size_t group = 0; group < grouped.size(); ++group) {
    const std::size_t cell = grouped.name_number(group) * ny + grouped.color_number(group);
    figures.counts[cell] = cells[group].rows;
    if (!figures.values.empty()) figures.values[cell] = (*values)[group];
  }
  return grouped.figures_of(std::move(figures));
}

}  // namespace cauce::charts::figures

#include "charts/figures.h"

#include "charts/figures/columns_of.h"
#include "charts/figures/kinds.h"
#include "charts/figures/rows.h"

namespace cauce::charts {

namespace {

Result<Figures> figures_of_kind(figures::Rows& rows, const Request& request,
                                const FiguresLimits& limits) {
  switch (request.kind) {
    case Kind::scatter: return figures::scatter_figures(rows, request, limits);
    case Kind::bar: return figures::bar_figures(rows, request, limits);
    case Kind::box: return figures::box_figures(rows, request, limits);
    case Kind::density: return figures::density_figures(rows, request, limits);
    case Kind::histogram: return figures::histogram_figures(rows, request, limits);
  }
  INVARIANT(false);
}

columns::Schema used_columns(const columns::Schema& schema, const Request& request) {
  columns::Schema used;
  for (const columns::Column& column : schema) {
    if (column.name == request.x || column.name == request.y || column.name == request.color ||
        column.name == request.by) {
      used.push_back(column);
    }
  }
  return used;
}

}  // namespace

Result<Figures> compute_figures(columns::Table& table, const Request& request,
                                const FiguresLimits& limits) {
  const Result<void> checked = figures::check_request(request);
  if (!checked) return checked.error();
  // A column changes its type at most once to each other type.
  for (std::size_t retypes = 0;; ++retypes) {
    figures::Rows rows{table};
    Result<Figures> figures = figures_of_kind(rows, request, limits);
    if (rows.retyped() && retypes < 4 * table.schema().size()) continue;
    if (figures) figures->schema = used_columns(table.schema(), request);
    return figures;
  }
}

}  // namespace cauce::charts

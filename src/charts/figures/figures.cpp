#include "charts/figures.h"

#include "charts/figures/chosen_table.h"
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
    case Kind::ecdf: return figures::ecdf_figures(rows, request, limits);
    case Kind::line: return figures::line_figures(rows, request, limits);
    case Kind::heat: return figures::heat_figures(rows, request, limits);
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

// Why there is nothing to draw may be that the request left it out.
Error with_rows_left_out(const Error& error, const figures::ChosenTable::Counts& counts) {
  std::string reasons;
  if (counts.filtered > 0) {
    reasons = figures::counted(counts.filtered) + " rows do not fulfil the conditions";
  }
  if (counts.not_positive > 0) {
    reasons += (reasons.empty() ? "" : ", ") + figures::counted(counts.not_positive) +
               " are not above 0 and have no place on a log scale";
  }
  return reasons.empty() ? error : Error{error.outcome, error.message + " (" + reasons + ")"};
}

}  // namespace

Result<Figures> compute_figures(columns::Table& table, const Request& request,
                                const FiguresLimits& limits) {
  const Result<void> checked = figures::check_request(request);
  if (!checked) return checked.error();
  // A column changes its type at most once to each other type.
  for (std::size_t retypes = 0;; ++retypes) {
    Result<figures::ChosenTable> chosen = figures::choose(table, request);
    if (!chosen) return chosen.error();
    figures::Rows rows{*chosen};
    Result<Figures> figures = figures_of_kind(rows, request, limits);
    if (rows.retyped() && retypes < 4 * table.schema().size()) continue;
    if (!figures) return with_rows_left_out(figures.error(), chosen->counts());
    figures->schema = used_columns(table.schema(), request);
    figures->filtered = chosen->counts().filtered;
    figures->not_positive = chosen->counts().not_positive;
    figures->rows += figures->not_positive;
    return figures;
  }
}

}  // namespace cauce::charts

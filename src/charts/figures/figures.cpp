#include "charts/figures.h"

#include <algorithm>

#include "charts/figures/chosen_table.h"
#include "charts/figures/columns_of.h"
#include "charts/figures/kinds.h"
#include "charts/figures/rows.h"
#include "charts/figures/small_multiples.h"

namespace cauce::charts {

namespace {

Result<Figures> figures_of_kind(figures::Rows& rows, const Request& request,
                                const FiguresLimits& limits) {
  switch (request.kind) {
    case Kind::scatter: return figures::scatter_figures(rows, request, limits);
    case Kind::bar: return figures::bar_figures(rows, request, limits);
    case Kind::box: return figures::box_figures(rows, request, limits);
    case Kind::density:
      return request.y.empty() ? figures::density_figures(rows, request, limits)
                               : figures::surface_figures(rows, request, limits);
    case Kind::histogram: return figures::histogram_figures(rows, request, limits);
    case Kind::ecdf: return figures::ecdf_figures(rows, request, limits);
    case Kind::line: return figures::line_figures(rows, request, limits);
    case Kind::heat: return figures::heat_figures(rows, request, limits);
    case Kind::pairs: return figures::pairs_figures(rows, request, limits);
  }
  INVARIANT(false);
}

columns::Schema used_columns(const columns::Schema& schema, const Request& request) {
  columns::Schema used;
  for (const columns::Column& column : schema) {
    if (column.name == request.x || column.name == request.y || column.name == request.color ||
        column.name == request.by || column.name == request.facet || column.name == request.size ||
        column.name == request.shape ||
        std::find(request.columns.begin(), request.columns.end(), column.name) !=
            request.columns.end()) {
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

// One computation at a time; `retyped` says that all that was computed is to be forgotten.
class Computer {
 public:
  Computer(columns::Table& table, const Request& request, const FiguresLimits& limits)
      : table_(table), request_(request), limits_(limits) {}

  bool retyped() const { return retyped_; }

  Result<Figures> compute() {
    const Result<figures::Frame> limits = figures::frame_of_limits(table_.schema(), request_);
    if (!limits) return limits.error();
    if (request_.facet.empty()) return figures_of_rows(request_, {}, *limits);
    Result<figures::Facets> facets = find_facets();
    if (!facets) return facets.error();
    const Request sized = figures::sized_for(request_, facets->panels.size());
    Result<Figures> whole = figures_of_rows(sized, facets->test(), *limits);
    if (!whole) return whole;
    whole->filtered -= facets->rows_left_out;
    whole->without_panel = facets->rows_left_out;
    whole->values_without_panel = facets->values_left_out;
    whole->rows += whole->without_panel;
    const Request request = figures::request_of_panel(sized, *whole);
    for (const figures::FacetValue& value : facets->panels) {
      Result<Panel> panel = panel_of(request, facets->column, value, figures::frame_of(*whole));
      if (!panel) return panel.error();
      whole->panels.push_back(std::move(*panel));
    }
    return whole;
  }

 private:
  Result<Figures> figures_of_rows(const Request& request, std::optional<figures::RowTest> panel,
                                  const figures::Frame& frame) {
    const bool is_panel = panel.has_value();
    Result<figures::ChosenTable> chosen = figures::choose(table_, request, std::move(panel));
    if (!chosen) return chosen.error();
    figures::Rows rows{*chosen, frame};
    Result<Figures> figures = figures_of_kind(rows, request, limits_);
    retyped_ |= rows.retyped();
    if (!figures) {
      figures::ChosenTable::Counts counts = chosen->counts();
      // Those of the other panels are among them.
      if (is_panel) counts.filtered = 0;
      return with_rows_left_out(figures.error(), counts);
    }
    figures->schema = used_columns(table_.schema(), request);
    figures->filtered = chosen->counts().filtered;
    figures->not_positive = chosen->counts().not_positive;
    figures->outside = chosen->counts().outside;
    figures->rows += figures->not_positive + figures->outside;
    return figures;
  }

  // Also values whose rows an axis has no place for: they are counted as such, not as filtered.
  Result<figures::Facets> find_facets() {
    Request request = request_;
    request.x_scale = request.y_scale = Scale::linear;
    request.x_limits.reset();
    request.y_limits.reset();
    Result<figures::ChosenTable> chosen = figures::choose(table_, request);
    if (!chosen) return chosen.error();
    figures::Rows rows{*chosen};
    Result<figures::Facets> facets = figures::find_facets(rows, request_, limits_.groups_max);
    retyped_ |= rows.retyped();
    return facets;
  }

  // A panel that has nothing to draw says why; the others are drawn.
  Result<Panel> panel_of(const Request& request, std::size_t column,
                         const figures::FacetValue& value, const figures::Frame& frame) {
    Result<Figures> figures =
        figures_of_rows(request, figures::RowTest::named(column, {value.name}), frame);
    if (figures) {
      figures->filtered = 0;
      return Panel{value.name, std::move(*figures), ""};
    }
    if (figures.error().outcome != Outcome::invalid) return figures.error();
    Panel panel{value.name, {}, figures.error().message};
    panel.figures.rows = panel.figures.missing = value.rows;
    return panel;
  }

  columns::Table& table_;
  const Request& request_;
  const FiguresLimits& limits_;
  bool retyped_ = false;
};

}  // namespace

Result<Figures> compute_figures(columns::Table& table, const Request& request,
                                const FiguresLimits& limits) {
  const Result<void> checked = figures::check_request(request);
  if (!checked) return checked.error();
  // A column changes its type at most once to each other type.
  for (std::size_t retypes = 0;; ++retypes) {
    Computer computer{table, request, limits};
    Result<Figures> figures = computer.compute();
    if (computer.retyped() && retypes < 4 * table.schema().size()) continue;
    return figures;
  }
}

}  // namespace cauce::charts

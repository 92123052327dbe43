#include <algorithm>

#include "charts/drawing/axes.h"
#include "charts/drawing/bins.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

double Bins::edge(std::size_t index) const {
  const double share = double(index) / double(figures.counts.size());
  return dimension.real(figures.low + (figures.high - figures.low) * share);
}

Plot put_bin_axes(Sheet& sheet, const Bins& bins, std::uint64_t most) {
  const bool es = sheet.request().locale == Locale::es;
  double low = bins.figures.low;
  double high = bins.figures.high;
  if (low == high) widen(low, high, 0);
  const Dimension& x = bins.dimension;
  return put_axes(sheet, {x.kind, x.real(low), x.real(high), x.column, x.label, false, true},
                  {ScaleKind::linear, 0, double(std::max<std::uint64_t>(most, 1)) * 1.04, "",
                   es ? "Filas" : "Rows", true, true});
}

namespace {

void put_rectangles(Sheet& sheet, const Bins& bins, const Plot& plot) {
  const HistogramFigures& figures = bins.figures;
  const Locale locale = sheet.request().locale;
  // Beside what is annotated, bins may take a small part of their axis.
  const double width = (plot.x(bins.edge(figures.counts.size())) - plot.x(bins.edge(0))) /
                       double(figures.counts.size());
  const double between = width > 6 ? 1 : width > 3 ? 0.5 : 0;
  for (std::size_t index = 0; index < figures.counts.size(); ++index) {
    if (figures.counts[index] == 0) continue;
    const double from = bins.edge(index);
    const double to = bins.edge(index + 1);
    const double top = plot.y(double(figures.counts[index]));
    sheet.add(Rectangle{plot.x(from) + between / 2,
                        top,
                        plot.x(to) - plot.x(from) - between,
                        plot.y(0) - top,
                        sheet.look().series[0],
                        {},
                        1,
                        {"bin",
                         {{"data-index", std::to_string(index)},
                          {"data-from", exact_text(from)},
                          {"data-to", exact_text(to)},
                          {"data-value", std::to_string(figures.counts[index])}},
                         value_text(from, sheet.figures(), sheet.request().x, 5, locale) + " – " +
                             value_text(to, sheet.figures(), sheet.request().x, 5, locale) + ": " +
                             count_text(figures.counts[index], locale)}});
  }
}

void put_outline(Sheet& sheet, const Bins& bins, const Plot& plot) {
  const HistogramFigures& figures = bins.figures;
  Path path;
  path.closed = true;
  path.fill = sheet.look().series[0];
  path.meaning = {"bins", {{"data-bins", std::to_string(figures.counts.size())}}, ""};
  path.vertices.push_back({plot.x(bins.edge(0)), plot.y(0)});
  for (std::size_t index = 0; index < figures.counts.size(); ++index) {
    const double y = plot.y(double(figures.counts[index]));
    path.vertices.push_back({plot.x(bins.edge(index)), y});
    path.vertices.push_back({plot.x(bins.edge(index + 1)), y});
  }
  path.vertices.push_back({plot.x(bins.edge(figures.counts.size())), plot.y(0)});
  sheet.add(std::move(path));
}

}  // namespace

void draw(Sheet& sheet, const HistogramFigures& figures) {
  const Request& request = sheet.request();
  const bool es = request.locale == Locale::es;
  if (figures.counts.empty()) {
    sheet.words_instead(!figures.degenerate.empty() ? figures.degenerate
                        : es                        ? "No hay ningún valor que dibujar."
                                                    : "There is no value that could be drawn.");
    return;
  }
  const Bins bins{figures, dimension_of(sheet.figures(), request.x, request.x_scale)};
  if (!figures.groups.empty()) {
    draw_grouped_bins(sheet, bins);
    return;
  }
  const Plot plot =
      put_bin_axes(sheet, bins, *std::max_element(figures.counts.begin(), figures.counts.end()));
  if (figures.counts.size() <= single_bins_max) {
    put_rectangles(sheet, bins, plot);
  } else {
    put_outline(sheet, bins, plot);
  }
  sheet.add(Line{plot.area.left,
                 plot.y(0),
                 plot.area.right,
                 plot.y(0),
                 sheet.look().rule,
                 1,
                 {"baseline", {}, ""}});
}

}  // namespace cauce::charts::drawing

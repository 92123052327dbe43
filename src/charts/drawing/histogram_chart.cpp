#include <algorithm>

#include "charts/drawing/axes.h"
#include "charts/drawing/bins.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/multiples.h"
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

constexpr double near = 0.5;                      // pixels between steps that are told apart
constexpr std::size_t written_steps_max = 9'000;  // of all outlines: about 240 KB of an SVG

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
                        std::max(plot.x(to) - plot.x(from) - between, 0.0),
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
  path.vertices = outline_of(sheet, figures.counts, bins, plot, 1);
  sheet.add(std::move(path));
}

}  // namespace

std::vector<Vertex> outline_of(const Sheet& sheet, const std::vector<std::uint64_t>& counts,
                               const Bins& bins, const Plot& plot, std::size_t outlines) {
  const std::size_t panels = sheet.multiples() == nullptr ? 1 : sheet.multiples()->panels;
  const double step =
      std::max(near, plot.area.width() * double(outlines * panels) / double(written_steps_max));
  std::vector<Vertex> outline{{plot.x(bins.edge(0)), plot.y(0)}};
  std::uint64_t highest = 0;
  for (std::size_t bin = 0; bin < counts.size(); ++bin) {
    highest = std::max(highest, counts[bin]);
    const double end = plot.x(bins.edge(bin + 1));
    if (end - outline.back().x < step && bin + 1 < counts.size()) continue;
    const double y = plot.y(double(highest));
    outline.push_back({outline.back().x, y});
    outline.push_back({end, y});
    highest = 0;
  }
  outline.push_back({outline.back().x, plot.y(0)});
  return outline;
}

void draw(Sheet& sheet, const HistogramFigures& figures) {
  const Request& request = sheet.request();
  const bool es = request.locale == Locale::es;
  if (figures.counts.empty()) {
    sheet.words_instead(!figures.degenerate.empty() ? figures.degenerate
                        : es                        ? "No hay ningún valor que dibujar."
                                                    : "There is no value that could be drawn.");
    return;
  }
  const Bins bins{figures, dimension_of(sheet.figures(), request, request.x, request.x_scale)};
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
  put_baseline(sheet, plot);
}

}  // namespace cauce::charts::drawing

#include "charts/drawing/trend.h"

#include <algorithm>

#include "charts/drawing/dimension.h"
#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

namespace {

double line_at(const ScatterFigures& figures, double x) {
  return figures.intercept + figures.slope * x;
}

struct Dimensions {
  Dimension x, y;
};

// Figures of a log scale hold logarithms, in which the line is straight.
Vertex vertex_of(const Dimensions& dimensions, const Plot& plot, double x, double y) {
  return {plot.x(dimensions.x.real(x)), plot.y(dimensions.y.real(y))};
}

void put_band(Sheet& sheet, const ScatterFigures& figures, const Plot& plot,
              const Dimensions& dimensions) {
  if (figures.band.empty()) return;
  Path path{{}, true, with_alpha(sheet.look().ink, 0.14), {}, 1, {"trend-band", {}, ""}};
  Measures x{"data-x", {}};
  Measures low{"data-low", {}};
  Measures high{"data-high", {}};
  const auto within = [&](Vertex vertex) {
    vertex.y = std::clamp(vertex.y, plot.area.top, plot.area.bottom);
    return vertex;
  };
  for (const BandPoint& at : figures.band) {
    path.vertices.push_back(within(vertex_of(dimensions, plot, at.x, at.high)));
    x.values.push_back(dimensions.x.real(at.x));
    low.values.push_back(dimensions.y.real(at.low));
    high.values.push_back(dimensions.y.real(at.high));
  }
  for (auto at = figures.band.rbegin(); at != figures.band.rend(); ++at)
    path.vertices.push_back(within(vertex_of(dimensions, plot, at->x, at->low)));
  path.measures = {std::move(x), std::move(low), std::move(high)};
  sheet.add(std::move(path));
}

}  // namespace

bool has_trend(const Request& request, const ScatterFigures& figures) {
  return request.trend == Trend::linear && figures.degenerate.empty() && figures.n > 1 &&
         figures.x_low < figures.x_high;
}

void include_trend(const ScatterFigures& figures, double& low, double& high) {
  for (const double x : {figures.x_low, figures.x_high}) {
    low = std::min(low, line_at(figures, x));
    high = std::max(high, line_at(figures, x));
  }
}

void put_trend(Sheet& sheet, const ScatterFigures& figures, const Plot& plot) {
  const Request& request = sheet.request();
  if (!has_trend(request, figures)) return;
  const Dimensions dimensions{dimension_of(sheet.figures(), request, request.x, request.x_scale),
                              dimension_of(sheet.figures(), request, request.y, request.y_scale)};
  put_band(sheet, figures, plot, dimensions);
  const auto end = [&](double x) { return vertex_of(dimensions, plot, x, line_at(figures, x)); };
  const Vertex from = end(figures.x_low);
  const Vertex to = end(figures.x_high);
  // A hem of the ground, so that the line is seen on dark cells and on light ones.
  sheet.add(Line{from.x, from.y, to.x, to.y, with_alpha(sheet.look().ground, 0.8), 4, {}});
  sheet.add(Line{from.x,
                 from.y,
                 to.x,
                 to.y,
                 sheet.look().ink,
                 2,
                 {"trend",
                  {{"data-slope", exact_text(figures.slope)},
                   {"data-intercept", exact_text(figures.intercept)},
                   {"data-from", exact_text(figures.x_low)},
                   {"data-to", exact_text(figures.x_high)}},
                  ""}});
}

}  // namespace cauce::charts::drawing

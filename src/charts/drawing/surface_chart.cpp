#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "charts/drawing/axes.h"
#include "charts/drawing/cells.h"
#include "charts/drawing/contours.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/surfaces.h"

namespace cauce::charts::drawing {

namespace {

constexpr double vertices_apart = 0.35;  // pixels; nearer ones add nothing that is seen

// Of the region of one share: the smaller the share, the higher the density.
Colour colour_of(const Sheet& sheet, std::size_t level) {
  const double share = double(level) / double(contour_shares.size() - 1);
  const Colour colour = sequential(share, sheet.request().theme);
  return over(with_alpha(colour, 0.5 + 0.45 * share), sheet.look().ground);
}

std::string share_text(double share, Locale locale) {
  return fixed_text(100 * share, 0, locale) + " %";
}

void put_key(Sheet& sheet) {
  const bool es = sheet.request().locale == Locale::es;
  std::vector<LegendEntry> entries;
  for (std::size_t level = 0; level < contour_shares.size(); ++level) {
    const std::string share = share_text(contour_shares[level], sheet.request().locale);
    entries.push_back({level == 0 ? (es ? "el " : "holds ") + share : share,
                       colour_of(sheet, level), Shape::square, share, 5});
  }
  sheet.legend(entries);
}

// Without vertices that nobody sees, so that an SVG stays small.
std::vector<Vertex> placed(const Ring& ring, const std::function<Vertex(const Vertex&)>& place) {
  std::vector<Vertex> vertices;
  for (const Vertex& vertex : ring.vertices) {
    const Vertex at = place(vertex);
    if (!vertices.empty() &&
        std::hypot(at.x - vertices.back().x, at.y - vertices.back().y) < vertices_apart)
      continue;
    vertices.push_back(at);
  }
  return vertices;
}

void put_contours(Sheet& sheet, const SurfaceFigures& figures, const Plot& plot, const Dimension& x,
                  const Dimension& y) {
  const std::vector<double> levels = contour_levels(figures);
  const auto place = [&](const Vertex& at) {
    const double step_x = (figures.x_high - figures.x_low) / double(figures.nx - 1);
    const double step_y = (figures.y_high - figures.y_low) / double(figures.ny - 1);
    return Vertex{plot.x(x.real(figures.x_low + step_x * at.x)),
                  plot.y(y.real(figures.y_low + step_y * at.y))};
  };
  for (std::size_t level = 0; level < levels.size(); ++level) {
    for (const Ring& ring : rings_of(figures.density, figures.nx, figures.ny, levels[level])) {
      std::vector<Vertex> vertices = placed(ring, place);
      if (vertices.size() < 3) continue;
      // A hole shows what lies around the region: the region of the next larger share.
      const Colour fill = !ring.is_hole ? colour_of(sheet, level)
                          : level == 0  ? sheet.look().ground
                                        : colour_of(sheet, level - 1);
      sheet.add(Path{std::move(vertices),
                     true,
                     fill,
                     with_alpha(sheet.look().ground, 0.6),
                     0.6,
                     {ring.is_hole ? "contour-hole" : "contour",
                      {{"data-share", exact_text(contour_shares[level])},
                       {"data-value", exact_text(levels[level])}},
                      share_text(contour_shares[level], sheet.request().locale)}});
    }
  }
}

void put_points(Sheet& sheet, const SurfaceFigures& figures, const Plot& plot, const Dimension& x,
                const Dimension& y) {
  if (figures.points.empty()) return;
  Cloud cloud{{},
              {{Shape::circle, with_alpha(sheet.look().ink, 0.55), ""}},
              figures.points.size() > 500 ? 1.0 : 1.5,
              with_alpha(sheet.look().ground, 0),
              {"points", {{"data-n", std::to_string(figures.points.size())}}, ""}};
  for (const Point& point : figures.points) {
    const double real_x = x.real(point.x);
    const double real_y = y.real(point.y);
    cloud.spots.push_back({float(plot.x(real_x)), float(plot.y(real_y)), 0, real_x, real_y});
  }
  sheet.add(std::move(cloud));
}

}  // namespace

// The highest cells first, until their mass is the share.
std::vector<double> contour_levels(const SurfaceFigures& figures) {
  std::vector<double> heights = figures.density;
  std::sort(heights.begin(), heights.end(), std::greater<>{});
  const double all = std::accumulate(heights.begin(), heights.end(), 0.0);
  std::vector<double> levels;
  for (const double share : contour_shares) {
    double mass = 0;
    std::size_t cells = 0;
    while (cells + 1 < heights.size() && mass + heights[cells] < share * all)
      mass += heights[cells++];
    levels.push_back(heights.empty() ? 0 : heights[cells]);
  }
  return levels;
}

BandPoint peak_of(const SurfaceFigures& figures) {
  const auto peak = std::size_t(std::max_element(figures.density.begin(), figures.density.end()) -
                                figures.density.begin());
  const std::size_t column = peak / figures.ny;
  const std::size_t row = peak % figures.ny;
  const double x = double(column) / double(figures.nx - 1);
  const double y = double(row) / double(figures.ny - 1);
  return {figures.x_low + (figures.x_high - figures.x_low) * x,
          figures.y_low + (figures.y_high - figures.y_low) * y, figures.density[peak]};
}

void draw(Sheet& sheet, const SurfaceFigures& figures) {
  if (figures.density.empty()) {
    sheet.words_instead(sheet.request().locale == Locale::es ? "Ninguna fila tiene los dos valores."
                                                             : "No row has both values.");
    return;
  }
  const Request& request = sheet.request();
  const Dimension x = dimension_of(sheet.figures(), request, request.x, request.x_scale);
  const Dimension y = dimension_of(sheet.figures(), request, request.y, request.y_scale);
  put_key(sheet);
  const Plot plot =
      put_axes(sheet, {x.kind, x.real(figures.x_low), x.real(figures.x_high), x.column, x.label},
               {y.kind, y.real(figures.y_low), y.real(figures.y_high), y.column, y.label});
  put_contours(sheet, figures, plot, x, y);
  put_points(sheet, figures, plot, x, y);
}

}  // namespace cauce::charts::drawing

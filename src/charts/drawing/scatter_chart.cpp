#include <algorithm>
#include <cmath>
#include <numeric>

#include "charts/drawing/axes.h"
#include "charts/drawing/cells.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/panels.h"
#include "charts/drawing/point_looks.h"
#include "charts/drawing/trend.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

AxisWish wish(const Dimension& dimension, double low, double high, double margin) {
  widen(low, high, margin);
  return {dimension.kind,
          dimension.real(low),
          dimension.real(high),
          dimension.column,
          dimension.label,
          true,
          true};
}

// Of the span of the axes: cells that touched the edges would look cut.
constexpr double cells_margin = 0.015;

struct Dimensions {
  Dimension x, y;
};

Dimensions dimensions_of(const Sheet& sheet) {
  const Request& request = sheet.request();
  return {dimension_of(sheet.figures(), request, request.x, request.x_scale),
          dimension_of(sheet.figures(), request, request.y, request.y_scale)};
}

Plot put_plot(Sheet& sheet, const ScatterFigures& figures, double margin) {
  const auto [x, y] = dimensions_of(sheet);
  double y_low = figures.y_low;
  double y_high = figures.y_high;
  if (has_trend(sheet.request(), figures)) include_trend(figures, y_low, y_high);
  return put_axes(sheet, wish(x, figures.x_low, figures.x_high, margin),
                  wish(y, y_low, y_high, margin));
}

// Categories, the one with most rows first.
std::vector<std::size_t> by_rows(const ScatterFigures& figures) {
  std::vector<std::size_t> order(figures.categories.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return figures.category_rows[a] > figures.category_rows[b];
  });
  return order;
}

std::string category_name(const std::string& name, Locale locale) {
  if (!name.empty()) return name;
  return locale == Locale::es ? "sin valor" : "no value";
}

std::string others_name(std::size_t count, Locale locale) {
  return (locale == Locale::es ? "otros " : "other ") + count_text(count, locale);
}

// The largest points lie at the back.
std::vector<const Point*> back_to_front(const ScatterFigures& figures) {
  std::vector<const Point*> points;
  points.reserve(figures.points.size());
  for (const Point& point : figures.points)
    points.push_back(&point);
  std::stable_sort(points.begin(), points.end(), [](const Point* one, const Point* other) {
    return (std::isnan(one->size) ? 0 : one->size) > (std::isnan(other->size) ? 0 : other->size);
  });
  return points;
}

void draw_points(Sheet& sheet, const ScatterFigures& figures) {
  PointLooks looks{sheet, figures};
  const Plot plot = put_plot(sheet, figures, 0.04);
  Cloud cloud{{},
              {},
              looks.radius(),
              sheet.look().ground,
              {"points", {{"data-n", std::to_string(figures.points.size())}}, ""},
              !sheet.request().size.empty()};
  cloud.spots.reserve(figures.points.size());
  const auto [x_dimension, y_dimension] = dimensions_of(sheet);
  for (const Point* const point : back_to_front(figures)) {
    const double x = x_dimension.real(point->x);
    const double y = y_dimension.real(point->y);
    cloud.spots.push_back(
        {float(plot.x(x)), float(plot.y(y)), looks.style_of(*point), x, y, point->size});
  }
  cloud.styles = looks.styles();
  sheet.add(std::move(cloud));
  put_trend(sheet, figures, plot);
}

ColourScale scale_of(std::span<const double> values, bool counts) {
  ColourScale colours{INFINITY, -INFINITY, counts};
  for (const double value : values) {
    if (std::isnan(value) || (counts && value == 0)) continue;
    colours.low = std::min(colours.low, value);
    colours.high = std::max(colours.high, value);
  }
  if (counts) colours.low = 1;
  return colours;
}

void put_raster(Sheet& sheet, const ScatterFigures& figures, std::span<const double> values,
                const ColourScale& colours, const Plot& plot, Attributes attributes) {
  Raster raster = raster_of(values, figures.nx, figures.ny, colours, sheet.request().theme);
  const auto [x, y] = dimensions_of(sheet);
  raster.x = plot.x(x.real(figures.x_low));
  raster.y = plot.y(y.real(figures.y_high));
  // Beside a line that is annotated far away cells may shrink to nothing; a trace stays.
  raster.width = std::max(plot.x(x.real(figures.x_high)) - raster.x, 0.5);
  raster.height = std::max(plot.y(y.real(figures.y_low)) - raster.y, 0.5);
  raster.meaning.attributes = std::move(attributes);
  raster.meaning.attributes.push_back({"data-nx", std::to_string(figures.nx)});
  raster.meaning.attributes.push_back({"data-ny", std::to_string(figures.ny)});
  sheet.add(std::move(raster));
}

struct CategoryCells {
  std::string name;
  std::uint64_t rows = 0;
  std::vector<double> values;
};

// The largest categories one each, all others together.
std::vector<CategoryCells> panels_of(const Sheet& sheet, const ScatterFigures& figures) {
  const Locale locale = sheet.request().locale;
  const std::size_t size = std::size_t{figures.nx} * figures.ny;
  const std::vector<std::size_t> order = by_rows(figures);
  const std::size_t named = order.size() <= panels_max ? order.size() : panels_max - 1;
  std::vector<CategoryCells> panels;
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::size_t category = order[place];
    if (place <= named && panels.size() < panels_max) {
      panels.push_back({place < named ? category_name(figures.categories[category], locale)
                                      : others_name(order.size() - named, locale),
                        0, std::vector<double>(size)});
    }
    CategoryCells& panel = panels.back();
    panel.rows += figures.category_rows[category];
    for (std::size_t cell = 0; cell < size; ++cell)
      panel.values[cell] += double(figures.counts[category * size + cell]);
  }
  return panels;
}

void draw_values(Sheet& sheet, const ScatterFigures& figures, const std::vector<double>& values,
                 bool tinted, Attributes attributes) {
  const bool es = sheet.request().locale == Locale::es;
  const ColourScale colours =
      put_colour_bar(sheet, scale_of(values, !tinted),
                     tinted ? words_of_column(sheet.request().color, sheet.request())
                            : (es ? "Filas por celda" : "Rows per cell"));
  const Plot plot = put_plot(sheet, figures, cells_margin);
  put_raster(sheet, figures, values, colours, plot, std::move(attributes));
  put_trend(sheet, figures, plot);
}

void draw_panels(Sheet& sheet, const ScatterFigures& figures, const std::vector<double>& all) {
  const std::vector<CategoryCells> panels = panels_of(sheet, figures);
  std::vector<PanelWish> wishes;
  wishes.reserve(panels.size());
  for (const CategoryCells& panel : panels) {
    wishes.push_back({panel.name, " (" + count_text(panel.rows, sheet.request().locale) + ")",
                      sheet.figures(), [&](Sheet& target) {
                        draw_values(
                            target, figures, panel.values, false,
                            {{"data-group", panel.name}, {"data-n", std::to_string(panel.rows)}});
                      }});
  }
  put_panels(sheet, wishes, [&](Sheet& target) { draw_values(target, figures, all, false, {}); });
}

// What cells cannot show is said.
void remark_on_cells(Sheet& sheet, bool shapes_are_panels) {
  const Request& request = sheet.request();
  const bool es = request.locale == Locale::es;
  std::string names = request.size.empty() ? "" : words_within(request.size, request);
  if (!request.shape.empty() && !shapes_are_panels)
    names += (names.empty() ? "" : es ? " y " : " and ") + words_within(request.shape, request);
  if (names.empty()) return;
  sheet.remark(es ? "celdas: sin tamaño ni forma de cada fila, no muestran " + names +
                        "; facet o menos filas (where) lo harían"
                  : "cells have no size or shape of a row and do not show " + names +
                        "; facets or fewer rows (where) would");
}

void draw_cells(Sheet& sheet, const ScatterFigures& figures) {
  const bool tinted = colours_by_number(sheet.figures(), sheet.request());
  const std::size_t size = std::size_t{figures.nx} * figures.ny;
  std::vector<double> values(size);
  if (tinted) {
    values = figures.cell_color_means;
  } else {
    for (std::size_t cell = 0; cell < figures.counts.size(); ++cell)
      values[cell % size] += double(figures.counts[cell]);
  }
  const bool categories = !tinted && figures.categories.size() > 1;
  remark_on_cells(sheet, categories && sheet.request().color.empty());
  if (categories && sheet.multiples() == nullptr) {
    draw_panels(sheet, figures, values);
    return;
  }
  if (categories) {
    sheet.remark(sheet.request().locale == Locale::es
                     ? "las celdas cuentan las filas de todos los colores"
                     : "cells count the rows of all colours");
  }
  draw_values(sheet, figures, values, tinted, {{"data-n", std::to_string(figures.n)}});
}

}  // namespace

void draw(Sheet& sheet, const ScatterFigures& figures) {
  if (figures.n == 0) {
    sheet.words_instead(sheet.request().locale == Locale::es ? "Ninguna fila tiene los dos valores."
                                                             : "No row has both values.");
  } else if (figures.points.empty()) {
    draw_cells(sheet, figures);
  } else {
    draw_points(sheet, figures);
  }
}

}  // namespace cauce::charts::drawing

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "charts/drawing/axes.h"
#include "charts/drawing/cells.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/panels.h"
#include "charts/drawing/trend.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

constexpr std::array<Shape, 5> shapes{Shape::circle, Shape::square, Shape::diamond, Shape::triangle,
                                      Shape::cross};
constexpr std::size_t tint_steps = 64;

// The more points, the more of them lie on each other.
double alpha_for(std::size_t points) {
  return points > 5000 ? 0.3 : points > 1500 ? 0.45 : 0.65;
}

double radius_for(std::size_t points) {
  return points > 5000 ? 1.9 : points > 1000 ? 2.5 : 3.4;
}

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

struct Dimensions {
  Dimension x, y;
};

Dimensions dimensions_of(const Sheet& sheet) {
  const Request& request = sheet.request();
  return {dimension_of(sheet.figures(), request.x, request.x_scale),
          dimension_of(sheet.figures(), request.y, request.y_scale)};
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

// Which style each category has: the largest ones a colour and a shape, all others together grey.
struct Styles {
  std::vector<SpotStyle> styles;
  std::vector<std::uint32_t> of_category;
  std::vector<LegendEntry> legend;
};

Styles styles_of(Sheet& sheet, const ScatterFigures& figures) {
  const Locale locale = sheet.request().locale;
  const Look& look = sheet.look();
  const std::size_t count = figures.categories.size();
  const double alpha = alpha_for(figures.points.size());
  const std::vector<std::size_t> order = by_rows(figures);
  const std::size_t named = count <= series_max ? count : series_max - 1;
  Styles styles;
  styles.of_category.assign(count, std::uint32_t(named));
  for (std::size_t place = 0; place < named; ++place) {
    const std::size_t category = order[place];
    const Shape shape = shapes[place % shapes.size()];
    styles.of_category[category] = std::uint32_t(place);
    styles.styles.push_back(
        {shape, with_alpha(look.series[place], alpha), figures.categories[category]});
    styles.legend.push_back({category_name(figures.categories[category], locale) + " (" +
                                 count_text(figures.category_rows[category], locale) + ")",
                             look.series[place], shape, figures.categories[category]});
  }
  if (named == count) return styles;
  std::uint64_t rows = 0;
  for (std::size_t place = named; place < count; ++place)
    rows += figures.category_rows[order[place]];
  const std::string others =
      others_name(count - named, locale) + " (" + count_text(rows, locale) + ")";
  styles.styles.push_back({Shape::circle, with_alpha(look.neutral, alpha), others});
  styles.legend.push_back({others, look.neutral, Shape::circle});
  return styles;
}

void put_points(Sheet& sheet, const ScatterFigures& figures, const Plot& plot,
                const std::vector<SpotStyle>& styles, auto&& style_of) {
  Cloud cloud{{},
              styles,
              radius_for(figures.points.size()),
              sheet.look().ground,
              {"points", {{"data-n", std::to_string(figures.points.size())}}, ""}};
  cloud.spots.reserve(figures.points.size());
  const auto [x_dimension, y_dimension] = dimensions_of(sheet);
  for (const Point& point : figures.points) {
    const double x = x_dimension.real(point.x);
    const double y = y_dimension.real(point.y);
    cloud.spots.push_back(
        {float(plot.x(x)), float(plot.y(y)), std::uint32_t(style_of(point)), x, y});
  }
  sheet.add(std::move(cloud));
}

void draw_categories(Sheet& sheet, const ScatterFigures& figures) {
  const Styles styles = styles_of(sheet, figures);
  if (!sheet.request().color.empty()) sheet.legend(styles.legend);
  const Plot plot = put_plot(sheet, figures, 0.04);
  put_points(sheet, figures, plot, styles.styles,
             [&](const Point& point) { return styles.of_category[point.category]; });
  put_trend(sheet, figures, plot);
}

void draw_tinted(Sheet& sheet, const ScatterFigures& figures) {
  ColourScale colours{INFINITY, -INFINITY, false};
  for (const Point& point : figures.points) {
    if (std::isnan(point.color)) continue;
    colours.low = std::min(colours.low, point.color);
    colours.high = std::max(colours.high, point.color);
  }
  std::vector<SpotStyle> styles;
  for (std::size_t step = 0; step < tint_steps; ++step) {
    const Colour colour = sequential(double(step) / double(tint_steps - 1), sheet.request().theme);
    styles.push_back({Shape::circle, with_alpha(colour, 0.8), ""});
  }
  styles.push_back({Shape::ring, sheet.look().neutral, "without colour"});
  if (colours.low <= colours.high)
    put_colour_bar(sheet, colours, words_of_column(sheet.request().color));
  const Plot plot = put_plot(sheet, figures, 0.04);
  put_points(sheet, figures, plot, styles, [&](const Point& point) {
    if (std::isnan(point.color)) return std::size_t{tint_steps};
    return std::size_t(std::lround(colours.share(point.color) * double(tint_steps - 1)));
  });
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
  const ColourScale colours = put_colour_bar(
      sheet, scale_of(values, !tinted),
      tinted ? words_of_column(sheet.request().color) : (es ? "Filas por celda" : "Rows per cell"));
  const Plot plot = put_plot(sheet, figures, 0);
  put_raster(sheet, figures, values, colours, plot, std::move(attributes));
  put_trend(sheet, figures, plot);
}

void draw_panels(Sheet& sheet, const ScatterFigures& figures, const std::vector<double>& all) {
  const std::vector<CategoryCells> panels = panels_of(sheet, figures);
  std::vector<PanelWish> wishes;
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
  } else if (colours_by_number(sheet.figures(), sheet.request())) {
    draw_tinted(sheet, figures);
  } else {
    draw_categories(sheet, figures);
  }
}

}  // namespace cauce::charts::drawing

#include <algorithm>
#include <cmath>
#include <limits>

#include "charts/drawing/axes.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/end_labels.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/lines.h"
#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

namespace {

constexpr std::size_t dotted_points_max = 40;  // of a series whose points are all marked
constexpr std::size_t thin_from = 400;         // points of a series: a thick line hides its turns
constexpr std::size_t written_points_max = 2000;  // of all series: their numbers stand in the SVG

struct Series {
  const LineSeries* series;
  std::string name;
  Colour colour;
  bool named;  // has a colour of its own
};

// Points of a series that one line joins, as [begin, end) of its points.
struct Stretch {
  std::size_t begin, end;
};

std::uint64_t values_of(const LineSeries& series) {
  std::uint64_t n = 0;
  for (const LinePoint& point : series.points)
    n += point.n;
  return n;
}

class LineChart {
 public:
  LineChart(Sheet& sheet, const LineFigures& figures)
      : sheet_(sheet),
        figures_(figures),
        locale_(sheet.request().locale),
        banded_(has_band(figures)),
        x_(dimension_of(sheet.figures(), sheet.request(), sheet.request().x,
                        sheet.request().x_scale)),
        y_(dimension_of(sheet.figures(), sheet.request(), sheet.request().y,
                        sheet.request().y_scale)) {}

  void draw() {
    choose_series();
    std::vector<EndLabel> labels;
    for (const Series& series : series_) {
      if (series.named && figures_.series.size() > 1)
        labels.push_back({series.name, text_colour(series.colour, sheet_.look()), {}});
    }
    // Panels have one legend for all.
    const double beside = sheet_.multiples() != nullptr ? 0 : width_of_end_labels(sheet_, labels);
    if (beside == 0 && !labels.empty()) put_legend();
    sheet_.room().right -= beside;
    const Plot plot = put_plot();
    std::size_t points = 0;
    for (const Series& series : series_)
      points += series.series->points.size();
    written_ = points <= written_points_max;
    for (const Series& series : series_) {
      for (const Stretch& stretch : stretches_of(*series.series))
        put_band(series, stretch, plot);
    }
    for (const Series& series : series_) {
      for (const Stretch& stretch : stretches_of(*series.series))
        put_line(series, stretch, plot);
    }
    if (beside == 0) return;
    std::size_t label = 0;
    for (const Series& series : series_) {
      if (series.named) labels[label++].end = end_of(*series.series, plot);
    }
    spread_labels(labels, sheet_.label_face().size * 1.3, plot.area.top, plot.area.bottom);
    put_end_labels(sheet_, labels, plot.area.right);
  }

 private:
  void choose_series() {
    const bool es = locale_ == Locale::es;
    std::vector<const LineSeries*> by_size;
    for (const LineSeries& series : figures_.series) {
      if (values_of(series) > 0) by_size.push_back(&series);
    }
    std::sort(by_size.begin(), by_size.end(), [](const LineSeries* one, const LineSeries* other) {
      const std::uint64_t first = values_of(*one);
      const std::uint64_t second = values_of(*other);
      return first != second ? first > second : one < other;
    });
    if (by_size.size() > series_max) {
      const std::size_t rest = by_size.size() - series_max;
      by_size.resize(series_max);
      sheet_.remark(
          es ? counted(rest, "serie menor en gris", "series menores en gris", locale_)
             : counted(rest, "smaller series in grey", "smaller series in grey", locale_));
    }
    std::vector<Series> named;
    for (const LineSeries& series : figures_.series) {
      if (values_of(series) == 0) continue;
      const std::string name = !series.color.empty() ? clean_text(series.color)
                               : es                  ? "sin valor"
                                                     : "no value";
      if (std::find(by_size.begin(), by_size.end(), &series) == by_size.end()) {
        series_.push_back({&series, name, with_alpha(sheet_.look().neutral, 0.55), false});
      } else {
        named.push_back({&series, name, sheet_.look().series[named.size()], true});
      }
    }
    series_.insert(series_.end(), named.begin(), named.end());
  }

  void put_legend() {
    std::vector<LegendEntry> entries;
    for (const Series& series : series_) {
      if (!series.named) continue;
      entries.push_back({series.name, series.colour, Shape::square, series.series->color});
    }
    sheet_.legend(entries);
  }

  bool is_drawn(const LinePoint& point) const {
    const double value = line_value(point, figures_.aggregate);
    return std::isfinite(value) && (y_.kind != ScaleKind::logarithmic || value > 0);
  }

  Plot put_plot() {
    double x_low = std::numeric_limits<double>::infinity();
    double x_high = -x_low;
    double y_low = x_low;
    double y_high = x_high;
    for (const Series& series : series_) {
      for (const LinePoint& point : series.series->points) {
        if (!is_drawn(point)) continue;
        const double value = line_value(point, figures_.aggregate);
        x_low = std::min(x_low, x_.bent(point.x));
        x_high = std::max(x_high, x_.bent(point.x));
        y_low = std::min(y_low, y_.bent(banded_ ? point.min : value));
        y_high = std::max(y_high, y_.bent(banded_ ? point.max : value));
      }
    }
    widen(x_low, x_high, x_low == x_high ? 0 : 0.012);
    widen(y_low, y_high, 0.05);
    return put_axes(sheet_, {x_.kind, x_.real(x_low), x_.real(x_high), x_.column, x_.label, false},
                    {figures_.aggregate == Aggregate::count ? ScaleKind::linear : y_.kind,
                     y_.real(y_low), y_.real(y_high), y_.column, y_.label});
  }

  // The ends of the stretches: where a value is missing, and at the breaks.
  std::vector<Stretch> stretches_of(const LineSeries& series) const {
    std::vector<Stretch> stretches;
    std::size_t begin = 0;
    const auto close = [&](std::size_t end) {
      if (end > begin) stretches.push_back({begin, end});
      begin = end;
    };
    std::size_t next = 0;
    for (std::size_t index = 0; index < series.points.size(); ++index) {
      if (next < series.breaks.size() && series.breaks[next] == index) {
        close(index);
        ++next;
      }
      if (is_drawn(series.points[index])) continue;
      close(index);
      begin = index + 1;
    }
    close(series.points.size());
    return stretches;
  }

  Vertex at(const LinePoint& point, double value, const Plot& plot) const {
    return {plot.x(point.x), plot.y(value)};
  }

  Vertex end_of(const LineSeries& series, const Plot& plot) const {
    for (std::size_t index = series.points.size(); index > 0; --index) {
      const LinePoint& point = series.points[index - 1];
      if (is_drawn(point)) return at(point, line_value(point, figures_.aggregate), plot);
    }
    return {plot.area.right, plot.area.bottom};
  }

  void put_band(const Series& series, const Stretch& stretch, const Plot& plot) {
    if (!banded_ || !series.named) return;
    const auto& points = series.series->points;
    const Meaning meaning{"band", {{"data-group", series.series->color}}, ""};
    if (stretch.end - stretch.begin == 1) {
      const LinePoint& point = points[stretch.begin];
      sheet_.add(Line{plot.x(point.x), plot.y(point.min), plot.x(point.x), plot.y(point.max),
                      with_alpha(series.colour, 0.4), 2, meaning});
      return;
    }
    Path path{{}, true, with_alpha(series.colour, 0.2), {}, 1, meaning};
    Measures x{"data-x", {}};
    Measures low{"data-low", {}};
    Measures high{"data-high", {}};
    for (std::size_t index = stretch.begin; index < stretch.end; ++index) {
      const LinePoint& point = points[index];
      path.vertices.push_back(at(point, point.max, plot));
      x.values.push_back(point.x);
      low.values.push_back(point.min);
      high.values.push_back(point.max);
    }
    for (std::size_t index = stretch.end; index > stretch.begin; --index)
      path.vertices.push_back(at(points[index - 1], points[index - 1].min, plot));
    if (written_) path.measures = {std::move(x), std::move(low), std::move(high)};
    sheet_.add(std::move(path));
  }

  void put_line(const Series& series, const Stretch& stretch, const Plot& plot) {
    const auto& points = series.series->points;
    const bool alone = stretch.end - stretch.begin == 1;
    const bool dotted = points.size() <= dotted_points_max && series_.size() <= series_max;
    if (!alone) {
      Path path{{},
                false,
                {},
                series.colour,
                !series.named               ? 1.0
                : points.size() > thin_from ? 1.3
                                            : 2.0,
                {"line",
                 {{"data-group", series.series->color},
                  {"data-points", std::to_string(stretch.end - stretch.begin)}},
                 series.name}};
      Measures x{"data-x", {}};
      Measures y{"data-y", {}};
      for (std::size_t index = stretch.begin; index < stretch.end; ++index) {
        const double value = line_value(points[index], figures_.aggregate);
        path.vertices.push_back(at(points[index], value, plot));
        x.values.push_back(points[index].x);
        y.values.push_back(value);
      }
      if (written_) path.measures = {std::move(x), std::move(y)};
      sheet_.add(std::move(path));
    }
    if (!alone && !dotted) return;
    for (std::size_t index = stretch.begin; index < stretch.end; ++index)
      put_point(series, points[index], plot);
  }

  void put_point(const Series& series, const LinePoint& point, const Plot& plot) {
    const double value = line_value(point, figures_.aggregate);
    const Vertex place = at(point, value, plot);
    const Request& request = sheet_.request();
    std::string title = figures_.series.size() > 1 ? series.name + ", " : "";
    title += value_text(point.x, sheet_.figures(), request.x, 6, locale_) + ": " +
             number_text(value, 5, locale_);
    if (point.n > 1) title += " · n = " + count_text(point.n, locale_);
    sheet_.add(Marker{place.x,
                      place.y,
                      series.named ? 2.6 : 1.6,
                      Shape::circle,
                      series.colour,
                      sheet_.look().ground,
                      {"line-point",
                       {{"data-group", series.series->color},
                        {"data-x", exact_text(point.x)},
                        {"data-value", exact_text(value)},
                        {"data-n", std::to_string(point.n)}},
                       title}});
  }

  Sheet& sheet_;
  const LineFigures& figures_;
  const Locale locale_;
  const bool banded_;
  const Dimension x_;
  const Dimension y_;
  std::vector<Series> series_;  // back to front
  bool written_ = true;
};

}  // namespace

double line_value(const LinePoint& point, Aggregate aggregate) {
  if (aggregate == Aggregate::count) return double(point.n);
  return aggregate == Aggregate::sum ? point.sum : point.mean;
}

bool shows_single_values(const LineFigures& figures) {
  for (const LineSeries& series : figures.series) {
    for (const LinePoint& point : series.points) {
      if (point.n > 1) return false;
    }
  }
  return true;
}

bool has_gaps(const LineFigures& figures) {
  for (const LineSeries& series : figures.series) {
    if (!series.breaks.empty()) return true;
    for (const LinePoint& point : series.points) {
      if (point.n == 0 && figures.aggregate != Aggregate::count) return true;
    }
  }
  return false;
}

bool has_band(const LineFigures& figures) {
  return figures.aggregate == Aggregate::mean && figures.series.size() <= banded_series_max &&
         !shows_single_values(figures);
}

void draw(Sheet& sheet, const LineFigures& figures) {
  const bool empty = std::all_of(figures.series.begin(), figures.series.end(),
                                 [](const LineSeries& series) { return values_of(series) == 0; });
  if (empty) {
    sheet.words_instead(sheet.request().locale == Locale::es ? "Ninguna fila tiene los dos valores."
                                                             : "No row has both values.");
    return;
  }
  LineChart{sheet, figures}.draw();
}

}  // namespace cauce::charts::drawing

#include <algorithm>
#include <cmath>
#include <numeric>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/footer.h"
#include "charts/drawing/lines.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/surfaces.h"
#include "charts/drawing/wording.h"
#include "charts/render.h"

namespace cauce::charts {

namespace {

using drawing::bar_value;
using drawing::clean_text;
using drawing::count_text;
using drawing::number_text;
using drawing::words_within;

constexpr std::size_t groups_told = 8;
constexpr std::size_t pairs_told = 4;
constexpr std::size_t name_bytes_max = 120;

struct Teller {
  const Figures& figures;
  const Request& request;
  const Locale locale = request.locale;
  const bool es = locale == Locale::es;

  std::string number(double value) const { return number_text(value, 4, locale); }
  // What a figure of this column stands for.
  std::string value(double figure, const std::string& column, Scale scale) const {
    const double real = drawing::dimension_of(figures, request, column, scale).real(figure);
    return drawing::value_text(real, figures, column, 4, locale);
  }
  std::string count(std::uint64_t value) const { return count_text(value, locale); }
  std::string name(const std::string& group) const {
    if (group.empty()) return es ? "todos" : "all";
    return clean_text(group, name_bytes_max);
  }
  std::string column_name(const std::string& name) const {
    return clean_text(drawing::called(name, request), name_bytes_max);
  }
  std::string more(std::size_t groups) const {
    if (groups <= groups_told) return "";
    return (es ? "; y " : "; and ") + count(groups - groups_told) + (es ? " más" : " more");
  }

  std::string operator()(const ScatterFigures& scatter) const {
    std::string text = es ? "Diagrama de dispersión de " + count(scatter.n) + " filas. "
                          : "Scatter chart of " + count(scatter.n) + " rows. ";
    text += column_name(request.x) + (es ? " de " : " from ") +
            value(scatter.x_low, request.x, request.x_scale) + (es ? " a " : " to ") +
            value(scatter.x_high, request.x, request.x_scale) + ", " + column_name(request.y) +
            (es ? " de " : " from ") + value(scatter.y_low, request.y, request.y_scale) +
            (es ? " a " : " to ") + value(scatter.y_high, request.y, request.y_scale) + ".";
    const bool bent = request.x_scale != Scale::linear || request.y_scale != Scale::linear;
    if (!scatter.degenerate.empty() || bent) return text;
    text += es ? " Correlación de Pearson " : " Pearson correlation ";
    text += number_text(scatter.pearson, 2, locale) +
            (es ? "; la recta de mínimos cuadrados sube " : "; the least-squares line rises ") +
            number(scatter.slope) + (es ? " por unidad." : " per unit.");
    return text;
  }

  // The colours of a bar: "; Japan 5, USA 7".
  std::string parts(const BarGroup& bar, Aggregate aggregate) const {
    std::string text;
    std::size_t told = 0;
    for (const BarGroup& part : bar.parts) {
      if (part.count == 0) continue;
      if (++told > groups_told) continue;
      text += (text.empty() ? "; " : ", ") + color_name(part.group) + " " +
              drawing::value_text(bar_value(part, aggregate), aggregate, locale);
    }
    return text + (told > groups_told ? ", …" : "");
  }
  std::string color_name(const std::string& color) const {
    if (color.empty()) return es ? "sin valor" : "no value";
    return clean_text(color, name_bytes_max);
  }

  std::string operator()(const BarFigures& bars) const {
    std::vector<const BarGroup*> groups;
    for (const BarGroup& group : bars.groups) {
      if (group.degenerate.empty()) groups.push_back(&group);
    }
    std::stable_sort(groups.begin(), groups.end(), [&](const BarGroup* a, const BarGroup* b) {
      return bar_value(*a, bars.aggregate) > bar_value(*b, bars.aggregate);
    });
    std::string text = es ? "Gráfico de " : "Bar chart of ";
    text +=
        drawing::counted(groups.size(), es ? "barra" : "group", es ? "barras" : "groups", locale);
    text += ": ";
    for (std::size_t index = 0; index < std::min(groups.size(), groups_told); ++index) {
      text +=
          (index == 0 ? "" : "; ") + name(groups[index]->group) + " " +
          drawing::value_text(bar_value(*groups[index], bars.aggregate), bars.aggregate, locale) +
          " (n " + count(groups[index]->count) + parts(*groups[index], bars.aggregate) + ")";
    }
    return text + more(groups.size()) + ".";
  }

  std::string box_name(Marks marks) const {
    switch (marks) {
      case Marks::box: return es ? "Diagrama de cajas" : "Box chart";
      case Marks::violin: return es ? "Diagrama de violines" : "Violin chart";
      case Marks::strip: return es ? "Diagrama de puntos por grupo" : "Strip chart";
    }
    return "";
  }

  std::string operator()(const BoxFigures& boxes) const {
    std::string text = box_name(boxes.marks) + ": ";
    for (std::size_t index = 0; index < std::min(boxes.groups.size(), groups_told); ++index) {
      const BoxGroup& group = boxes.groups[index];
      text += (index == 0 ? "" : "; ") + name(group.group);
      if (group.n == 0) {
        text += es ? ": sin valores" : ": no values";
        continue;
      }
      text += (es ? ": mediana " : ": median ") + number(group.median) +
              (es ? ", cuartiles " : ", quartiles ") + number(group.q1) + (es ? " y " : " and ") +
              number(group.q3) + ", n " + count(group.n);
      if (group.outlier_count > 0) {
        text += ", " + drawing::counted(group.outlier_count, es ? "valor atípico" : "outlier",
                                        es ? "valores atípicos" : "outliers", locale);
      }
    }
    return text + more(boxes.groups.size()) + ".";
  }

  std::string operator()(const DensityFigures& density) const {
    std::string text = es ? "Curvas de densidad: " : "Density curves: ";
    for (std::size_t index = 0; index < std::min(density.groups.size(), groups_told); ++index) {
      const DensityGroup& group = density.groups[index];
      text += (index == 0 ? "" : "; ") + name(group.group);
      if (!group.degenerate.empty() || group.y.size() < 2) {
        text += ": " + drawing::reason_of(group, drawing::called(request.x, request), locale);
        continue;
      }
      const auto peak =
          std::size_t(std::max_element(group.y.begin(), group.y.end()) - group.y.begin());
      const double share = double(peak) / double(group.y.size() - 1);
      text += (es ? ": máximo en " : ": peak at ") +
              value(group.x0 + (group.x1 - group.x0) * share, request.x, request.x_scale) + ", n " +
              count(group.n);
    }
    return text + more(density.groups.size()) + ".";
  }

  std::string operator()(const SurfaceFigures& surface) const {
    if (surface.density.empty()) return "";
    const BandPoint peak = drawing::peak_of(surface);
    return (es ? "Densidad de " + count(surface.n) + " filas, máxima en "
               : "Density of " + count(surface.n) + " rows, highest at ") +
           column_name(request.x) + " " + value(peak.x, request.x, request.x_scale) +
           (es ? " y " : " and ") + column_name(request.y) + " " +
           value(peak.low, request.y, request.y_scale) + ".";
  }

  std::string operator()(const PairsFigures& pairs) const {
    std::string text = es ? "Matriz de dispersión de " + count(pairs.n) + " filas. Correlaciones: "
                          : "Pair plot of " + count(pairs.n) + " rows. Correlations: ";
    std::size_t pair = 0;
    for (std::size_t x = 0; x < pairs.columns.size(); ++x) {
      for (std::size_t y = x + 1; y < pairs.columns.size(); ++y, ++pair) {
        const double pearson = pairs.pearson[pair];
        text += (pair == 0 ? "" : "; ") + column_name(pairs.columns[x].name) +
                (es ? " y " : " and ") + column_name(pairs.columns[y].name) + " " +
                (std::isnan(pearson) ? (es ? "ninguna" : "none") : number_text(pearson, 2, locale));
      }
    }
    return text + ".";
  }

  // How many values each group has, and where most of them are.
  std::string groups_of(const HistogramFigures& histogram) const {
    if (histogram.groups.empty()) return "";
    std::string text = es ? " Grupos: " : " Groups: ";
    const double width = (histogram.high - histogram.low) / double(histogram.counts.size());
    for (std::size_t group = 0; group < std::min(histogram.groups.size(), groups_told); ++group) {
      const std::vector<std::uint64_t>& counts = histogram.group_counts[group];
      const auto most = double(std::max_element(counts.begin(), counts.end()) - counts.begin());
      text += (group == 0 ? "" : "; ") + name(histogram.groups[group]) + ": n " +
              count(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0})) +
              (es ? ", sobre todo de " : ", most from ") +
              value(histogram.low + width * most, request.x, request.x_scale) +
              (es ? " a " : " to ") +
              value(histogram.low + width * (most + 1), request.x, request.x_scale);
    }
    return text + more(histogram.groups.size()) + ".";
  }

  std::string operator()(const HistogramFigures& histogram) const {
    if (histogram.counts.empty()) return histogram.degenerate;
    const auto most =
        std::size_t(std::max_element(histogram.counts.begin(), histogram.counts.end()) -
                    histogram.counts.begin());
    const double width = (histogram.high - histogram.low) / double(histogram.counts.size());
    const double from = histogram.low + width * double(most);
    return (es ? "Histograma de " + count(histogram.n) + " valores de "
               : "Histogram of " + count(histogram.n) + " values from ") +
           value(histogram.low, request.x, request.x_scale) + (es ? " a " : " to ") +
           value(histogram.high, request.x, request.x_scale) +
           (es ? ". El intervalo más alto, de " : ". The highest bin, from ") +
           value(from, request.x, request.x_scale) + (es ? " a " : " to ") +
           value(from + width, request.x, request.x_scale) + (es ? ", tiene " : ", holds ") +
           count(histogram.counts[most]) + "." + groups_of(histogram);
  }

  // Half of the values of each group, and nearly all, are below what.
  std::string operator()(const EcdfFigures& ecdf) const {
    std::string text =
        es ? "Función de distribución empírica: " : "Empirical cumulative distribution: ";
    for (std::size_t index = 0; index < std::min(ecdf.groups.size(), groups_told); ++index) {
      const EcdfGroup& group = ecdf.groups[index];
      text += (index == 0 ? "" : "; ") + name(group.group);
      if (group.x.empty()) {
        text += es ? ": sin valores" : ": no values";
        continue;
      }
      const auto reached = [&](double share) {
        const auto at = std::lower_bound(group.share.begin(), group.share.end(), share);
        const std::size_t place =
            std::min(std::size_t(at - group.share.begin()), group.x.size() - 1);
        return drawing::value_text(group.x[place], figures, request.x, 4, locale);
      };
      text += (es ? ": la mitad de los valores hasta " : ": half of the values up to ") +
              reached(0.5) + (es ? ", el 90 % hasta " : ", 90 % up to ") + reached(0.9) +
              (es ? ", todos hasta " : ", all up to ") + reached(1) + ", n " + count(group.n);
    }
    return text + more(ecdf.groups.size()) + ".";
  }

  std::string point_text(const LinePoint& point, const LineFigures& lines) const {
    return number(drawing::line_value(point, lines.aggregate)) + (es ? " en " : " at ") +
           drawing::value_text(point.x, figures, request.x, 6, locale);
  }

  // Where a series begins and ends, and how far it reaches.
  std::string series_text(const LineSeries& series, const LineFigures& lines) const {
    std::vector<const LinePoint*> points;
    for (const LinePoint& point : series.points) {
      if (std::isfinite(drawing::line_value(point, lines.aggregate))) points.push_back(&point);
    }
    if (points.empty()) return es ? "sin valores" : "no values";
    const auto below = [&](const LinePoint* one, const LinePoint* other) {
      return drawing::line_value(*one, lines.aggregate) <
             drawing::line_value(*other, lines.aggregate);
    };
    const auto [lowest, highest] = std::minmax_element(points.begin(), points.end(), below);
    std::string text = (es ? "de " : "from ") + point_text(*points.front(), lines) +
                       (es ? " a " : " to ") + point_text(*points.back(), lines) +
                       (es ? ", mínimo " : ", lowest ") + point_text(**lowest, lines) +
                       (es ? ", máximo " : ", highest ") + point_text(**highest, lines);
    if (!series.breaks.empty()) {
      text += ", " + drawing::counted(series.breaks.size(), es ? "hueco" : "gap",
                                      es ? "huecos" : "gaps", locale);
    }
    return text;
  }

  std::string operator()(const LineFigures& lines) const {
    std::string text = es ? "Gráfico de líneas de " : "Line chart of ";
    text += column_name(request.y) + (es ? " según " : " by ") + column_name(request.x) + ": ";
    for (std::size_t index = 0; index < std::min(lines.series.size(), groups_told); ++index) {
      const LineSeries& series = lines.series[index];
      text += index == 0 ? "" : "; ";
      if (lines.series.size() > 1) text += color_name(series.color) + ": ";
      text += series_text(series, lines);
    }
    return text + more(lines.series.size()) + ".";
  }

  std::string pair_text(const HeatFigures& heat, std::size_t cell, double value) const {
    return color_name(heat.x[cell / heat.y.size()]) + (es ? " y " : " and ") +
           color_name(heat.y[cell % heat.y.size()]) + " " + number(value);
  }

  std::string operator()(const HeatFigures& heat) const {
    std::vector<double> values = heat.values;
    if (values.empty()) {
      for (const std::uint64_t rows : heat.counts)
        values.push_back(rows == 0 ? std::nan("") : double(rows));
    }
    std::vector<std::size_t> order;
    for (std::size_t cell = 0; cell < values.size(); ++cell) {
      if (!std::isnan(values[cell])) order.push_back(cell);
    }
    std::string text = (es ? "Mapa de calor de " : "Heat map of ") + count(heat.x.size()) +
                       (es ? " por " : " by ") + count(heat.y.size()) +
                       (es ? " valores" : " values");
    if (order.empty()) return text + ".";
    std::sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
      return values[one] != values[other] ? values[one] > values[other] : one < other;
    });
    text += es ? "; los pares más altos: " : "; the highest pairs: ";
    for (std::size_t place = 0; place < std::min(order.size(), pairs_told); ++place)
      text += (place == 0 ? "" : "; ") + pair_text(heat, order[place], values[order[place]]);
    if (order.size() > pairs_told)
      text += (es ? "; el más bajo: " : "; the lowest: ") +
              pair_text(heat, order.back(), values[order.back()]);
    return text + ".";
  }
};

// Small multiples: every panel's rows, and what the first ones show.
std::string panels_told(const Figures& figures, const Request& request) {
  if (figures.panels.empty()) return "";
  const bool es = request.locale == Locale::es;
  std::string text = es ? " Un panel para cada " : " One panel for each ";
  text += words_within(request.facet, request) + ".";
  for (std::size_t index = 0; index < figures.panels.size(); ++index) {
    const Panel& panel = figures.panels[index];
    text += " " +
            (!panel.name.empty() ? clean_text(panel.name, name_bytes_max)
             : es                ? "sin valor"
                                 : "no value") +
            " (" +
            drawing::counted(panel.figures.rows, es ? "fila" : "row", es ? "filas" : "rows",
                             request.locale) +
            ")";
    if (index >= groups_told) {
      text += index + 1 < figures.panels.size() ? ";" : ".";
      continue;
    }
    text += ": " + (panel.degenerate.empty()
                        ? std::visit(Teller{panel.figures, request}, panel.figures.of)
                        : drawing::reason_of(panel, request) + ".");
  }
  return text;
}

}  // namespace

std::string alternative_text(const Figures& figures, const Request& request) {
  std::string text = clean_text(drawing::title_of(figures, request), 400) + ". ";
  text += std::visit(Teller{figures, request}, figures.of);
  text += panels_told(figures, request);
  return clean_text(text + " " + drawing::footer_of(figures, request, {}, 0) + ".");
}

}  // namespace cauce::charts

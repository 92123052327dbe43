#include "charts/drawing/wording.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/lines.h"
#include "charts/drawing/number_text.h"
#include "charts/reasons.h"

namespace cauce::charts::drawing {

namespace {

bool spanish(const Request& request) {
  return request.locale == Locale::es;
}

// "Y by x", "Y según x".
std::string by(const std::string& what, const std::string& column, const Request& request) {
  if (column.empty()) return what;
  return what + (spanish(request) ? " según " : " by ") + words_within(column, request);
}

std::string capital(std::string text) {
  if (text.size() > 1 && text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z')
    text[0] = char(text[0] - 32);
  return text;
}

std::string measure_of(Aggregate aggregate, const std::string& column, const Request& request) {
  const bool es = spanish(request);
  if (column.empty()) return es ? "Filas" : "Rows";
  const std::string words = words_within(column, request);
  switch (aggregate) {
    case Aggregate::count: return (es ? "Número de valores de " : "Number of values of ") + words;
    case Aggregate::sum: return (es ? "Suma de " : "Total ") + words;
    case Aggregate::mean: return (es ? "Media de " : "Mean ") + words;
    case Aggregate::median: return (es ? "Mediana de " : "Median ") + words;
  }
  return words;
}

std::string with_color(const std::string& title, const Request& request) {
  if (request.color.empty()) return title;
  return title + (spanish(request) ? " y " : " and ") + words_within(request.color, request);
}

std::string title_of_bars(const BarFigures& bars, const Request& request) {
  return with_color(by(measure_of(bars.aggregate, request.y, request), request.x, request),
                    request);
}

// "Mean y by x", or "y by x" when no x holds more than one value.
std::string title_of_lines(const LineFigures& lines, const Request& request) {
  const bool single = shows_single_values(lines) && lines.aggregate != Aggregate::count;
  const std::string y = single ? words_of_column(request.y, request)
                               : measure_of(lines.aggregate, request.y, request);
  return with_color(by(y, request.x, request), request);
}

std::string method_of_colours(const BarFigures& bars, const Request& request) {
  const bool es = spanish(request);
  const std::string color = words_within(request.color, request);
  const std::string name = request.y.empty() ? (es ? "Número de filas" : "Number of rows")
                                             : std::string(name_of(bars.aggregate, request.locale));
  switch (bars.bars) {
    case Bars::grouped:
      return name +
             (es ? " de cada grupo, un color por " : " of each group, one colour for each ") +
             color;
    case Bars::stacked:
      return name + (es ? " de cada grupo, partes apiladas por " : " of each group, stacked by ") +
             color;
    case Bars::shares:
      return (es ? "Parte de cada " : "Share of each ") + color +
             (es ? " en cada grupo; al final, " : " in each group; at its end, ") +
             (request.y.empty() ? (es ? "su número de filas" : "its number of rows")
                                : (es ? "su total" : "its total"));
  }
  return name;
}

struct Title {
  const Request& request;

  std::string operator()(const ScatterFigures&) const {
    return by(words_of_column(request.y, request), request.x, request);
  }
  std::string operator()(const BarFigures& bars) const { return title_of_bars(bars, request); }
  std::string operator()(const BoxFigures&) const {
    return by(words_of_column(request.y, request), request.by, request);
  }
  std::string operator()(const DensityFigures&) const {
    return by(words_of_column(request.x, request), request.by, request);
  }
  std::string operator()(const HistogramFigures&) const {
    return by(words_of_column(request.x, request), request.by, request);
  }
  std::string operator()(const EcdfFigures&) const {
    return by(words_of_column(request.x, request), request.by, request);
  }
  std::string operator()(const LineFigures& lines) const { return title_of_lines(lines, request); }
  std::string operator()(const SurfaceFigures&) const {
    return by(words_of_column(request.y, request), request.x, request);
  }
  std::string operator()(const PairsFigures&) const {
    std::string text;
    for (std::size_t index = 0; index < request.columns.size(); ++index) {
      const bool last = index + 1 == request.columns.size();
      text += index == 0 ? "" : last ? (spanish(request) ? " y " : " and ") : ", ";
      text += index == 0 ? words_of_column(request.columns[index], request)
                         : words_within(request.columns[index], request);
    }
    return text;
  }
  std::string operator()(const HeatFigures& heat) const {
    return by(measure_of(heat.aggregate, request.color, request), request.x, request) +
           (spanish(request) ? " y " : " and ") + words_within(request.y, request);
  }
};

struct Subtitle {
  const Figures& figures;
  const Request& request;
  const bool es = spanish(request);

  std::string count(std::uint64_t value) const { return count_text(value, request.locale); }

  // " of 37.2 × 4.9": along x and y; on a bent scale, and in panels, not all are alike.
  std::string size_of_cells(const ScatterFigures& scatter) const {
    const bool bent =
        request.x_scale != charts::Scale::linear || request.y_scale != charts::Scale::linear;
    if (bent || !request.facet.empty()) return "";
    const double wide = (scatter.x_high - scatter.x_low) / double(scatter.nx);
    const double high = (scatter.y_high - scatter.y_low) / double(scatter.ny);
    if (!(wide > 0 && high > 0)) return "";
    return (es ? " de " : " of ") + distance_text(wide, figures, request.x, request.locale) +
           " × " + distance_text(high, figures, request.y, request.locale);
  }

  std::string operator()(const ScatterFigures& scatter) const {
    std::string text;
    const bool tinted = colours_by_number(figures, request);
    const std::string color = words_within(request.color, request);
    if (scatter.points.empty()) {
      text = fmt::format(fmt::runtime(es ? "{} × {} celdas" : "{} × {} cells"), count(scatter.nx),
                         count(scatter.ny)) +
             size_of_cells(scatter);
      text += tinted ? (es ? "; color: media de " : "; colour: mean of ") + color
                     : (es ? "; color: filas por celda, escala logarítmica"
                           : "; colour: rows per cell, log scale");
    } else {
      text = es ? "Un punto por fila" : "One point per row";
      if (!request.color.empty()) text += (es ? ", color según " : ", coloured by ") + color;
      if (!request.shape.empty())
        text += (es ? ", forma según " : ", shape by ") + words_within(request.shape, request);
      if (!request.size.empty())
        text += (es ? ", área proporcional a " : ", area proportional to ") +
                words_within(request.size, request);
    }
    if (scatter.degenerate.empty()) {
      const bool bent =
          request.x_scale != charts::Scale::linear || request.y_scale != charts::Scale::linear;
      text += (es ? ". Correlación de Pearson " : ". Pearson correlation ") +
              fixed_text(scatter.pearson, 2, request.locale);
      if (bent) text += es ? ", en la escala dibujada" : ", on the scale drawn";
      if (request.trend == Trend::linear) {
        text += es ? ". Recta de mínimos cuadrados con su intervalo del 95 %"
                   : ". Least-squares line with its 95 % interval";
      }
    }
    return text;
  }

  // Of means, when some group has two values.
  std::string interval_text(const BarFigures& bars) const {
    const bool there = bars.aggregate == Aggregate::mean &&
                       std::any_of(bars.groups.begin(), bars.groups.end(),
                                   [](const BarGroup& group) { return group.count > 1; });
    if (!there) return "";
    return es ? "; línea: su intervalo del 95 % (t de Student)"
              : "; line: its 95 % interval (Student's t)";
  }

  // In which order bars stand.
  std::string in_order() const {
    switch (request.order) {
      case Order::value: return es ? ", de mayor a menor" : ", largest first";
      case Order::name: return es ? ", por nombre" : ", by name";
      case Order::given: return es ? ", como en la tabla" : ", as in the table";
    }
    return "";
  }

  std::string operator()(const BarFigures& bars) const {
    std::string text{name_of(bars.aggregate, request.locale)};
    if (!bars.colors.empty()) return method_of_colours(bars, request) + interval_text(bars);
    const bool dates = !bars.moments.empty() && request.order == Order::value;
    const std::string order = dates ? (es ? ", por fecha" : ", by date") : in_order();
    if (request.y.empty())
      return (es ? "Número de filas de cada grupo" : "Number of rows of each group") + order;
    // A title of one's own need not name the column.
    if (!request.title.empty())
      text += (es ? " de " : " of ") + words_within(request.y, request) +
              (es ? ", por grupo" : ", by group");
    else
      text += es ? " de cada grupo" : " of each group";
    return text + order + interval_text(bars) +
           (es ? "; n es el número de valores" : "; n is the number of values");
  }

  // "Gaussian kernel density, Scott's bandwidth 2.1 to 3.4".
  std::string density_text(const std::vector<DensityGroup>& groups, const std::string& column,
                           charts::Scale scale) const {
    double low = 0;
    double high = 0;
    for (const DensityGroup& group : groups) {
      if (!group.degenerate.empty()) continue;
      low = low == 0 ? group.bandwidth : std::min(low, group.bandwidth);
      high = std::max(high, group.bandwidth);
    }
    std::string rule;
    switch (request.bandwidth.rule) {
      case Bandwidth::Rule::scott: rule = es ? " de Scott" : "Scott's "; break;
      case Bandwidth::Rule::silverman: rule = es ? " de Silverman" : "Silverman's "; break;
      case Bandwidth::Rule::given: rule = ""; break;
    }
    std::string text = es ? "Densidad por núcleo gaussiano, ancho de banda" + rule
                          : "Gaussian kernel density, " + rule + "bandwidth";
    if (scale != charts::Scale::linear)
      return text + (es ? " de los logaritmos" : " of the logarithms");
    if (high > 0) text += " " + distance_text(low, figures, column, request.locale);
    if (high > low)
      text += (es ? " a " : " to ") + distance_text(high, figures, column, request.locale);
    return text;
  }

  std::string operator()(const SurfaceFigures& surface) const {
    const std::vector<DensityGroup> none;
    std::string text = density_text(none, "", charts::Scale::linear);
    const bool bent =
        request.x_scale != charts::Scale::linear || request.y_scale != charts::Scale::linear;
    if (!bent && !request.facet.empty()) {
      text += es ? " de cada panel" : " of each panel";
    } else if (!bent) {
      text += " " + distance_text(surface.bandwidth_x, figures, request.x, request.locale) +
              (es ? " y " : " and ") +
              distance_text(surface.bandwidth_y, figures, request.y, request.locale);
    } else {
      text += es ? " en la escala dibujada" : " on the scale drawn";
    }
    return text + (es ? ". Cada contorno encierra esa parte de la densidad"
                      : ". Each contour holds that share of the density");
  }

  std::string operator()(const PairsFigures& pairs) const {
    const std::string below =
        pairs.values.empty()
            ? (es ? "filas por celda, escala logarítmica" : "rows per cell, log scale")
            : (es ? "un punto por fila" : "one point per row");
    std::string text = (es ? "Abajo: " : "Below: ") + below +
                       (es ? "; diagonal: histogramas; arriba: correlación de Pearson"
                           : "; diagonal: histograms; above: Pearson correlation");
    if (!request.color.empty())
      text += (es ? "; color según " : "; coloured by ") + words_within(request.color, request);
    return text;
  }

  // A strip of points, or of counts when there are too many.
  std::string strip_text(const BoxFigures& boxes) const {
    const std::string median = es ? "; línea: mediana" : "; line: median";
    const std::size_t bins = boxes.groups.empty() ? 0 : boxes.groups.front().counts.size();
    if (bins == 0) {
      return (es ? "Cada valor, un punto, separado de sus vecinos hacia arriba o abajo"
                 : "Each value a point, moved up or down from its neighbours") +
             median;
    }
    std::string text =
        (es ? "Valores contados en " : "Values counted in ") +
        counted(bins, es ? "intervalo" : "bin", es ? "intervalos" : "bins", request.locale);
    if (request.y_scale != charts::Scale::linear) {
      text += es ? " iguales en la escala logarítmica" : " equal on the log scale";
    } else {
      text += (es ? " de ancho " : " of width ") +
              distance_text((boxes.bins_high - boxes.bins_low) / double(bins), figures, request.y,
                            request.locale);
    }
    return text + (es ? ": más grueso, más valores" : ": the thicker, the more of them") + median;
  }

  std::string operator()(const BoxFigures& boxes) const {
    if (boxes.marks == Marks::strip) return strip_text(boxes);
    if (boxes.marks == Marks::violin) {
      return density_text(boxes.violins, request.y, request.y_scale) +
             (es ? ", de la misma área en cada grupo, del valor más bajo al más alto. Dentro: "
                   "cuartiles y mediana"
                 : ", of equal area, from the lowest to the highest value. Within: quartiles and "
                   "median");
    }
    return es ? "Caja: cuartiles y mediana. Bigotes hasta el último valor dentro de 1,5 RIC; "
                "puntos: los valores más allá"
              : "Box: quartiles and median. Whiskers to the last value within 1.5 IQR; points: "
                "values beyond";
  }

  std::string operator()(const DensityFigures& density) const {
    return density_text(density.groups, request.x, request.x_scale);
  }

  std::string operator()(const HistogramFigures& histogram) const {
    const std::size_t bins = histogram.counts.size();
    std::string text =
        counted(bins, es ? "intervalo" : "bin", es ? "intervalos" : "bins", request.locale);
    if (bins > 0 && histogram.high > histogram.low) {
      const double width = (histogram.high - histogram.low) / double(bins);
      const bool bent = request.x_scale != charts::Scale::linear;
      text = (es ? "Filas por intervalo: " : "Rows per bin: ") + text;
      text += bent ? (es ? " iguales en la escala logarítmica" : " equal on the log scale")
                   : (es ? " de ancho " : " of width ") +
                         distance_text(width, figures, request.x, request.locale);
    }
    switch (request.bins.rule) {
      case Bins::Rule::sturges: return text + (es ? " (regla de Sturges)" : " (Sturges' rule)");
      case Bins::Rule::scott: return text + (es ? " (regla de Scott)" : " (Scott's rule)");
      case Bins::Rule::freedman_diaconis:
        return text + (es ? " (regla de Freedman-Diaconis)" : " (Freedman-Diaconis rule)");
      case Bins::Rule::suited:
        // Edges half way between whole numbers.
        if (histogram.low - std::floor(histogram.low) == 0.5) return text;
        [[fallthrough]];
      case Bins::Rule::automatic:
        return text + (es ? " (la regla más fina: Sturges o Freedman-Diaconis)"
                          : " (the finer of Sturges and Freedman-Diaconis)");
      case Bins::Rule::given: return text;
    }
    return text;
  }

  std::string operator()(const EcdfFigures&) const {
    return es ? "Qué parte de los valores llega como mucho hasta cada x"
              : "Share of the values that are at or below each x";
  }

  std::string operator()(const LineFigures& lines) const {
    const std::string x = words_within(request.x, request);
    const std::string name{name_of(lines.aggregate, request.locale)};
    std::string text;
    if (lines.interval > 0) {
      text = name + (es ? " de cada intervalo de " : " of each interval of ") +
             distance_text(lines.interval, figures, request.x, request.locale);
    } else if (shows_single_values(lines) && lines.aggregate != Aggregate::count) {
      text = (es ? "Cada valor, unido en el orden de " : "Each value, joined in the order of ") + x;
    } else {
      text = name + (es ? " de los valores de cada " : " of the values at each ") + x;
    }
    if (has_band(lines)) {
      text += es ? "; banda: del valor más bajo al más alto"
                 : "; band: from the lowest to the highest value";
    }
    if (has_gaps(lines)) {
      text += es ? "; la línea se corta donde faltan valores"
                 : "; the line breaks where values are missing";
    }
    return text;
  }

  std::string operator()(const HeatFigures& heat) const {
    const std::string name = request.color.empty()
                                 ? (es ? "Número de filas" : "Number of rows")
                                 : std::string(name_of(heat.aggregate, request.locale));
    return name + (es ? " de cada par; vacío: ningún valor" : " of each pair; empty: no value");
  }
};

}  // namespace

std::string_view name_of(Aggregate aggregate, Locale locale) {
  const bool es = locale == Locale::es;
  switch (aggregate) {
    case Aggregate::count: return es ? "Número de valores" : "Number of values";
    case Aggregate::sum: return es ? "Suma" : "Total";
    case Aggregate::mean: return es ? "Media" : "Mean";
    case Aggregate::median: return es ? "Mediana" : "Median";
  }
  return "";
}

bool colours_by_number(const Figures& figures, const Request& request) {
  if (request.color.empty()) return false;
  for (const columns::Column& column : figures.schema) {
    if (column.name == request.color)
      return column.type != columns::Type::text && column.type != columns::Type::boolean;
  }
  return false;
}

std::string label_of_bars(const BarFigures& bars, const Request& request) {
  return capital(measure_of(bars.aggregate, request.y, request));
}

std::string label_of_heat(const HeatFigures& heat, const Request& request) {
  return capital(measure_of(heat.aggregate, request.color, request));
}

std::string value_text(double value, Aggregate aggregate, Locale locale) {
  switch (aggregate) {
    case Aggregate::count: return count_text(std::uint64_t(value), locale);
    case Aggregate::sum:
    case Aggregate::median: return number_text(value, 4, locale);
    case Aggregate::mean: return rounded_text(value, 4, locale);
  }
  return "";
}

double bar_value(const BarGroup& group, Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::count: return double(group.count);
    case Aggregate::sum: return group.sum;
    case Aggregate::mean: return group.mean;
    case Aggregate::median: return group.median;
  }
  return 0;
}

std::string reason_of(const DensityGroup& group, const std::string& column, Locale locale) {
  if (group.degenerate.empty() || locale != Locale::es) return group.degenerate;
  const double low = group.x0 + 3 * group.bandwidth;
  const double high = group.x1 - 3 * group.bandwidth;
  if (group.n == 0) return "ninguna fila de este grupo tiene un valor de " + column;
  if (group.n == 1) {
    const std::string value =
        group.rug.empty() ? "" : ", " + number_text(group.rug.front(), 6, Locale::es);
    return column + " tiene un solo valor" + value + ": una curva de densidad necesita dos";
  }
  if (low == high) {
    return "los " + count_text(group.n, Locale::es) + " valores de " + column + " son " +
           number_text(low, 6, Locale::es) + ": no tienen curva de densidad";
  }
  if (group.n <= few_values && std::isfinite((high - low) / group.bandwidth))
    return counted(group.n, "valor es", "valores son", locale) + " pocos para una densidad";
  return column + " va de " + number_text(low, 6, Locale::es) + " a " +
         number_text(high, 6, Locale::es) + ", fuera de proporción con su ancho de banda";
}

std::string reason_of(const Panel& panel, const Request& request) {
  if (!spanish(request)) return panel.degenerate;
  if (const auto reason = reason_in_spanish(panel.degenerate, request.words)) return *reason;
  return "sus " + counted(panel.figures.rows, "fila no tiene", "filas no tienen", Locale::es) +
         " nada que este gráfico pueda dibujar";
}

std::string title_of(const Figures& figures, const Request& request) {
  if (!request.title.empty()) return request.title;
  std::string title = capital(std::visit(Title{request}, figures.of));
  if (request.facet.empty()) return title;
  return title + (spanish(request) ? ", por " : ", by ") + words_within(request.facet, request);
}

std::string subtitle_of(const Figures& figures, const Request& request) {
  return std::visit(Subtitle{figures, request}, figures.of);
}

}  // namespace cauce::charts::drawing

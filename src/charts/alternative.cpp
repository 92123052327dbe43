#include <algorithm>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/number_text.h"
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
constexpr std::size_t name_bytes_max = 120;

struct Teller {
  const Figures& figures;
  const Request& request;
  const Locale locale = request.locale;
  const bool es = locale == Locale::es;

  std::string number(double value) const { return number_text(value, 4, locale); }
  // What a figure of this column stands for.
  std::string value(double figure, const std::string& column, Scale scale) const {
    const double real = drawing::dimension_of(figures, column, scale).real(figure);
    return drawing::value_text(real, figures, column, 4, locale);
  }
  std::string count(std::uint64_t value) const { return count_text(value, locale); }
  std::string name(const std::string& group) const {
    if (group.empty()) return es ? "todos" : "all";
    return clean_text(group, name_bytes_max);
  }
  std::string more(std::size_t groups) const {
    if (groups <= groups_told) return "";
    return (es ? "; y " : "; and ") + count(groups - groups_told) + (es ? " más" : " more");
  }

  std::string operator()(const ScatterFigures& scatter) const {
    std::string text = es ? "Diagrama de dispersión de " + count(scatter.n) + " filas. "
                          : "Scatter chart of " + count(scatter.n) + " rows. ";
    text += clean_text(request.x, name_bytes_max) + (es ? " de " : " from ") +
            value(scatter.x_low, request.x, request.x_scale) + (es ? " a " : " to ") +
            value(scatter.x_high, request.x, request.x_scale) + ", " +
            clean_text(request.y, name_bytes_max) + (es ? " de " : " from ") +
            value(scatter.y_low, request.y, request.y_scale) + (es ? " a " : " to ") +
            value(scatter.y_high, request.y, request.y_scale) + ".";
    const bool bent = request.x_scale != Scale::linear || request.y_scale != Scale::linear;
    if (!scatter.degenerate.empty() || bent) return text;
    text += es ? " Correlación de Pearson " : " Pearson correlation ";
    text += number_text(scatter.pearson, 2, locale) +
            (es ? "; la recta de mínimos cuadrados sube " : "; the least-squares line rises ") +
            number(scatter.slope) + (es ? " por unidad." : " per unit.");
    return text;
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
      text += (index == 0 ? "" : "; ") + name(groups[index]->group) + " " +
              number(bar_value(*groups[index], bars.aggregate)) + " (n " +
              count(groups[index]->count) + ")";
    }
    return text + more(groups.size()) + ".";
  }

  std::string operator()(const BoxFigures& boxes) const {
    std::string text = es ? "Diagrama de cajas: " : "Box chart: ";
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
        text += ": " + drawing::reason_of(group, request);
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
           count(histogram.counts[most]) + ".";
  }
};

// Small multiples: every panel's rows, and what the first ones show.
std::string panels_told(const Figures& figures, const Request& request) {
  if (figures.panels.empty()) return "";
  const bool es = request.locale == Locale::es;
  std::string text = es ? " Un panel para cada " : " One panel for each ";
  text += words_within(request.facet) + ".";
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
                        : drawing::reason_of(panel, request.locale) + ".");
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

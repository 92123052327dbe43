#include <algorithm>
#include <cmath>
#include <limits>

#include "charts/drawing/axes.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/curve_labels.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

namespace {

constexpr std::size_t grey_curves_max = 12;       // more of them are a grey surface
constexpr std::size_t written_steps_max = 1'000;  // of all curves: their numbers stand in the SVG
constexpr std::size_t single_steps_max = 500;     // more are too near to each other to be seen
// Steps that are nearer to each other, in pixels, become one: less than the half that is promised.
constexpr double near = 0.4;
constexpr double near_in_grey = 1;

struct Curve {
  const EcdfGroup* group;
  Colour colour;
  bool named;  // has a colour of its own
};

std::vector<Curve> curves_of(Sheet& sheet, const EcdfFigures& figures) {
  const Locale locale = sheet.request().locale;
  const bool es = locale == Locale::es;
  std::vector<const EcdfGroup*> by_size;
  for (const EcdfGroup& group : figures.groups) {
    if (!group.x.empty()) by_size.push_back(&group);
  }
  const std::size_t without = figures.groups.size() - by_size.size();
  if (without > 0 && !by_size.empty()) {
    sheet.remark(es ? counted(without, "grupo sin valores", "grupos sin valores", locale)
                    : counted(without, "group without values", "groups without values", locale));
  }
  std::sort(by_size.begin(), by_size.end(), [](const EcdfGroup* one, const EcdfGroup* other) {
    return one->n != other->n ? one->n > other->n : one < other;
  });
  if (by_size.size() > series_max + grey_curves_max) {
    const std::size_t rest = by_size.size() - series_max - grey_curves_max;
    by_size.resize(series_max + grey_curves_max);
    sheet.remark(
        es ? counted(rest, "grupo menor no dibujado", "grupos menores no dibujados", locale)
           : counted(rest, "smaller group not drawn", "smaller groups not drawn", locale));
  }
  const std::size_t named = std::min(by_size.size(), series_max);
  if (named < by_size.size()) {
    const std::size_t rest = by_size.size() - named;
    sheet.remark(es ? counted(rest, "grupo menor en gris", "grupos menores en gris", locale)
                    : counted(rest, "smaller group in grey", "smaller groups in grey", locale));
  }
  std::vector<Curve> curves;
  for (std::size_t place = named; place < by_size.size(); ++place)
    curves.push_back({by_size[place], with_alpha(sheet.look().neutral, 0.55), false});
  std::sort(by_size.begin(), by_size.begin() + std::ptrdiff_t(named));
  for (std::size_t place = 0; place < named; ++place)
    curves.push_back({by_size[place], sheet.look().series[place], true});
  return curves;
}

std::string curve_label(const EcdfGroup& group, Locale locale) {
  return clean_text(group.group) + " (" + count_text(group.n, locale) + ")";
}

Plot put_plot(Sheet& sheet, const std::vector<Curve>& curves) {
  const Request& request = sheet.request();
  const Dimension x = dimension_of(sheet.figures(), request, request.x, request.x_scale);
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const Curve& curve : curves) {
    low = std::min(low, x.bent(curve.group->x.front()));
    high = std::max(high, x.bent(curve.group->x.back()));
  }
  widen(low, high, 0.03);
  const std::string label =
      request.locale == Locale::es ? "Valores hasta x (%)" : "Values up to x (%)";
  return put_axes(sheet, {x.kind, x.real(low), x.real(high), x.column, x.label},
                  {ScaleKind::linear, 0, 100, "", label});
}

// From nothing at the left edge up to all at the right one.
std::vector<Vertex> vertices_of(const Curve& curve, const Plot& plot) {
  const EcdfGroup& group = *curve.group;
  const bool stepped = group.x.size() <= single_steps_max;
  const double apart = curve.named ? near : near_in_grey;
  std::vector<Vertex> vertices{{plot.area.left, plot.y(0)}};
  for (std::size_t index = 0; index < group.x.size(); ++index) {
    const Vertex step{plot.x(group.x[index]), plot.y(100 * group.share[index])};
    const Vertex& last = vertices.back();
    const bool ends = index == 0 || index + 1 == group.x.size();
    if (!ends && step.x - last.x < apart && last.y - step.y < apart) continue;
    if (stepped || index == 0) vertices.push_back({step.x, last.y});
    vertices.push_back(step);
  }
  vertices.push_back({plot.area.right, plot.y(100)});
  return vertices;
}

void put_curve(Sheet& sheet, const Curve& curve, const Plot& plot, bool written) {
  const EcdfGroup& group = *curve.group;
  Path path{vertices_of(curve, plot),
            false,
            {},
            curve.colour,
            curve.named ? 2.0 : 1.0,
            {"ecdf",
             {{"data-group", group.group},
              {"data-n", std::to_string(group.n)},
              {"data-steps", std::to_string(group.x.size())}},
             curve_label(group, sheet.request().locale)}};
  if (written) path.measures = {{"data-x", group.x}, {"data-share", group.share}};
  sheet.add(std::move(path));
}

}  // namespace

void draw(Sheet& sheet, const EcdfFigures& figures) {
  const Locale locale = sheet.request().locale;
  const std::vector<Curve> curves = curves_of(sheet, figures);
  if (curves.empty()) {
    sheet.words_instead(locale == Locale::es ? "No hay ningún valor que dibujar."
                                             : "There is no value that could be drawn.");
    return;
  }
  // Names stand at their curves when all have room there, which a copy of the sheet tries.
  Sheet trial = sheet;
  const Plot first = put_plot(trial, curves);
  std::vector<CurveName> names;
  std::size_t steps = 0;
  for (const Curve& curve : curves) {
    const bool named = curve.named && !curve.group->group.empty();
    names.push_back({named ? curve_label(*curve.group, locale) : "",
                     text_colour(curve.colour, sheet.look()), vertices_of(curve, first)});
    steps += curve.group->x.size();
  }
  // Panels have one legend for all.
  const bool direct = sheet.multiples() == nullptr && place_names(trial, first.area, names);
  if (!direct) {
    std::vector<LegendEntry> entries;
    for (const Curve& curve : curves) {
      if (!curve.named || curve.group->group.empty()) continue;
      entries.push_back(
          {curve_label(*curve.group, locale), curve.colour, Shape::square, curve.group->group});
    }
    if (!entries.empty()) sheet.legend(entries);
  }
  const Plot plot = put_plot(sheet, curves);
  for (const Curve& curve : curves)
    put_curve(sheet, curve, plot, steps <= written_steps_max);
  if (direct) put_curve_names(sheet, names);
}

}  // namespace cauce::charts::drawing

#include <algorithm>
#include <cmath>
#include <limits>

#include "charts/drawing/axes.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/curve_labels.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

constexpr std::size_t rug_values_max = 1'500;  // of all groups together
constexpr double rug_height = 6;
constexpr double tail_bandwidths = 1;  // where a kernel has 0.0003 of its peak
constexpr int tail_steps = 8;

struct Curve {
  const DensityGroup* group;
  Colour colour;
  bool named;  // has a colour of its own
};

std::vector<Curve> curves_of(Sheet& sheet, const DensityFigures& figures) {
  const Locale locale = sheet.request().locale;
  const bool es = locale == Locale::es;
  std::vector<const DensityGroup*> groups;
  for (const DensityGroup& group : figures.groups) {
    if (group.degenerate.empty()) {
      groups.push_back(&group);
    } else if (figures.groups.size() > 1) {
      sheet.remark(clean_text(group.group, 60) + (es ? " sin curva: " : " has no curve: ") +
                   reason_of(group, called(sheet.request().x, sheet.request()), locale));
    }
  }
  std::vector<const DensityGroup*> by_size = groups;
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const DensityGroup* a, const DensityGroup* b) { return a->n > b->n; });
  if (by_size.size() > series_max) {
    const std::size_t rest = by_size.size() - series_max;
    by_size.resize(series_max);
    sheet.remark(es ? counted(rest, "grupo menor en gris", "grupos menores en gris", locale)
                    : counted(rest, "smaller group in grey", "smaller groups in grey", locale));
  }
  std::vector<Curve> curves;
  for (const DensityGroup* group : groups) {
    const bool named = std::find(by_size.begin(), by_size.end(), group) != by_size.end();
    if (!named) curves.push_back({group, with_alpha(sheet.look().neutral, 0.55), false});
  }
  for (const DensityGroup* group : groups) {
    const bool named = std::find(by_size.begin(), by_size.end(), group) != by_size.end();
    if (!named) continue;
    const auto colour = std::size_t(std::count_if(curves.begin(), curves.end(),
                                                  [](const Curve& curve) { return curve.named; }));
    curves.push_back({group, sheet.look().series[colour], true});
  }
  return curves;
}

std::vector<Vertex> vertices_of(const Sheet& sheet, const DensityGroup& group, const Plot& plot) {
  const Dimension x =
      dimension_of(sheet.figures(), sheet.request(), sheet.request().x, sheet.request().x_scale);
  std::vector<Vertex> vertices;
  for (std::size_t index = 0; index < group.y.size(); ++index) {
    const double share = double(index) / double(group.y.size() - 1);
    vertices.push_back(
        {plot.x(x.real(group.x0 + (group.x1 - group.x0) * share)), plot.y(group.y[index])});
  }
  return vertices;
}

// How a curve goes on beyond its first or last point, from there outwards: its numbers end three
// bandwidths beyond the last value, where a kernel still has a hundredth of its peak. Beyond, the
// curve falls at least as fast as the kernel of that value.
std::vector<Vertex> tail_of(const Sheet& sheet, const DensityGroup& group, const Plot& plot,
                            bool at_end) {
  const Dimension x =
      dimension_of(sheet.figures(), sheet.request(), sheet.request().x, sheet.request().x_scale);
  std::vector<Vertex> vertices;
  for (int step = 0; step <= tail_steps; ++step) {
    const double further = tail_bandwidths * double(step) / tail_steps;
    const double falls = std::exp(-0.5 * ((3 + further) * (3 + further) - 9));
    const double place =
        at_end ? group.x1 + further * group.bandwidth : group.x0 - further * group.bandwidth;
    const double height = at_end ? group.y.back() : group.y.front();
    vertices.push_back({plot.x(x.real(place)), plot.y(height * falls)});
  }
  return vertices;
}

void put_curve(Sheet& sheet, const Curve& curve, const Plot& plot) {
  const DensityGroup& group = *curve.group;
  std::vector<Vertex> line = vertices_of(sheet, group, plot);
  const std::vector<Vertex> before = tail_of(sheet, group, plot, false);
  const std::vector<Vertex> after = tail_of(sheet, group, plot, true);
  if (curve.named) {
    std::vector<Vertex> area{before.rbegin(), before.rend()};
    area.insert(area.end(), line.begin(), line.end());
    area.insert(area.end(), after.begin(), after.end());
    area.push_back({after.back().x, plot.y(0)});
    area.push_back({before.back().x, plot.y(0)});
    sheet.add(Path{std::move(area),
                   true,
                   with_alpha(curve.colour, 0.18),
                   {},
                   1,
                   {"area", {{"data-group", group.group}}, ""}});
  }
  for (const std::vector<Vertex>& tail : {before, after}) {
    sheet.add(Path{tail,
                   false,
                   {},
                   curve.colour,
                   curve.named ? 2.0 : 1.0,
                   {"tail", {{"data-group", group.group}}, ""}});
  }
  sheet.add(Path{std::move(line),
                 false,
                 {},
                 curve.colour,
                 curve.named ? 2.0 : 1.0,
                 {"curve",
                  {{"data-group", group.group},
                   {"data-n", std::to_string(group.n)},
                   {"data-bandwidth", exact_text(group.bandwidth)},
                   {"data-x0", exact_text(group.x0)},
                   {"data-x1", exact_text(group.x1)}},
                  curve.named ? "" : clean_text(group.group)}});
}

void put_rugs(Sheet& sheet, const std::vector<Curve>& curves, const Plot& plot, double top) {
  const Dimension x =
      dimension_of(sheet.figures(), sheet.request(), sheet.request().x, sheet.request().x_scale);
  for (const Curve& curve : curves) {
    if (!curve.named || curve.group->rug.empty()) continue;
    Ticks ticks{{},         top,
                rug_height, with_alpha(curve.colour, 0.6),
                1,          {"rug", {{"data-group", curve.group->group}}, ""}};
    for (const double value : curve.group->rug)
      ticks.x.push_back(plot.x(x.real(value)));
    sheet.add(std::move(ticks));
    top += rug_height + 2;
  }
}

std::size_t rows_of_rug(const std::vector<Curve>& curves) {
  std::size_t values = 0;
  std::size_t rows = 0;
  for (const Curve& curve : curves) {
    if (!curve.named) continue;
    if (curve.group->rug.size() < curve.group->n) return 0;
    values += curve.group->rug.size();
    ++rows;
  }
  return values <= rug_values_max ? rows : 0;
}

std::string only_reason(const DensityFigures& figures, const Request& request) {
  if (figures.groups.size() == 1)
    return reason_of(figures.groups.front(), called(request.x, request), request.locale);
  return request.locale == Locale::es ? "Ningún grupo tiene una densidad que dibujar."
                                      : "No group has a density that could be drawn.";
}

std::string legend_label(const DensityGroup& group, Locale locale) {
  return clean_text(group.group) + " (" + count_text(group.n, locale) + ")";
}

Plot put_plot(Sheet& sheet, const std::vector<Curve>& curves) {
  const Request& request = sheet.request();
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  double peak = 0;
  for (const Curve& curve : curves) {
    // The tails of the curve reach there.
    const double beyond = tail_bandwidths * curve.group->bandwidth;
    low = std::min(low, curve.group->x0 - beyond);
    high = std::max(high, curve.group->x1 + beyond);
    for (const double y : curve.group->y)
      peak = std::max(peak, y);
  }
  // On a small chart the curves need the room.
  const std::size_t rug_rows = sheet.room().height() < 200 ? 0 : rows_of_rug(curves);
  const double rug_room = rug_rows == 0 ? 0 : double(rug_rows) * (rug_height + 2) + 4;
  // The rug lies below zero: the domain goes down by as many pixels as it needs.
  const double height = std::max(60.0, sheet.room().height() - 60);
  const double below = peak * 1.12 * rug_room / std::max(20.0, height - rug_room);
  const Dimension x = dimension_of(sheet.figures(), request, request.x, request.x_scale);
  const Plot plot =
      put_axes(sheet, {x.kind, x.real(low), x.real(high), x.column, x.label, true, true},
               {ScaleKind::linear, -below, peak * 1.12, "",
                request.locale == Locale::es ? "Densidad" : "Density", true, true, "", 0});
  if (rug_rows > 0) put_rugs(sheet, curves, plot, plot.y(0) + 4);
  return plot;
}

}  // namespace

void draw(Sheet& sheet, const DensityFigures& figures) {
  const Locale locale = sheet.request().locale;
  const std::vector<Curve> curves = curves_of(sheet, figures);
  if (curves.empty()) {
    sheet.words_instead(only_reason(figures, sheet.request()));
    return;
  }
  // Names stand at their curves when they have room there; else in a legend, which takes room from
  // the plot. So the plot is tried without one on a copy.
  Sheet trial = sheet;
  const Plot first = put_plot(trial, curves);
  std::vector<CurveName> names;
  for (const Curve& curve : curves) {
    const bool named = curve.named && !curve.group->group.empty();
    names.push_back({named ? legend_label(*curve.group, locale) : "",
                     text_colour(curve.colour, sheet.look()),
                     vertices_of(sheet, *curve.group, first), curve.named});
  }
  // Panels have one legend for all.
  const bool direct = sheet.multiples() == nullptr && place_names(trial, first.area, names);
  if (!direct) {
    std::vector<LegendEntry> entries;
    for (const Curve& curve : curves) {
      if (!curve.named || curve.group->group.empty()) continue;
      entries.push_back(
          {legend_label(*curve.group, locale), curve.colour, Shape::square, curve.group->group});
    }
    if (!entries.empty()) sheet.legend(entries);
  }
  const Plot plot = put_plot(sheet, curves);
  for (const Curve& curve : curves)
    put_curve(sheet, curve, plot);
  put_baseline(sheet, plot);
  if (direct) put_curve_names(sheet, names);
}

}  // namespace cauce::charts::drawing

#include <algorithm>
#include <cmath>
#include <limits>

#include "charts/drawing/axes.h"
#include "charts/drawing/bands.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/group_marks.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/multiples.h"
#include "charts/drawing/name_order.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

struct Shown {
  std::string name;
  const BoxGroup* group;  // nullptr: only other panels have it
};

// What orders the boxes, the largest from the top: so that dates and numbers ascend, the missing
// one last, and other names go from the largest median down.
std::vector<double> order_of(const BoxFigures& figures,
                             const std::vector<const BoxGroup*>& groups) {
  std::vector<std::string> names;
  names.reserve(groups.size());
  for (const BoxGroup* group : groups)
    names.push_back(group->group);
  const auto numbers = numbers_of(names);
  std::vector<double> order;
  for (std::size_t index = 0; index < groups.size(); ++index) {
    const BoxGroup& group = *groups[index];
    double value = group.median;
    if (!figures.moments.empty()) {
      value = -figures.moments[std::size_t(&group - figures.groups.data())];
    } else if (numbers) {
      value = -(*numbers)[index];
    }
    order.push_back(std::isnan(value) ? -std::numeric_limits<double>::infinity() : value);
  }
  return order;
}

std::vector<Shown> groups_of(Sheet& sheet, const BoxFigures& figures) {
  const Locale locale = sheet.request().locale;
  const bool es = locale == Locale::es;
  std::vector<const BoxGroup*> groups;
  std::size_t without = 0;
  for (const BoxGroup& group : figures.groups) {
    if (group.n > 0) {
      groups.push_back(&group);
    } else {
      ++without;
    }
  }
  if (without > 0) {
    sheet.remark(es ? counted(without, "grupo sin valores", "grupos sin valores", locale)
                    : counted(without, "group without values", "groups without values", locale));
  }
  const std::size_t places = bands_that_fit(sheet, lower_axis_height(sheet, true));
  const std::vector<double> order = order_of(figures, groups);
  std::vector<BandCandidate> candidates;
  candidates.reserve(groups.size());
  for (std::size_t index = 0; index < groups.size(); ++index)
    candidates.push_back({groups[index]->group, order[index], double(groups[index]->n)});
  std::vector<Shown> shown;
  std::size_t rest = groups.size();
  for (const ChosenBand& band : choose_bands(sheet, candidates, places)) {
    shown.push_back({band.name, band.candidate ? groups[*band.candidate] : nullptr});
    rest -= band.candidate ? 1 : 0;
  }
  if (rest > 0) {
    sheet.remark(
        es ? counted(rest, "grupo menor no cabe", "grupos menores no caben", locale)
           : counted(rest, "smaller group has no room", "smaller groups have no room", locale));
  }
  return shown;
}

// What the marks of all groups have in common.
struct Reach {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  double peak = 0;         // of violins
  std::uint64_t most = 0;  // values in one bin
  std::uint64_t hidden = 0;
  std::uint64_t few = 0;  // groups of few_values at most
};

const DensityGroup* violin_of(const BoxFigures& figures, const BoxGroup& group) {
  if (figures.violins.empty()) return nullptr;
  const DensityGroup& violin = figures.violins[std::size_t(&group - figures.groups.data())];
  return violin.degenerate.empty() ? &violin : nullptr;
}

Reach reach_of(const std::vector<Shown>& groups, const BoxFigures& figures) {
  Reach reach;
  for (const auto& [name, group] : groups) {
    if (group == nullptr) continue;
    reach.low = std::min(reach.low, group->min);
    reach.high = std::max(reach.high, group->max);
    reach.hidden += group->points.empty() ? group->outlier_count - group->outliers.size() : 0;
    reach.few += group->n <= few_values ? 1 : 0;
    for (const std::uint64_t count : group->counts)
      reach.most = std::max(reach.most, count);
    const DensityGroup* const violin = violin_of(figures, *group);
    if (violin != nullptr)
      reach.peak = std::max(reach.peak, *std::max_element(violin->y.begin(), violin->y.end()));
  }
  return reach;
}

// The same in all panels, so that a violin is as thick as another of the same density.
double common(Sheet& sheet, std::string_view name, double most) {
  if (sheet.multiples() == nullptr) return most;
  return sheet.multiples()->shared(name, {ScaleKind::linear, 0, most, "", ""}).high;
}

void remark_on(Sheet& sheet, const BoxFigures& figures, const std::vector<Shown>& groups,
               const Reach& reach) {
  const Locale locale = sheet.request().locale;
  const bool es = locale == Locale::es;
  if (reach.hidden > 0 && figures.marks == Marks::box) {
    sheet.remark(es ? counted(reach.hidden, "valor atípico entre los dibujados",
                              "valores atípicos entre los dibujados", locale)
                    : counted(reach.hidden, "more outlier between those drawn",
                              "more outliers between those drawn", locale));
  }
  if (reach.few > 0 && figures.marks == Marks::box) {
    sheet.remark(es ? "grupos de hasta 4 valores: cada valor, un punto"
                    : "groups of up to 4 values: each value a point");
  }
  if (figures.marks != Marks::violin) return;
  if (reach.few > 0) {
    sheet.remark(es ? counted(reach.few, "grupo de hasta 4 valores: puntos en lugar de violín",
                              "grupos de hasta 4 valores: puntos en lugar de violín", locale)
                    : counted(reach.few, "group of up to 4 values: points, too few for a violin",
                              "groups of up to 4 values: points, too few for a violin", locale));
  }
  if (figures.violins.empty()) return;
  for (const auto& [name, group] : groups) {
    if (group == nullptr || group->n <= few_values || violin_of(figures, *group) != nullptr)
      continue;
    const DensityGroup& violin = figures.violins[std::size_t(group - figures.groups.data())];
    sheet.remark((violin.group.empty() ? "" : clean_text(violin.group, 60)) +
                 (es ? " sin violín: " : " has no violin: ") +
                 reason_of(violin, called(sheet.request().y, sheet.request()), locale));
  }
}

// Of its band.
double thickness_of(Marks marks, double band) {
  switch (marks) {
    case Marks::box: return std::min(band * 0.5, 44.0);
    case Marks::violin: return std::min(band * 0.86, 96.0);
    case Marks::strip: return std::min(band * 0.7, 80.0);
  }
  return band;
}

void put_marks(Sheet& sheet, const BoxFigures& figures, const std::vector<GroupMark>& marks,
               double peak, std::uint64_t most) {
  std::vector<GroupMark> with_points;
  for (const GroupMark& mark : marks) {
    const DensityGroup* const violin = violin_of(figures, mark.group);
    if (violin != nullptr) {
      put_violin(sheet, mark, *violin, peak);
    } else if (figures.marks == Marks::box) {
      put_box(sheet, mark);
    } else if (!mark.group.counts.empty()) {
      put_counts(sheet, mark, figures, most);
    } else if (figures.marks == Marks::violin && mark.group.points.empty()) {
      // All values are the same.
      put_median(sheet, mark, mark.place.thick / 2);
    }
    if (!mark.group.points.empty()) with_points.push_back(mark);
  }
  put_points(sheet, with_points);
  if (figures.marks != Marks::strip) return;
  for (const GroupMark& mark : with_points)
    put_median(sheet, mark, mark.place.thick * 0.6);
}

}  // namespace

void draw(Sheet& sheet, const BoxFigures& figures) {
  const Request& request = sheet.request();
  const Locale locale = request.locale;
  const std::vector<Shown> groups = groups_of(sheet, figures);
  if (std::none_of(groups.begin(), groups.end(),
                   [](const Shown& shown) { return shown.group != nullptr; })) {
    sheet.words_instead(locale == Locale::es ? "No hay ningún valor que dibujar."
                                             : "There is no value that could be drawn.");
    return;
  }
  std::vector<Band> bands;
  bands.reserve(groups.size());
  for (const auto& [name, group] : groups)
    bands.push_back({name, group == nullptr ? "" : "n = " + count_text(group->n, locale)});
  const Reach reach = reach_of(groups, figures);
  remark_on(sheet, figures, groups, reach);
  const Dimension y = dimension_of(sheet.figures(), request, request.y, request.y_scale);
  double low = y.bent(reach.low);
  double high = y.bent(reach.high);
  widen(low, high, 0.03);
  const double names = width_of_names(sheet, bands);
  const Area before = sheet.room();
  const Scale x =
      put_lower_axis(sheet, {y.kind, y.real(low), y.real(high), y.column, y.label, true, true},
                     before.left + names + 12, before.right);
  const Area room = sheet.room();
  const std::vector<double> middles = middles_of(groups.size(), room.top, room.bottom);
  put_names(sheet, bands, middles, room.left + names, names, request.by);
  const double band = room.height() / double(groups.size());
  // Names stand beside the boxes, so colours say nothing, unless somebody chose them.
  const bool coloured = request.palette.size() > 1 && groups.size() <= series_max;
  std::vector<GroupMark> marks;
  for (std::size_t index = 0; index < groups.size(); ++index) {
    const Colour colour = sheet.look().series[coloured ? index : 0];
    if (groups[index].group == nullptr) continue;
    const BandPlace place{middles[index], thickness_of(figures.marks, band), band, index};
    marks.push_back({*groups[index].group, y, x, place, colour});
  }
  put_marks(sheet, figures, marks, common(sheet, "density", reach.peak),
            std::uint64_t(common(sheet, "count", double(reach.most))));
}

}  // namespace cauce::charts::drawing

#include <algorithm>
#include <cmath>
#include <limits>

#include "charts/drawing/axes.h"
#include "charts/drawing/bands.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/name_order.h"
#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

namespace {

constexpr double thickness = 0.5;  // of a band
constexpr double thickness_max = 44;

struct Shown {
  std::string name;
  const BoxGroup* group;  // nullptr: only other panels have it
};

// What orders the boxes, the largest from the top: so that dates and numbers ascend, the missing
// one last, and other names go from the largest median down.
std::vector<double> order_of(const BoxFigures& figures,
                             const std::vector<const BoxGroup*>& groups) {
  std::vector<std::string> names;
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

Meaning meaning_of(const BoxGroup& group, std::size_t index) {
  return {"box",
          {{"data-group", group.group},
           {"data-index", std::to_string(index)},
           {"data-n", std::to_string(group.n)},
           {"data-min", exact_text(group.min)},
           {"data-q1", exact_text(group.q1)},
           {"data-median", exact_text(group.median)},
           {"data-q3", exact_text(group.q3)},
           {"data-max", exact_text(group.max)},
           {"data-whisker-low", exact_text(group.whisker_low)},
           {"data-whisker-high", exact_text(group.whisker_high)},
           {"data-outliers", std::to_string(group.outlier_count)}},
          ""};
}

struct Place {
  double middle, thick;
  std::size_t index;
};

void put_box(Sheet& sheet, const BoxGroup& group, const Scale& x, const Place& place,
             Colour colour) {
  const Look& look = sheet.look();
  const auto whisker = [&](double from, double to) {
    if (from == to) return;
    sheet.add(Line{x(from),
                   place.middle,
                   x(to),
                   place.middle,
                   look.muted,
                   1.2,
                   {"whisker", {{"data-group", group.group}, {"data-value", exact_text(to)}}, ""}});
  };
  whisker(group.q1, group.whisker_low);
  whisker(group.q3, group.whisker_high);
  const double top = place.middle - place.thick / 2;
  sheet.add(Rectangle{x(group.q1), top, x(group.q3) - x(group.q1), place.thick,
                      over(with_alpha(colour, 0.32), look.ground), colour, 1.3,
                      meaning_of(group, place.index)});
  sheet.add(Line{
      x(group.median),
      top,
      x(group.median),
      top + place.thick,
      look.ink,
      2.4,
      {"median", {{"data-group", group.group}, {"data-value", exact_text(group.median)}}, ""}});
  for (const double value : group.outliers) {
    sheet.add(
        Marker{x(value),
               place.middle,
               std::min(3.0, place.thick / 3),
               Shape::ring,
               look.muted,
               look.ground,
               {"outlier", {{"data-group", group.group}, {"data-value", exact_text(value)}}, ""}});
  }
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
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  std::vector<Band> bands;
  std::uint64_t hidden = 0;
  for (const auto& [name, group] : groups) {
    bands.push_back({name, group == nullptr ? "" : "n = " + count_text(group->n, locale)});
    if (group == nullptr) continue;
    low = std::min(low, group->min);
    high = std::max(high, group->max);
    hidden += group->outlier_count - group->outliers.size();
  }
  if (hidden > 0) {
    sheet.remark(locale == Locale::es ? counted(hidden, "valor atípico entre los dibujados",
                                                "valores atípicos entre los dibujados", locale)
                                      : counted(hidden, "more outlier between those drawn",
                                                "more outliers between those drawn", locale));
  }
  const Dimension y = dimension_of(sheet.figures(), request.y, request.y_scale);
  low = y.bent(low);
  high = y.bent(high);
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
  const double thick = std::min(band * thickness, thickness_max);
  for (std::size_t index = 0; index < groups.size(); ++index) {
    const Colour colour = sheet.look().series[groups.size() > series_max ? 0 : index];
    if (groups[index].group == nullptr) continue;
    put_box(sheet, *groups[index].group, x, {middles[index], thick, index}, colour);
  }
}

}  // namespace cauce::charts::drawing

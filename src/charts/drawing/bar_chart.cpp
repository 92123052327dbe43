#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "charts/drawing/axes.h"
#include "charts/drawing/bands.h"
#include "charts/drawing/bars.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

constexpr double thickness = 0.66;  // of a band
constexpr double thickness_max = 46;
constexpr double date_height_min = 4;

Bar bar_of(const std::string& name, const BarGroup& group, Aggregate aggregate, bool other) {
  return {name, bar_value(group, aggregate), group.count, group.rows, other, group.parts};
}

// Of a date; a missing one is after all others.
double moment_of(const BarFigures& figures, const BarGroup& group) {
  const double moment = figures.moments[std::size_t(&group - figures.groups.data())];
  return std::isnan(moment) ? std::numeric_limits<double>::infinity() : moment;
}

std::string name_of_other(std::size_t groups, Locale locale) {
  return (locale == Locale::es ? "otros " : "other ") + count_text(groups, locale);
}

// Of many groups: what their rows together have.
Bar other_bar(const std::vector<const BarGroup*>& groups, Aggregate aggregate,
              const std::string& name) {
  BarGroup sum;
  for (const BarGroup* group : groups)
    sum = joined(sum, *group);
  return bar_of(name, sum, aggregate, true);
}

// The figures' own "other", which has medians too.
std::vector<Bar> with_computed_other(const BarFigures& figures, Order order, Locale locale) {
  std::vector<std::uint32_t> shown = figures.shown;
  if (order == Order::given) std::sort(shown.begin(), shown.end());
  if (order == Order::name) {
    std::sort(shown.begin(), shown.end(), [&](std::uint32_t one, std::uint32_t other) {
      return figures.groups[one].group < figures.groups[other].group;
    });
  }
  std::vector<Bar> bars;
  for (const std::uint32_t index : shown) {
    const BarGroup& group = figures.groups[index];
    bars.push_back(bar_of(group.group, group, figures.aggregate, false));
  }
  bars.push_back(
      bar_of(name_of_other(figures.others, locale), figures.other, figures.aggregate, true));
  return bars;
}

}  // namespace

std::size_t bars_that_fit(Sheet& sheet, const BarFigures& figures, double axis_height) {
  if (figures.moments.empty()) return bands_that_fit(sheet, axis_height);
  const double height = sheet.room().height() - axis_height;
  return std::max<std::size_t>(1, std::size_t(std::max(0.0, height) / date_height_min));
}

std::vector<Band> names_of_bars(Sheet& sheet, const BarFigures& figures,
                                const std::vector<Bar>& bars) {
  const std::size_t fit = bands_that_fit(sheet, lower_axis_height(sheet, true));
  const std::size_t step = figures.moments.empty() ? 1 : (bars.size() + fit - 1) / fit;
  std::vector<Band> bands;
  for (std::size_t index = 0; index < bars.size(); ++index)
    bands.push_back({index % step == 0 ? bars[index].name : "", ""});
  return bands;
}

bool has_too_many_dates(Sheet& sheet, const BarFigures& figures, std::size_t places) {
  if (figures.moments.empty() || figures.groups.size() <= places) return false;
  const Locale locale = sheet.request().locale;
  const std::string count = count_text(figures.groups.size(), locale);
  sheet.words_instead(
      locale == Locale::es
          ? count +
                " fechas no caben como barras: agrúpelas con period, dibuje una línea (line) o "
                "pida más altura con height."
          : count +
                " dates have no room as bars: gather them with period, draw a line, or ask for "
                "more height.");
  return true;
}

BarGroup joined(const BarGroup& one, const BarGroup& other) {
  BarGroup sum = one;
  sum.rows += other.rows;
  sum.count += other.count;
  sum.sum += other.sum;
  sum.mean = sum.count == 0 ? 0 : sum.sum / double(sum.count);
  sum.median = std::numeric_limits<double>::quiet_NaN();
  if (sum.parts.empty()) {
    sum.parts = other.parts;
    return sum;
  }
  for (std::size_t part = 0; part < std::min(sum.parts.size(), other.parts.size()); ++part)
    sum.parts[part] = joined(sum.parts[part], other.parts[part]);
  return sum;
}

std::vector<Bar> bars_of(Sheet& sheet, const BarFigures& figures, std::size_t bands) {
  std::vector<const BarGroup*> groups;
  std::size_t without = 0;
  for (const BarGroup& group : figures.groups) {
    if (group.degenerate.empty()) {
      groups.push_back(&group);
    } else {
      ++without;
    }
  }
  const Aggregate aggregate = figures.aggregate;
  const Locale locale = sheet.request().locale;
  const bool es = locale == Locale::es;
  if (without > 0) {
    sheet.remark(es ? counted(without, "grupo sin valores", "grupos sin valores", locale)
                    : counted(without, "group without values", "groups without values", locale));
  }
  const bool is_panel = sheet.multiples() != nullptr;
  if (!is_panel && figures.others > 0 && bands > figures.shown.size())
    return with_computed_other(figures, sheet.request().order, locale);
  const bool dates = !figures.moments.empty();
  const std::uint32_t top = sheet.request().top;
  const std::size_t places = dates || top == 0 ? bands : std::min<std::size_t>(top + 1, bands);
  const std::size_t shown = groups.size() <= places ? groups.size() : places - 1;
  std::vector<BandCandidate> candidates;
  for (const BarGroup* group : groups) {
    const double value = bar_value(*group, aggregate);
    const double order = dates ? -moment_of(figures, *group) : value;
    candidates.push_back({group->group, order, value});
  }
  std::vector<Bar> bars;
  for (const ChosenBand& band : choose_bands(sheet, candidates, shown)) {
    if (!band.candidate) {
      bars.push_back({band.name, 0, 0, 0, false, {}, false});
      continue;
    }
    const BarGroup& group = *std::exchange(groups[*band.candidate], nullptr);
    bars.push_back(bar_of(group.group, group, aggregate, false));
  }
  std::vector<const BarGroup*> rest;
  std::copy_if(groups.begin(), groups.end(), std::back_inserter(rest),
               [](const BarGroup* group) { return group != nullptr; });
  // In a panel without their number, which differs from one to the other.
  const std::string others =
      is_panel ? (es ? "otros" : "other") : name_of_other(rest.size(), locale);
  // All panels have the same bands, so a bar of others is in all of them or in none.
  if (sheet.all_agree("no others", rest.empty())) return bars;
  if (rest.empty()) {
    bars.push_back({others, 0, 0, 0, true, {}, false});
    return bars;
  }
  if (aggregate == Aggregate::median) {
    sheet.remark(
        es ? counted(rest.size(), "grupo menor no dibujado", "grupos menores no dibujados", locale)
           : counted(rest.size(), "smaller group not drawn", "smaller groups not drawn", locale));
  } else {
    bars.push_back(other_bar(rest, aggregate, others));
  }
  return bars;
}

namespace {

struct Lengths {
  double left = 0, right = 0;  // pixels that the values written beside the bars need
  double low = 0, high = 0;
};

std::string value_label(const Bar& bar, const BarFigures& figures, const Request& request) {
  const bool counts = figures.aggregate == Aggregate::count;
  const std::string value = counts ? count_text(std::uint64_t(bar.value), request.locale)
                                   : number_text(bar.value, 4, request.locale);
  if (counts) return value;
  return value + " · n = " + count_text(bar.n, request.locale);
}

Lengths lengths_of(Sheet& sheet, const BarFigures& figures, const std::vector<Bar>& bars) {
  Lengths lengths;
  for (const Bar& bar : bars) {
    if (!bar.there) continue;
    const double width =
        sheet.measure(value_label(bar, figures, sheet.request()), sheet.tick_face()).width + 8;
    double& side = bar.value < 0 ? lengths.left : lengths.right;
    side = std::max(side, width);
    lengths.low = std::min(lengths.low, bar.value);
    lengths.high = std::max(lengths.high, bar.value);
  }
  if (lengths.low == lengths.high) lengths.high = 1;
  return lengths;
}

}  // namespace

void draw(Sheet& sheet, const BarFigures& figures) {
  const Request& request = sheet.request();
  const Look& look = sheet.look();
  if (!figures.colors.empty()) {
    draw_coloured_bars(sheet, figures);
    return;
  }
  const std::size_t places = bars_that_fit(sheet, figures, 0);
  if (has_too_many_dates(sheet, figures, places)) return;
  const std::vector<Bar> bars = bars_of(sheet, figures, places);
  if (std::none_of(bars.begin(), bars.end(), [](const Bar& bar) { return bar.there; })) {
    sheet.words_instead(request.locale == Locale::es ? "Ningún grupo tiene un valor que dibujar."
                                                     : "No group has a value that could be drawn.");
    return;
  }
  const std::vector<Band> bands = names_of_bars(sheet, figures, bars);
  Lengths lengths = lengths_of(sheet, figures, bars);
  const Area before = sheet.room();
  const double names = width_of_names(sheet, bands);
  const double left = before.left + names + 8;
  const double wide = before.right - left;
  // Values that have no room beside the bars are left out, all of them.
  const bool with_values =
      sheet.all_agree("values have room", lengths.left + lengths.right < wide * 0.6 &&
                                              bars.size() <= bands_that_fit(sheet, 0));
  if (!with_values) {
    sheet.leave_out_labels(bars.size());
    lengths.left = lengths.right = 0;
  }
  // Thin bars of dates have no values beside them, so they have an axis.
  const bool with_axis = !with_values && !figures.moments.empty();
  const Scale x =
      put_lower_axis(sheet,
                     {ScaleKind::linear, lengths.low, lengths.high, request.y,
                      with_axis ? label_of_bars(figures, request) : "", with_axis, with_axis},
                     left + lengths.left, before.right - lengths.right);
  const Area room = sheet.room();
  const std::vector<double> middles = middles_of(bars.size(), room.top, room.bottom);
  put_names(sheet, bands, middles, room.left + names, names, request.x);
  const double band = room.height() / double(bars.size());
  const double thick = std::min(band * thickness, thickness_max);
  for (std::size_t index = 0; index < bars.size(); ++index) {
    const Bar& bar = bars[index];
    if (!bar.there) continue;
    const double end = x(bar.value);
    const std::string label = value_label(bar, figures, request);
    sheet.add(Rectangle{std::min(x(0), end),
                        middles[index] - thick / 2,
                        std::abs(end - x(0)),
                        thick,
                        bar.other ? look.neutral : look.series[0],
                        {},
                        1,
                        {"bar",
                         {{"data-group", bar.name},
                          {"data-index", std::to_string(index)},
                          {"data-value", exact_text(bar.value)},
                          {"data-n", std::to_string(bar.n)},
                          {"data-rows", std::to_string(bar.rows)}},
                         bar.name + ": " + label}});
    if (!with_values) continue;
    sheet.centred_text("value", label, sheet.tick_face(), look.ink, end + (bar.value < 0 ? -6 : 6),
                       middles[index], bar.value < 0 ? Anchor::end : Anchor::start, 1e9);
  }
  sheet.add(Line{x(0), room.top, x(0), room.bottom, look.rule, 1, {"baseline", {}, ""}});
}

}  // namespace cauce::charts::drawing

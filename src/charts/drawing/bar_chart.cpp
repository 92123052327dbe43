#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "charts/drawing/axes.h"
#include "charts/drawing/bands.h"
#include "charts/drawing/bar_intervals.h"
#include "charts/drawing/bar_layout.h"
#include "charts/drawing/bars.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/multiples.h"
#include "charts/drawing/name_order.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/wording.h"
#include "charts/figures/student.h"

namespace cauce::charts::drawing {

namespace {

constexpr double thickness = 0.66;  // of a band
constexpr double thickness_max = 46;
constexpr double upright_thickness_max = 90;
constexpr double date_size_min = 4;
constexpr double upright_width_min = 12;

Bar bar_of(const std::string& name, const BarGroup& group, Aggregate aggregate, bool other) {
  return {name, bar_value(group, aggregate),  group.count, group.rows, other, group.parts,
          true, interval_of(group, aggregate)};
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

// Of deviations from the mean.
double squares_of(const BarGroup& group) {
  return group.count < 2 ? 0 : group.deviation * group.deviation * double(group.count - 1);
}

// The figures' own "other", which has medians too.
std::vector<Bar> with_computed_other(const BarFigures& figures, Order order, Locale locale) {
  std::vector<std::uint32_t> shown = figures.shown;
  if (order == Order::given) std::sort(shown.begin(), shown.end());
  if (order == Order::name) {
    std::vector<std::string> names;
    names.reserve(figures.groups.size());
    for (const BarGroup& group : figures.groups)
      names.push_back(group.group);
    const NameOrder by_name{names};
    std::sort(shown.begin(), shown.end(),
              [&](std::uint32_t one, std::uint32_t other) { return by_name(one, other); });
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

std::size_t bars_that_fit(Sheet& sheet, const BarFigures& figures, double axis_height,
                          bool upright) {
  const bool dates = !figures.moments.empty();
  if (!upright && !dates) return bands_that_fit(sheet, axis_height);
  const double room = upright ? sheet.room().width() : sheet.room().height() - axis_height;
  const double least = dates ? date_size_min : upright_width_min;
  return std::max<std::size_t>(1, std::size_t(std::max(0.0, room) / least));
}

std::vector<Band> names_of_bars(Sheet& sheet, const BarFigures& figures,
                                const std::vector<Bar>& bars, bool upright) {
  std::size_t fit = bands_that_fit(sheet, lower_axis_height(sheet, true));
  if (upright) {
    double widest = 1;
    for (const Bar& bar : bars)
      widest = std::max(widest, sheet.measure(clean_text(bar.name, 400), sheet.label_face()).width);
    fit = std::max<std::size_t>(1, std::size_t(sheet.room().width() / (widest + 16)));
  }
  const std::size_t step = figures.moments.empty() ? 1 : (bars.size() + fit - 1) / fit;
  const bool counts = figures.aggregate == Aggregate::count;
  std::vector<Band> bands;
  for (std::size_t index = 0; index < bars.size(); ++index) {
    const bool noted = upright && step == 1 && !counts && bars[index].there;
    bands.push_back({index % step == 0 ? bars[index].name : "",
                     noted ? "n = " + count_text(bars[index].n, sheet.request().locale) : ""});
  }
  return bands;
}

void draw_in_direction(Sheet& sheet, const std::function<bool(Sheet&)>& upright_names_have_room,
                       const std::function<void(Sheet&, bool upright)>& draw) {
  if (sheet.request().direction == Direction::horizontal) {
    draw(sheet, false);
    return;
  }
  Sheet trial = sheet;
  if (sheet.all_agree("names have room below", upright_names_have_room(trial))) {
    draw(sheet, true);
    return;
  }
  // The trial chose bands for the width.
  Multiples* const multiples = sheet.multiples();
  if (multiples != nullptr && multiples->stage == Multiples::Stage::whole) multiples->bands.reset();
  sheet.remark(sheet.request().locale == Locale::es
                   ? "los nombres no caben bajo barras verticales: barras horizontales"
                   : "names have no room below upright bars: bars lie on their side");
  draw(sheet, false);
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

// Chan, Golub and LeVeque 1983.
BarGroup joined(const BarGroup& one, const BarGroup& other) {
  BarGroup sum = one;
  sum.rows += other.rows;
  sum.count += other.count;
  sum.sum += other.sum;
  sum.mean = sum.count == 0 ? 0 : sum.sum / double(sum.count);
  sum.median = std::numeric_limits<double>::quiet_NaN();
  const double apart = one.count > 0 && other.count > 0 ? other.mean - one.mean : 0;
  const double squares =
      squares_of(one) + squares_of(other) +
      apart * apart * double(one.count) * double(other.count) / std::max(1.0, double(sum.count));
  sum.deviation = std::sqrt(squares / double(std::max<std::uint64_t>(sum.count, 2) - 1));
  const auto interval = figures::mean_interval_95(sum.count, sum.mean, sum.deviation);
  sum.interval_low = interval.low;
  sum.interval_high = interval.high;
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

// Bars without a colour, in one direction.
class PlainBars {
 public:
  PlainBars(Sheet& sheet, const BarFigures& figures, bool upright)
      : sheet_(sheet), figures_(figures), upright_(upright) {}

  bool names_have_room() {
    const std::vector<Bar> bars = bars_of(sheet_, figures_, places());
    return BarLayout{sheet_, upright_, names_of_bars(sheet_, figures_, bars, upright_)}
        .names_have_room();
  }

  void draw() {
    if (has_too_many_dates(sheet_, figures_, places())) return;
    const std::vector<Bar> bars = bars_of(sheet_, figures_, places());
    const Locale locale = sheet_.request().locale;
    if (std::none_of(bars.begin(), bars.end(), [](const Bar& bar) { return bar.there; })) {
      sheet_.words_instead(locale == Locale::es ? "Ningún grupo tiene un valor que dibujar."
                                                : "No group has a value that could be drawn.");
      return;
    }
    BarLayout layout{sheet_, upright_, names_of_bars(sheet_, figures_, bars, upright_)};
    const bool with_values = put_axes(layout, bars);
    Intervals intervals{sheet_, layout};
    for (std::size_t index = 0; index < bars.size(); ++index)
      put_bar(bars[index], index, layout, intervals, with_values);
    layout.put_baseline();
    intervals.remark_on_cut();
  }

 private:
  std::size_t places() const { return bars_that_fit(sheet_, figures_, 0, upright_); }

  std::string value_label(const Bar& bar) const {
    const Locale locale = sheet_.request().locale;
    const bool counts = figures_.aggregate == Aggregate::count;
    const std::string value = value_text(bar.value, figures_.aggregate, locale);
    return counts || upright_ ? value : value + " · n = " + count_text(bar.n, locale);
  }

  // Whether values have room at the ends of all bars.
  bool put_axes(BarLayout& layout, const std::vector<Bar>& bars) {
    double low = 0;
    double high = 0;
    double before = 0;
    double after = 0;
    IntervalReach reach;
    for (const Bar& bar : bars) {
      if (!bar.there) continue;
      double& side = bar.value < 0 ? before : after;
      side = std::max(side, layout.length_of(value_label(bar)));
      low = std::min(low, bar.value);
      high = std::max(high, bar.value);
      reach.add(bar.interval);
    }
    if (low == high) high = 1;
    reach.widen(low, high);
    // Values that have no room beside the bars are left out, all of them.
    const bool with_values =
        sheet_.all_agree("values have room", values_have_room(layout, bars) &&
                                                 before + after < layout.room_along() * 0.6);
    if (!with_values) {
      sheet_.leave_out_labels(bars.size());
      before = after = 0;
    }
    // Bars without values beside them have an axis.
    const bool with_axis = !with_values && (upright_ || !figures_.moments.empty());
    layout.put_axes(
        {ScaleKind::linear, low, high, sheet_.request().y,
         with_axis ? label_of_bars(figures_, sheet_.request()) : "", with_axis, with_axis},
        before, after, sheet_.request().x);
    return with_values;
  }

  bool values_have_room(const BarLayout& layout, const std::vector<Bar>& bars) const {
    if (!upright_) return bars.size() <= bands_that_fit(sheet_, 0);
    const double band = sheet_.room().width() / double(bars.size()) - 4;
    return std::all_of(bars.begin(), bars.end(), [&](const Bar& bar) {
      return !bar.there || layout.has_room(value_label(bar), band);
    });
  }

  void put_bar(const Bar& bar, std::size_t index, BarLayout& layout, Intervals& intervals,
               bool with_values) {
    if (!bar.there) return;
    const Look& look = sheet_.look();
    const double middle = layout.middle(index);
    const double thick =
        std::min(layout.band() * thickness, upright_ ? upright_thickness_max : thickness_max);
    const std::string label = value_label(bar);
    Rectangle rectangle = layout.rectangle(0, bar.value, middle, thick);
    rectangle.fill = bar.other ? look.neutral : look.series[0];
    rectangle.meaning = {"bar",
                         {{"data-group", bar.name},
                          {"data-index", std::to_string(index)},
                          {"data-value", exact_text(bar.value)},
                          {"data-n", std::to_string(bar.n)},
                          {"data-rows", std::to_string(bar.rows)}},
                         bar.name + ": " + label};
    sheet_.add(std::move(rectangle));
    const double end =
        intervals.put(bar.interval, bar.value, middle, thick,
                      {{"data-group", bar.name}, {"data-index", std::to_string(index)}});
    if (with_values) layout.put_label(label, end, middle, bar.value < 0);
  }

  Sheet& sheet_;
  const BarFigures& figures_;
  const bool upright_;
};

}  // namespace

void draw(Sheet& sheet, const BarFigures& figures) {
  if (!figures.colors.empty()) {
    draw_coloured_bars(sheet, figures);
    return;
  }
  draw_in_direction(
      sheet, [&](Sheet& trial) { return PlainBars{trial, figures, true}.names_have_room(); },
      [&](Sheet& target, bool upright) { PlainBars{target, figures, upright}.draw(); });
}

}  // namespace cauce::charts::drawing

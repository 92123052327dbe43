#include <algorithm>
#include <cmath>

#include "charts/drawing/axes.h"
#include "charts/drawing/bands.h"
#include "charts/drawing/bar_intervals.h"
#include "charts/drawing/bar_layout.h"
#include "charts/drawing/bars.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/part_colours.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

constexpr double thickness = 0.72;  // of a band
constexpr double stack_thickness_max = 46;
constexpr double upright_thickness_max = 90;
constexpr double upright_thickness = 0.84;  // of a band, of parts side by side
constexpr double part_thickness_max = 26;   // of one of several side by side
constexpr double part_thickness_min = 4;    // thinner ones are no longer told apart

// One colour of one bar, from where to where it goes along the axis.
struct Part {
  std::size_t colour = 0;  // index into the colours
  double value = 0;
  std::uint64_t n = 0;
  std::uint64_t rows = 0;
  double from = 0, to = 0;
  MeanInterval interval;
};

struct Stack {
  const Bar* bar;
  std::vector<Part> parts;
};

std::vector<Part> parts_of(const Bar& bar, const std::vector<PartColour>& colours,
                           Aggregate aggregate) {
  std::vector<Part> parts;
  if (bar.parts.empty()) return parts;
  for (std::size_t colour = 0; colour < colours.size(); ++colour) {
    BarGroup sum;
    for (const std::size_t part : colours[colour].parts) {
      if (bar.parts[part].count > 0)
        sum = sum.count == 0 ? bar.parts[part] : joined(sum, bar.parts[part]);
    }
    const double value = bar_value(sum, aggregate);
    if (sum.count == 0 || !std::isfinite(value)) continue;
    parts.push_back({colour, value, sum.count, sum.rows, 0, value, interval_of(sum, aggregate)});
  }
  return parts;
}

// Puts each part where the one before it ends: those below zero to its left.
void stack(std::vector<Part>& parts, bool shares) {
  double whole = 0;
  for (const Part& part : parts)
    whole += part.value;
  const double unit = !shares ? 1 : whole > 0 ? 100 / whole : 0;
  double right = 0;
  double left = 0;
  for (Part& part : parts) {
    double& end = part.value < 0 ? left : right;
    part.from = end;
    end += part.value * unit;
    part.to = end;
  }
}

std::vector<Stack> stacks_of(const std::vector<Bar>& bars, const BarFigures& figures,
                             const std::vector<PartColour>& colours) {
  std::vector<Stack> stacks;
  for (const Bar& bar : bars) {
    stacks.push_back({&bar, parts_of(bar, colours, figures.aggregate)});
    if (figures.bars != Bars::grouped) stack(stacks.back().parts, figures.bars == Bars::shares);
  }
  return stacks;
}

class ColouredBars {
 public:
  ColouredBars(Sheet& sheet, const BarFigures& figures, bool upright)
      : sheet_(sheet),
        figures_(figures),
        colours_(part_colours(sheet, figures)),
        grouped_(figures.bars == Bars::grouped),
        upright_(upright),
        locale_(sheet.request().locale) {}

  bool names_have_room() {
    put_legend();
    const std::vector<Bar> bars = bars_of(sheet_, figures_, places());
    return BarLayout{sheet_, upright_, names_of_bars(sheet_, figures_, bars, upright_)}
        .names_have_room();
  }

  void draw() {
    const bool empty = std::all_of(figures_.groups.begin(), figures_.groups.end(),
                                   [](const BarGroup& group) { return !group.degenerate.empty(); });
    if (empty) {
      sheet_.words_instead(locale_ == Locale::es ? "Ningún grupo tiene un valor que dibujar."
                                                 : "No group has a value that could be drawn.");
      return;
    }
    // What the legend takes is no room for bars.
    put_legend();
    if (has_too_many_dates(sheet_, figures_, places())) return;
    const std::vector<Bar> bars = bars_of(sheet_, figures_, places());
    stacks_ = stacks_of(bars, figures_, colours_);
    BarLayout layout{sheet_, upright_, names_of_bars(sheet_, figures_, bars, upright_)};
    put_axes(layout);
    Intervals intervals{sheet_, layout};
    for (std::size_t index = 0; index < stacks_.size(); ++index)
      put_stack(index, layout, intervals);
    layout.put_baseline();
    intervals.remark_on_cut();
  }

 private:
  // How many bars have room one above the other, or beside each other.
  std::size_t places() const {
    const std::size_t bands =
        bars_that_fit(sheet_, figures_, lower_axis_height(sheet_, true), upright_);
    if (!grouped_) return bands;
    const double size = double(colours_.size()) * part_thickness_min / thickness;
    const double room = upright_ ? sheet_.room().width() : sheet_.room().height();
    return std::clamp<std::size_t>(std::size_t(room / size), 1, bands);
  }

  void put_legend() {
    std::vector<LegendEntry> entries;
    entries.reserve(colours_.size());
    for (const PartColour& colour : colours_)
      entries.push_back({colour.name, colour.colour});
    sheet_.legend(entries);
  }

  void put_axes(BarLayout& layout) {
    double low = 0;
    double high = 0;
    double before = 0;
    double after = 0;
    IntervalReach reach;
    for (const Stack& stack : stacks_) {
      for (const Part& part : stack.parts) {
        low = std::min(low, part.to);
        high = std::max(high, part.to);
        if (!grouped_) continue;
        reach.add(part.interval);
        double& length = part.value < 0 ? before : after;
        length = std::max(length, layout.length_of(value_text(part)));
      }
      if (!grouped_) after = std::max(after, layout.length_of(whole_text(stack)));
    }
    if (low == high) high = 1;
    reach.widen(low, high);
    const bool shares = figures_.bars == Bars::shares;
    if (shares) high = 100;
    with_ends_ = sheet_.all_agree("values have room", before + after < layout.room_along() * 0.6);
    if (!with_ends_) before = after = 0;
    const std::string label = shares ? (locale_ == Locale::es ? "Parte (%)" : "Share (%)")
                                     : label_of_bars(figures_, sheet_.request());
    layout.put_axes({ScaleKind::linear, low, high, sheet_.request().y, label, true, true}, before,
                    after, sheet_.request().x);
  }

  std::string amount_text(double value) const {
    return drawing::value_text(value, figures_.aggregate, locale_);
  }

  std::string value_text(const Part& part) const {
    if (figures_.bars != Bars::shares) return amount_text(part.value);
    return fixed_text(part.to - part.from, 0, locale_) + " %";
  }

  std::string whole_text(const Stack& stack) const { return amount_text(stack.bar->value); }

  void put_stack(std::size_t index, BarLayout& layout, Intervals& intervals) {
    const Stack& stack = stacks_[index];
    const double parts = grouped_ ? double(colours_.size()) : 1;
    const double band = layout.band();
    const double most = grouped_ && !upright_ ? part_thickness_max
                        : upright_            ? upright_thickness_max
                                              : stack_thickness_max;
    const double share = grouped_ && upright_ ? upright_thickness : thickness;
    const double thick = std::min(band * share / parts, most);
    double end = 0;
    for (const Part& part : stack.parts) {
      const double place = grouped_ ? double(part.colour) - (parts - 1) / 2 : 0;
      put_part(part, *stack.bar, index, layout, intervals,
               {layout.middle(index) + place * thick, thick});
      end = std::max(end, part.to);
    }
    if (grouped_ || !stack.bar->there) return;
    put_end(layout, whole_text(stack), layout.along(end), {layout.middle(index), band}, false);
  }

  struct Place {
    double middle, thick;
  };

  void put_part(const Part& part, const Bar& bar, std::size_t index, BarLayout& layout,
                Intervals& intervals, Place place) {
    const PartColour& colour = colours_[part.colour];
    // A hair of the ground between the parts of a stack, and between bars side by side.
    const double gap = !grouped_ ? 0 : place.thick > 8 ? 1 : place.thick > 5 ? 0.5 : 0;
    Rectangle rectangle = layout.rectangle(part.from, part.to, place.middle, place.thick - gap);
    rectangle.fill = colour.colour;
    if (!grouped_) rectangle.stroke = sheet_.look().ground;
    rectangle.stroke_width = 0.6;
    rectangle.meaning = {"part",
                         {{"data-group", colour.name},
                          {"data-bar", bar.name},
                          {"data-index", std::to_string(index)},
                          {"data-from", exact_text(part.from)},
                          {"data-to", exact_text(part.to)},
                          {"data-value", exact_text(part.value)},
                          {"data-n", std::to_string(part.n)},
                          {"data-rows", std::to_string(part.rows)}},
                         title_of(part, bar)};
    sheet_.add(std::move(rectangle));
    if (!grouped_) {
      const bool within = layout.put_label_within(
          value_text(part), part.from, part.to, place.middle, place.thick, text_on(colour.colour));
      sheet_.leave_out_labels(within ? 0 : 1);
      return;
    }
    const double end = intervals.put(part.interval, part.value, place.middle, place.thick,
                                     {{"data-group", colour.name}, {"data-bar", bar.name}});
    put_end(layout, value_text(part), end, place, part.value < 0);
  }

  std::string title_of(const Part& part, const Bar& bar) const {
    std::string text =
        bar.name + ", " + colours_[part.colour].name + ": " + amount_text(part.value);
    if (figures_.bars == Bars::shares)
      text += " (" + fixed_text(part.to - part.from, 1, locale_) + " %)";
    if (figures_.aggregate != Aggregate::count) text += " · n = " + count_text(part.n, locale_);
    return text;
  }

  // At the end of a bar, as long as the labels of its neighbours leave it room.
  void put_end(BarLayout& layout, const std::string& text, double end, Place place,
               bool below_zero) {
    if (!with_ends_ || !layout.has_room(text, place.thick)) {
      sheet_.leave_out_labels(1);
      return;
    }
    layout.put_label(text, end, place.middle, below_zero);
  }

  Sheet& sheet_;
  const BarFigures& figures_;
  const std::vector<PartColour> colours_;
  const bool grouped_;
  const bool upright_;
  const Locale locale_;
  std::vector<Stack> stacks_;
  bool with_ends_ = true;
};

}  // namespace

void draw_coloured_bars(Sheet& sheet, const BarFigures& figures) {
  draw_in_direction(
      sheet, [&](Sheet& trial) { return ColouredBars{trial, figures, true}.names_have_room(); },
      [&](Sheet& target, bool upright) { ColouredBars{target, figures, upright}.draw(); });
}

}  // namespace cauce::charts::drawing

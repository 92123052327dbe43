#include <algorithm>
#include <cmath>

#include "charts/drawing/axes.h"
#include "charts/drawing/bands.h"
#include "charts/drawing/bars.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/part_colours.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

constexpr double thickness = 0.72;  // of a band
constexpr double stack_thickness_max = 46;
constexpr double part_thickness_max = 26;  // of one of several side by side
constexpr double part_thickness_min = 4;   // thinner ones are no longer told apart

// One colour of one bar, from where to where it goes along the axis.
struct Part {
  std::size_t colour = 0;  // index into the colours
  double value = 0;
  std::uint64_t n = 0;
  std::uint64_t rows = 0;
  double from = 0, to = 0;
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
    parts.push_back({colour, value, sum.count, sum.rows, 0, value});
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
  ColouredBars(Sheet& sheet, const BarFigures& figures)
      : sheet_(sheet),
        figures_(figures),
        colours_(part_colours(sheet, figures)),
        grouped_(figures.bars == Bars::grouped),
        locale_(sheet.request().locale) {}

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
    const std::vector<Band> bands = names_of_bars(sheet_, figures_, bars);
    const double names = width_of_names(sheet_, bands);
    const Area before = sheet_.room();
    const Scale x = put_axis(before.left + names + 8, before.right);
    const Area room = sheet_.room();
    const std::vector<double> middles = middles_of(bars.size(), room.top, room.bottom);
    put_names(sheet_, bands, middles, room.left + names, names, sheet_.request().x);
    const double band = room.height() / double(bars.size());
    for (std::size_t index = 0; index < stacks_.size(); ++index)
      put_stack(index, x, middles[index], band);
    sheet_.add(
        Line{x(0), room.top, x(0), room.bottom, sheet_.look().rule, 1, {"baseline", {}, ""}});
  }

 private:
  // How many bars have room one above the other.
  std::size_t places() const {
    const std::size_t bands = bars_that_fit(sheet_, figures_, lower_axis_height(sheet_, true));
    if (!grouped_) return bands;
    const double height = double(colours_.size()) * part_thickness_min / thickness;
    return std::clamp<std::size_t>(std::size_t(sheet_.room().height() / height), 1, bands);
  }

  void put_legend() {
    std::vector<LegendEntry> entries;
    for (const PartColour& colour : colours_)
      entries.push_back({colour.name, colour.colour});
    sheet_.legend(entries);
  }

  Scale put_axis(double left, double right) {
    double low = 0;
    double high = 0;
    double width_left = 0;
    double width_right = 0;
    for (const Stack& stack : stacks_) {
      for (const Part& part : stack.parts) {
        low = std::min(low, part.to);
        high = std::max(high, part.to);
        if (!grouped_) continue;
        double& width = part.value < 0 ? width_left : width_right;
        width = std::max(width, width_of(value_text(part)) + 8);
      }
      if (!grouped_) width_right = std::max(width_right, width_of(whole_text(stack)) + 8);
    }
    if (low == high) high = 1;
    const bool shares = figures_.bars == Bars::shares;
    if (shares) high = 100;
    with_ends_ =
        sheet_.all_agree("values have room", width_left + width_right < (right - left) * 0.6);
    if (!with_ends_) width_left = width_right = 0;
    const std::string label = shares ? (locale_ == Locale::es ? "Parte (%)" : "Share (%)")
                                     : label_of_bars(figures_, sheet_.request());
    return put_lower_axis(sheet_,
                          {ScaleKind::linear, low, high, sheet_.request().y, label, true, true},
                          left + width_left, right - width_right);
  }

  double width_of(const std::string& text) const {
    return sheet_.measure(text, sheet_.tick_face()).width;
  }

  std::string amount_text(double value) const {
    return figures_.aggregate == Aggregate::count ? count_text(std::uint64_t(value), locale_)
                                                  : number_text(value, 4, locale_);
  }

  std::string value_text(const Part& part) const {
    if (figures_.bars != Bars::shares) return amount_text(part.value);
    return fixed_text(part.to - part.from, 0, locale_) + " %";
  }

  std::string whole_text(const Stack& stack) const { return amount_text(stack.bar->value); }

  void put_stack(std::size_t index, const Scale& x, double middle, double band) {
    const Stack& stack = stacks_[index];
    const double parts = grouped_ ? double(colours_.size()) : 1;
    const double thick =
        std::min(band * thickness / parts, grouped_ ? part_thickness_max : stack_thickness_max);
    double right = x(0);
    for (const Part& part : stack.parts) {
      const double place = grouped_ ? double(part.colour) - (parts - 1) / 2 : 0;
      const double y = middle + place * thick;
      put_part(part, *stack.bar, index, x, {y, thick});
      right = std::max(right, x(part.to));
    }
    if (grouped_) return;
    if (stack.bar->there) put_end(whole_text(stack), right, middle, band, false);
  }

  struct Place {
    double middle, thick;
  };

  void put_part(const Part& part, const Bar& bar, std::size_t index, const Scale& x, Place place) {
    const PartColour& colour = colours_[part.colour];
    const double from = x(part.from);
    const double to = x(part.to);
    // A hair of the ground between the parts of a stack, and between bars side by side.
    const double gap = place.thick > 8 ? 1 : place.thick > 5 ? 0.5 : 0;
    sheet_.add(Rectangle{std::min(from, to),
                         place.middle - place.thick / 2 + (grouped_ ? gap / 2 : 0),
                         std::abs(to - from),
                         place.thick - (grouped_ ? gap : 0),
                         colour.colour,
                         grouped_ ? std::optional<Colour>{} : sheet_.look().ground,
                         0.6,
                         {"part",
                          {{"data-group", colour.name},
                           {"data-bar", bar.name},
                           {"data-index", std::to_string(index)},
                           {"data-from", exact_text(part.from)},
                           {"data-to", exact_text(part.to)},
                           {"data-value", exact_text(part.value)},
                           {"data-n", std::to_string(part.n)},
                           {"data-rows", std::to_string(part.rows)}},
                          title_of(part, bar)}});
    if (grouped_) {
      put_end(value_text(part), to, place.middle, place.thick, part.value < 0);
    } else {
      put_inside(part, std::min(from, to), std::abs(to - from), place);
    }
  }

  std::string title_of(const Part& part, const Bar& bar) const {
    std::string text =
        bar.name + ", " + colours_[part.colour].name + ": " + amount_text(part.value);
    if (figures_.bars == Bars::shares)
      text += " (" + fixed_text(part.to - part.from, 1, locale_) + " %)";
    if (figures_.aggregate != Aggregate::count) text += " · n = " + count_text(part.n, locale_);
    return text;
  }

  // At the end of a bar, as long as lines of text have room one above the other.
  void put_end(const std::string& text, double end, double middle, double height, bool to_left) {
    if (!with_ends_ || height < sheet_.tick_face().size) {
      sheet_.leave_out_labels(1);
      return;
    }
    sheet_.centred_text("value", text, sheet_.tick_face(), sheet_.look().ink,
                        end + (to_left ? -6 : 6), middle, to_left ? Anchor::end : Anchor::start,
                        1e9);
  }

  void put_inside(const Part& part, double left, double width, Place place) {
    const std::string text = value_text(part);
    if (place.thick < line_height(sheet_) || width_of(text) + 6 > width) {
      sheet_.leave_out_labels(1);
      return;
    }
    sheet_.centred_text("value", text, sheet_.tick_face(), text_on(colours_[part.colour].colour),
                        left + width / 2, place.middle, Anchor::middle, 1e9);
  }

  Sheet& sheet_;
  const BarFigures& figures_;
  const std::vector<PartColour> colours_;
  const bool grouped_;
  const Locale locale_;
  std::vector<Stack> stacks_;
  bool with_ends_ = true;
};

}  // namespace

void draw_coloured_bars(Sheet& sheet, const BarFigures& figures) {
  ColouredBars{sheet, figures}.draw();
}

}  // namespace cauce::charts::drawing

#include "charts/drawing/axes.h"

#include <algorithm>
#include <cmath>

#include "charts/drawing/annotations.h"
#include "charts/drawing/panels.h"
#include "charts/drawing/tick_labels.h"

namespace cauce::charts::drawing {

namespace {

constexpr double grid_width = 0.7;

void tell(Sheet& sheet, std::string_view name, const AxisWish& wish, const Scale& scale) {
  sheet.add(Axis{name, scale.kind, scale.low, scale.high, scale.start, scale.end, wish.column,
                 wish.panel});
}

double widest(Sheet& sheet, const TickLabels& ticks) {
  double width = 0;
  for (const std::string& label : ticks.labels)
    width = std::max(width, sheet.measure(label, sheet.tick_face()).width);
  return width;
}

void put_x_ticks(Sheet& sheet, const AxisWish& wish, const TickLabels& ticks, const Scale& scale,
                 double top, double bottom) {
  const Look& look = sheet.look();
  const double height = line_height(sheet);
  for (std::size_t index = 0; index < ticks.values.size(); ++index) {
    const double x = scale(ticks.values[index]);
    if (wish.grid) sheet.add(Line{x, top, x, bottom, look.grid, grid_width, {"grid", {}, ""}});
    sheet.centred_text("tick", ticks.labels[index], sheet.tick_face(), look.muted, x,
                       bottom + label_gap + height / 2, Anchor::middle, 1e9);
  }
}

void put_x_label(Sheet& sheet, const std::string& label, double left, double right, double bottom) {
  if (label.empty()) return;
  sheet.centred_text("axis-label", label, sheet.tick_face(), sheet.look().muted, (left + right) / 2,
                     bottom - line_height(sheet) / 2, Anchor::middle, right - left);
}

std::string with_context(const std::string& label, const TickLabels& ticks) {
  return ticks.context.empty() ? label : label + " (" + ticks.context + ")";
}

TickLabels wished_ticks(Sheet& sheet, const AxisWish& wish, int count) {
  TickLabels ticks = tick_labels(wish.kind, wish.low, wish.high, count, sheet.request().locale);
  const auto first = std::lower_bound(ticks.values.begin(), ticks.values.end(), wish.ticks_from);
  const auto below = first - ticks.values.begin();
  ticks.values.erase(ticks.values.begin(), first);
  ticks.labels.erase(ticks.labels.begin(), ticks.labels.begin() + below);
  return ticks;
}

}  // namespace

double line_height(Sheet& sheet) {
  return sheet.tick_face().size * 1.25;
}

TickLabels labels_beside_each_other(Sheet& sheet, const AxisWish& wish, const Scale& scale) {
  const double length = std::abs(scale.end - scale.start);
  for (int count = std::clamp(int(length / 75), 3, 7);; --count) {
    TickLabels ticks = wished_ticks(sheet, wish, count);
    double end_before = -1e9;
    bool apart = true;
    for (std::size_t index = 0; index < ticks.values.size(); ++index) {
      if (ticks.labels[index].empty()) continue;
      const double width = sheet.measure(ticks.labels[index], sheet.tick_face()).width;
      const double middle = scale(ticks.values[index]);
      apart = apart && middle - width / 2 > end_before + 8;
      end_before = middle + width / 2;
    }
    if (apart) return ticks;
    if (count > 1) continue;
    // Not even two have room side by side.
    ticks.values.resize(1);
    ticks.labels.resize(1);
    return ticks;
  }
}

TickLabels labels_above_each_other(Sheet& sheet, const AxisWish& wish, const Area& area) {
  const Scale scale{wish.kind, wish.low, wish.high, area.bottom, area.top};
  const double line = line_height(sheet);
  for (int count = std::clamp(int(area.height() / 45), 3, 7);; --count) {
    TickLabels ticks = wished_ticks(sheet, wish, count);
    double before = 1e9;
    bool apart = true;
    for (std::size_t index = 0; index < ticks.values.size(); ++index) {
      if (ticks.labels[index].empty()) continue;
      const double middle = scale(ticks.values[index]);
      apart = apart && middle < before - line;
      before = middle;
    }
    if (apart) return ticks;
    if (count > 1) continue;
    ticks.values.resize(1);
    ticks.labels.resize(1);
    return ticks;
  }
}

void widen(double& low, double& high, double share) {
  if (low == high) {
    const double around = low == 0 ? 1 : std::abs(low) * 0.05;
    low -= around;
    high += around;
    return;
  }
  const double more = (high - low) * share;
  low -= more;
  high += more;
}

double lower_axis_height(Sheet& sheet, bool with_label) {
  if (sheet.multiples() != nullptr) return 0;
  const double line = line_height(sheet);
  return line + label_gap + (with_label ? line + 3 : 0);
}

Plot put_axes(Sheet& sheet, const AxisWish& x_wish, const AxisWish& y_wish) {
  const AxisWish x = settled(sheet, x_wish);
  const AxisWish y = settled(sheet, y_wish);
  if (sheet.multiples() != nullptr) return put_panel_axes(sheet, x, y);
  Area& room = sheet.room();
  const double line = line_height(sheet);
  const Look& look = sheet.look();
  if (y.labelled && !y.label.empty()) {
    sheet.centred_text("axis-label", y.label, sheet.tick_face(), look.muted, room.left,
                       room.top + line / 2, Anchor::start, sheet.first_line_end() - room.left);
    room.top += line + 4;
  }
  Area area = room;
  area.top += line / 2;
  area.bottom -= lower_axis_height(sheet, !x.label.empty());
  const TickLabels y_ticks = y.labelled ? labels_above_each_other(sheet, y, area) : TickLabels{};
  if (y.labelled) area.left += widest(sheet, y_ticks) + label_gap + 2;
  Plot plot{area,
            {x.kind, x.low, x.high, area.left, area.right},
            {y.kind, y.low, y.high, area.bottom, area.top}};
  TickLabels x_ticks = x.labelled ? labels_beside_each_other(sheet, x, plot.x) : TickLabels{};
  // The last label may lean out over the end of the plot, not over the edge of the sheet.
  const double last = x_ticks.values.empty()
                          ? 0
                          : plot.x(x_ticks.values.back()) +
                                sheet.measure(x_ticks.labels.back(), sheet.tick_face()).width / 2;
  if (last > room.right + 4) {
    plot.area.right -= last - room.right;
    plot.x.end = plot.area.right;
    x_ticks = labels_beside_each_other(sheet, x, plot.x);
  }
  area = plot.area;
  put_x_ticks(sheet, x, x_ticks, plot.x, area.top, area.bottom);
  put_x_label(sheet, with_context(x.label, x_ticks), area.left, area.right, room.bottom);
  for (std::size_t index = 0; index < y_ticks.values.size(); ++index) {
    const double place = plot.y(y_ticks.values[index]);
    if (y.grid)
      sheet.add(Line{area.left, place, area.right, place, look.grid, grid_width, {"grid", {}, ""}});
    sheet.centred_text("tick", y_ticks.labels[index], sheet.tick_face(), look.muted,
                       area.left - label_gap, place, Anchor::end, 1e9);
  }
  tell(sheet, "x", x, plot.x);
  tell(sheet, "y", y, plot.y);
  return plot;
}

void put_baseline(Sheet& sheet, const Plot& plot) {
  const double zero = plot.y(0);
  sheet.add(Line{
      plot.area.left, zero, plot.area.right, zero, sheet.look().rule, 1, {"baseline", {}, ""}});
}

Scale put_lower_axis(Sheet& sheet, const AxisWish& asked, double left, double right) {
  const AxisWish wish = settled(sheet, asked);
  if (sheet.multiples() != nullptr) return put_panel_lower_axis(sheet, wish, left, right);
  Area& room = sheet.room();
  Scale scale{wish.kind, wish.low, wish.high, left, right};
  if (wish.labelled) {
    const double bottom = room.bottom - lower_axis_height(sheet, !wish.label.empty());
    TickLabels ticks = labels_beside_each_other(sheet, wish, scale);
    if (!ticks.values.empty()) {
      const double last = scale(ticks.values.back()) +
                          sheet.measure(ticks.labels.back(), sheet.tick_face()).width / 2;
      if (last > room.right + 4) {
        scale.end -= last - room.right;
        ticks = labels_beside_each_other(sheet, wish, scale);
      }
    }
    put_x_ticks(sheet, wish, ticks, scale, room.top, bottom);
    put_x_label(sheet, with_context(wish.label, ticks), left, scale.end, room.bottom);
    room.bottom = bottom;
  }
  tell(sheet, "x", wish, scale);
  return scale;
}

}  // namespace cauce::charts::drawing

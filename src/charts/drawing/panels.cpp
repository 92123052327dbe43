#include "charts/drawing/panels.h"

#include <algorithm>
#include <cmath>

namespace cauce::charts::drawing {

namespace {

constexpr double between = 14;
constexpr double grid_width = 0.7;

struct Grid {
  std::size_t across = 1, down = 1;
};

// The one whose panels are nearest to three times as wide as two high.
Grid grid_of(std::size_t panels, const Area& room) {
  Grid best;
  double best_error = 1e9;
  for (std::size_t across = 1; across <= panels; ++across) {
    const std::size_t down = (panels + across - 1) / across;
    const double width = room.width() / double(across);
    const double height = std::max(1.0, room.height() / double(down) - 18);
    const double empty = double(across * down - panels) * 0.2;
    const double error = std::abs(std::log(width / height / 1.5)) + empty;
    if (error >= best_error) continue;
    best_error = error;
    best = {across, down};
  }
  return best;
}

// Without the last ones when the label of the first tick of the next panel would touch them.
TickLabels labels_within(Sheet& sheet, const AxisWish& wish, const Scale& scale) {
  TickLabels ticks = labels_beside_each_other(sheet, wish, scale);
  const auto half = [&](std::size_t index) {
    return sheet.measure(ticks.labels[index], sheet.tick_face()).width / 2;
  };
  while (ticks.values.size() > 1) {
    const double begin = scale(ticks.values.front()) - half(0) - scale.start;
    const double end = scale.end - scale(ticks.values.back()) - half(ticks.values.size() - 1);
    if (begin + end + between >= 8 && end + between >= 0) break;
    ticks.values.pop_back();
    ticks.labels.pop_back();
  }
  const double room = scale.end - scale.start + between - 8;
  if (ticks.values.size() == 1 && 2 * half(0) > room) {
    sheet.leave_out_labels(1);
    return {};
  }
  return ticks;
}

struct Cell {
  std::size_t index;
  bool leftmost, lowest;
};

void put_panel(Sheet& sheet, const Plot& plot, const AxisWish& x, const AxisWish& y,
               const TickLabels& x_ticks, const TickLabels& y_ticks, const Cell& cell) {
  const Look& look = sheet.look();
  const Area& area = plot.area;
  const double line = line_height(sheet);
  for (std::size_t index = 0; index < x_ticks.values.size(); ++index) {
    const double at = plot.x(x_ticks.values[index]);
    sheet.add(Line{at, area.top, at, area.bottom, look.grid, grid_width, {"grid", {}, ""}});
    if (!cell.lowest) continue;
    sheet.centred_text("tick", x_ticks.labels[index], sheet.tick_face(), look.muted, at,
                       area.bottom + label_gap + line / 2, Anchor::middle, 1e9);
  }
  for (std::size_t index = 0; index < y_ticks.values.size(); ++index) {
    const double at = plot.y(y_ticks.values[index]);
    sheet.add(Line{area.left, at, area.right, at, look.grid, grid_width, {"grid", {}, ""}});
    if (!cell.leftmost) continue;
    sheet.centred_text("tick", y_ticks.labels[index], sheet.tick_face(), look.muted,
                       area.left - label_gap, at, Anchor::end, 1e9);
  }
  sheet.add(Axis{"x", x.kind, x.low, x.high, area.left, area.right, x.column,
                 std::to_string(cell.index)});
  sheet.add(Axis{"y", y.kind, y.low, y.high, area.bottom, area.top, y.column,
                 std::to_string(cell.index)});
}

}  // namespace

std::vector<Plot> put_panels(Sheet& sheet, const AxisWish& x, const AxisWish& y,
                             const std::vector<std::string>& names) {
  Area& room = sheet.room();
  const Look& look = sheet.look();
  const double line = line_height(sheet);
  sheet.centred_text("axis-label", y.label, sheet.tick_face(), look.muted, room.left,
                     room.top + line / 2, Anchor::start, sheet.first_line_end() - room.left);
  room.top += line + 4;
  Area area = room;
  area.bottom -= lower_axis_height(sheet, true);
  const Grid grid = grid_of(names.size(), area);
  const double heading = sheet.label_face().size * 1.5;
  const double height = (area.height() - between * double(grid.down - 1)) / double(grid.down);
  const Area first{area.left, area.top + heading, area.right, area.top + height};
  const TickLabels y_ticks = labels_above_each_other(sheet, y, first);
  double widest = 0;
  for (const std::string& label : y_ticks.labels)
    widest = std::max(widest, sheet.measure(label, sheet.tick_face()).width);
  area.left += widest + label_gap + 2;
  const double width = (area.width() - between * double(grid.across - 1)) / double(grid.across);
  const TickLabels x_ticks =
      labels_within(sheet, x, {x.kind, x.low, x.high, area.left, area.left + width});
  std::vector<Plot> plots;
  for (std::size_t index = 0; index < names.size(); ++index) {
    const std::size_t column = index % grid.across;
    const std::size_t row = index / grid.across;
    const double left = area.left + double(column) * (width + between);
    const double top = area.top + double(row) * (height + between);
    const Area panel{left, top + heading, left + width, top + height};
    const Plot plot{panel,
                    {x.kind, x.low, x.high, panel.left, panel.right},
                    {y.kind, y.low, y.high, panel.bottom, panel.top}};
    sheet.centred_text("panel", names[index], {sheet.label_face().size, Weight::bold}, look.ink,
                       left, top + heading / 2, Anchor::start, width);
    put_panel(sheet, plot, x, y, x_ticks, y_ticks,
              {index, column == 0, index + grid.across >= names.size()});
    plots.push_back(plot);
  }
  sheet.centred_text("axis-label", x.label, sheet.tick_face(), look.muted,
                     (area.left + area.right) / 2, room.bottom - line / 2, Anchor::middle,
                     area.width());
  return plots;
}

}  // namespace cauce::charts::drawing

#include "charts/drawing/cells.h"

#include <algorithm>
#include <cmath>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/multiples.h"
#include "charts/drawing/tick_labels.h"

namespace cauce::charts::drawing {

namespace {

constexpr std::size_t colour_steps = 64;  // more are not told apart, and cost bytes
constexpr double bar_width = 12;

Colour colour_of_step(std::size_t step, Theme theme) {
  return sequential(double(step) / double(colour_steps - 1), theme);
}

std::size_t step_of(double share) {
  return std::size_t(std::lround(std::clamp(share, 0.0, 1.0) * double(colour_steps - 1)));
}

}  // namespace

Colour sequential(double share, Theme theme) {
  constexpr double darkest = 0.25;  // stands out from the dark ground by 2.4
  return viridis(theme == Theme::dark ? darkest + (1 - darkest) * share : share);
}

double ColourScale::share(double value) const {
  if (high <= low) return 1;
  if (logarithmic) return std::log(value / low) / std::log(high / low);
  return (value - low) / (high - low);
}

namespace {

ColourScale shared_scale(Multiples& multiples, const ColourScale& colours,
                         const std::string& label) {
  if (multiples.stage == Multiples::Stage::whole) return colours;
  if (!multiples.colours) multiples.colours = colours;
  multiples.colours_label = label;
  if (multiples.stage == Multiples::Stage::panels) {
    multiples.colours->low = std::min(multiples.colours->low, colours.low);
    multiples.colours->high = std::max(multiples.colours->high, colours.high);
  }
  return *multiples.colours;
}

}  // namespace

ColourScale put_colour_bar(Sheet& sheet, const ColourScale& colours, const std::string& label) {
  if (sheet.multiples() != nullptr) return shared_scale(*sheet.multiples(), colours, label);
  Area& room = sheet.room();
  const Face face = sheet.tick_face();
  const Look& look = sheet.look();
  const Theme theme = sheet.request().theme;
  const double line = face.size * 1.25;
  const auto kind = colours.logarithmic ? ScaleKind::logarithmic : ScaleKind::linear;
  const double top = room.top + line + 12;
  const double bottom = room.bottom - 2 * line - 8;
  if (bottom - top < 30) return colours;
  const int count = std::clamp(int((bottom - top) / 40), 2, 6);
  TickLabels ticks = tick_labels(kind, colours.low, colours.high, count, sheet.request().locale);
  if (colours.high <= colours.low)
    ticks = tick_labels(ScaleKind::linear, colours.low, colours.low, 1, sheet.request().locale);
  double widest = 0;
  for (const std::string& text : ticks.labels)
    widest = std::max(widest, sheet.measure(text, face).width);
  // Numbers that would take the greater half of the room from the plot are left out.
  const bool has_labels = bar_width + 6 + widest <= room.width() / 2;
  const double width = bar_width + (has_labels ? 6 + widest : 0);
  const double left = room.right - width;
  Raster bar{left,         top, bar_width,
             bottom - top, 1,   std::uint32_t(colour_steps),
             {},           {},  {"colour-bar", {}, ""}};
  for (std::size_t step = 0; step < colour_steps; ++step) {
    bar.indices.push_back(std::uint8_t(colour_steps - 1 - step));
    bar.colours.push_back(colour_of_step(step, theme));
  }
  sheet.add(std::move(bar));
  double last = 1e9;
  for (std::size_t index = 0; index < ticks.values.size(); ++index) {
    const double y = bottom - colours.share(ticks.values[index]) * (bottom - top);
    // A logarithmic scale has more ticks than have room for a label.
    if (ticks.labels[index].empty() || y > last - line) continue;
    last = y;
    if (!has_labels) {
      sheet.leave_out_labels(1);
      continue;
    }
    sheet.centred_text("tick", ticks.labels[index], face, look.muted, left + bar_width + 6, y,
                       Anchor::start, 1e9);
  }
  sheet.centred_text("axis-label", label, face, look.muted, room.right, room.top + line / 2,
                     Anchor::end, room.width() * 0.45);
  const double label_width =
      std::min(sheet.measure(clean_text(label), face).width, room.width() * 0.45);
  sheet.end_first_line(room.right - label_width - 12);
  sheet.add(Axis{"colour", kind, colours.low, colours.high, bottom, top, label, ""});
  room.right = left - 16;
  return colours;
}

Raster raster_of(std::span<const double> values, std::uint32_t nx, std::uint32_t ny,
                 const ColourScale& colours, Theme theme) {
  Raster raster{0, 0, 1, 1, nx, ny, {}, {}, {"cells", {}, ""}};
  raster.colours.push_back(with_alpha(hex(0), 0));
  for (std::size_t step = 0; step < colour_steps; ++step)
    raster.colours.push_back(colour_of_step(step, theme));
  raster.indices.resize(std::size_t{nx} * ny);
  for (std::uint32_t x = 0; x < nx; ++x) {
    for (std::uint32_t y = 0; y < ny; ++y) {
      const double value = values[std::size_t{x} * ny + y];
      const bool empty = std::isnan(value) || (colours.logarithmic && value == 0);
      raster.indices[std::size_t{ny - 1 - y} * nx + x] =
          empty ? 0 : std::uint8_t(1 + step_of(colours.share(value)));
    }
  }
  return raster;
}

}  // namespace cauce::charts::drawing

// What the panels of small multiples have in common. It is gathered from trial drawings of the
// whole and of every panel; then each panel is drawn with it. A kind of chart need not know: the
// axes, the legend, the scale of colours and the order of bands look here by themselves when they
// are put on the sheet of a panel.
#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "charts/drawing/axes.h"
#include "charts/drawing/cells.h"
#include "charts/drawing/group_colours.h"
#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

struct Multiples {
  enum class Stage {
    whole,   // the chart of all rows is tried: colours, legend, bands
    panels,  // each panel is tried: domains, and the pixels that labels need
    drawing,
  };
  Stage stage = Stage::whole;
  std::size_t panels = 1;  // how many there are

  // Axes by name, "x" and "y": the domain is that of all panels.
  std::map<std::string_view, AxisWish> axes;
  double inset_left = 0, inset_right = 0;  // pixels between a panel's room and its lower axis
  double names_width = 0;                  // of the names of bands, left of the panels
  double names_width_max = 0;
  std::optional<std::vector<std::string>> bands;    // from the top
  std::optional<std::vector<std::string>> columns;  // of a heat map, from the left
  // Of points: the categories that have a colour or a shape of their own.
  std::optional<std::vector<std::string>> colour_names, shape_names;
  std::vector<LegendEntry> legend;
  std::optional<ColourScale> colours;
  std::string colours_label;
  GroupColours group_colours;
  std::map<std::string_view, bool> agreed;

  // Of one axis with the domain of all; in Stage::panels takes part in it.
  AxisWish shared(std::string_view name, const AxisWish& wish) {
    if (stage == Stage::whole) return wish;
    const auto [found, added] = axes.try_emplace(name, wish);
    AxisWish& all = found->second;
    if (stage == Stage::panels && !added) {
      all.low = std::min(all.low, wish.low);
      all.high = std::max(all.high, wish.high);
    }
    return stage == Stage::drawing ? all : wish;
  }
};

}  // namespace cauce::charts::drawing

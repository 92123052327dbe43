// Small multiples: the same kind of plot once for each panel, all with the same axes, colours and
// bands, so that what differs is what the panels show.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "charts/drawing/axes.h"
#include "charts/drawing/multiples.h"

namespace cauce::charts::drawing {

struct PanelWish {
  std::string name;
  std::string rows;        // " (84)" behind the name where it has room
  const Figures& figures;  // what the panel's sheet has
  std::function<void(Sheet&)> draw;
};

// Panels in rows from the upper left, their titles above them; takes the whole room of the sheet.
// `draw_whole` draws all rows as one plot: from it come the legend, the colours and the bands.
// Panels that would be smaller than readable are left out from the last on, and the footer counts
// them.
void put_panels(Sheet& sheet, const std::vector<PanelWish>& panels,
                const std::function<void(Sheet&)>& draw_whole);

// The figures' own panels, by the facet column.
void draw_small_multiples(Sheet& sheet, const std::function<void(Sheet&)>& draw);

// The axes of a plot that fills the room of a panel.
Plot put_panel_axes(Sheet& sheet, const AxisWish& x, const AxisWish& y);

// The lower axis of a panel that has names on its left.
Scale put_panel_lower_axis(Sheet& sheet, const AxisWish& x, double left, double right);

}  // namespace cauce::charts::drawing

// Which bars a bar chart shows: the largest groups, and all that have no room as one.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "charts/drawing/bands.h"
#include "charts/drawing/bar_intervals.h"
#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

struct Bar {
  std::string name;
  double value = 0;
  std::uint64_t n = 0;
  std::uint64_t rows = 0;
  bool other = false;
  std::vector<BarGroup> parts = {};  // one for each of BarFigures::colors
  bool there = true;                 // false: only other panels have it
  MeanInterval interval = {NAN, NAN};
};

// In the order in which they are drawn, at most `places` of them; remarks on what is left out.
std::vector<Bar> bars_of(Sheet& sheet, const BarFigures& figures, std::size_t places);

// Dates are not gathered into one bar that stands for other dates: those that have no room are no
// bar chart, and the sheet says so. False: all have room, or the groups are no dates.
bool has_too_many_dates(Sheet& sheet, const BarFigures& figures, std::size_t places);

// How many bars have room above an axis of so many pixels, or beside each other: names need the
// height of a line, dates are ticks of time and thin out.
std::size_t bars_that_fit(Sheet& sheet, const BarFigures& figures, double axis_height,
                          bool upright);

// The bars' names; of dates only as many as keep their distance.
std::vector<Band> names_of_bars(Sheet& sheet, const BarFigures& figures,
                                const std::vector<Bar>& bars, bool upright);

// Draws upright bars when they are asked for and their names have room below them; else bars on
// their side, and says so. Both functions get a sheet and whether bars are upright.
void draw_in_direction(Sheet& sheet, const std::function<bool(Sheet&)>& upright_names_have_room,
                       const std::function<void(Sheet&, bool upright)>& draw);

// Two bars as one: counts and sums add up, mean, deviation and interval follow; a median of both is
// not known (NaN).
BarGroup joined(const BarGroup& one, const BarGroup& other);

// Bars whose colours stand side by side, on each other, or as shares of the whole.
void draw_coloured_bars(Sheet& sheet, const BarFigures& figures);

}  // namespace cauce::charts::drawing

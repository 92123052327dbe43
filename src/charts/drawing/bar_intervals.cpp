#include "charts/drawing/bar_intervals.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

namespace {

constexpr double width = 1.5;
constexpr double ground_from = 8;  // thickness of bars whose intervals are set off from them

}  // namespace

MeanInterval interval_of(const BarGroup& group, Aggregate aggregate) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (aggregate != Aggregate::mean || group.count < 2) return {none, none};
  return {group.interval_low, group.interval_high};
}

void IntervalReach::add(const MeanInterval& interval) {
  if (!interval.there()) return;
  low_ = std::min(low_, interval.low);
  high_ = std::max(high_, interval.high);
}

void IntervalReach::widen(double& low, double& high) const {
  const double span = high - low;
  low = std::max(std::min(low, low_), low - span);
  high = std::min(std::max(high, high_), high + span);
}

double Intervals::put(const MeanInterval& interval, double value, double middle, double thick,
                      Attributes attributes) {
  if (!interval.there()) return layout_.along(value);
  const double low = std::clamp(interval.low, layout_.low(), layout_.high());
  const double high = std::clamp(interval.high, layout_.low(), layout_.high());
  attributes.push_back({"data-low", exact_text(interval.low)});
  attributes.push_back({"data-high", exact_text(interval.high)});
  Line line = layout_.line(layout_.along(low), layout_.along(high), middle, middle);
  if (thick >= ground_from) {
    line.colour = with_alpha(sheet_.look().ground, 0.7);
    line.width = width + 2.4;
    line.meaning = {"interval-ground", {}, ""};
    sheet_.add(line);
  }
  line.colour = sheet_.look().ink;
  line.width = thick >= ground_from ? width : 1;
  line.meaning = {"interval", std::move(attributes), ""};
  sheet_.add(line);
  const double forward = layout_.along(layout_.high()) > layout_.along(layout_.low()) ? 1 : -1;
  if (interval.high > high) put_arrow(layout_.along(high), middle, forward);
  if (interval.low < low) put_arrow(layout_.along(low), middle, -forward);
  cut_ += interval.high > high || interval.low < low ? 1 : 0;
  return layout_.along(value < 0 ? std::min(low, value) : std::max(high, value));
}

// The interval goes on in this direction.
void Intervals::put_arrow(double end, double middle, double direction) {
  constexpr double size = 3.5;
  for (const double side : {-size, size}) {
    Line line = layout_.line(end - direction * size, end, middle + side, middle);
    line.colour = sheet_.look().ink;
    line.width = width;
    line.meaning = {"interval-cut", {}, ""};
    sheet_.add(std::move(line));
  }
}

void Intervals::remark_on_cut() {
  if (cut_ == 0) return;
  const Locale locale = sheet_.request().locale;
  sheet_.remark(locale == Locale::es ? counted(cut_, "intervalo sigue más allá del eje",
                                               "intervalos siguen más allá del eje", locale)
                                     : counted(cut_, "interval goes on beyond the axis",
                                               "intervals go on beyond the axis", locale));
}

}  // namespace cauce::charts::drawing

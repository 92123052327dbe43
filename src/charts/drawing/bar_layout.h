// Where bars lie: on their side with their names at the left, or upright with their names below.
// What draws bars says how far they reach along their axis and where they stand across it, and need
// not know which of the two it is.
#pragma once

#include <string>
#include <vector>

#include "charts/drawing/axes.h"
#include "charts/drawing/bands.h"

namespace cauce::charts::drawing {

class BarLayout {
 public:
  BarLayout(Sheet& sheet, bool upright, std::vector<Band> bands)
      : sheet_(sheet), upright_(upright), bands_(std::move(bands)) {}

  // Upright bars whose names have no room below them are no upright bars.
  bool names_have_room() const;

  // Pixels along the axis for bars and their labels together.
  double room_along();
  // How many of them a label at the end of a bar takes.
  double length_of(const std::string& label) const;

  // Puts the axis of the values, the names, and the axis of the bands. `before` and `after`: what
  // labels take below the lowest value and above the highest.
  void put_axes(const AxisWish& values, double before, double after, const std::string& column);

  double along(double value) const { return along_(value); }
  double middle(std::size_t band) const { return middles_[band]; }
  double band() const { return band_; }
  // How far marks may reach; beyond are labels.
  double low() const { return low_; }
  double high() const { return high_; }

  // Between two values, around a middle across the axis.
  Rectangle rectangle(double from, double to, double middle, double thick) const;
  Line line(double from, double to, double across_from, double across_to) const;
  void put_baseline();

  // Whether a label has room at the end of a bar that is so thick.
  bool has_room(const std::string& label, double thick) const;
  // At `end`, in pixels along the axis, on the side that is further from zero.
  void put_label(const std::string& label, double end, double middle, bool below_zero);
  // In the middle between two values; false: it has no room there.
  bool put_label_within(const std::string& label, double from, double to, double middle,
                        double thick, Colour colour);

 private:
  void put_upright(const AxisWish& values, double before, double after, const std::string& column);
  void put_lying(const AxisWish& values, double before, double after, const std::string& column);
  void put_names_below(const Area& area);
  double width_of(const std::string& text) const;
  bool notes_have_room() const;

  Sheet& sheet_;
  const bool upright_;
  const std::vector<Band> bands_;
  double names_ = 0;
  Scale along_;
  double low_ = 0, high_ = 0;
  double across_low_ = 0, across_high_ = 0;
  std::vector<double> middles_;
  double band_ = 0;
};

}  // namespace cauce::charts::drawing

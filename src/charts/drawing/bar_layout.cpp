#include "charts/drawing/bar_layout.h"

#include <algorithm>
#include <cmath>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/multiples.h"

namespace cauce::charts::drawing {

namespace {

constexpr double gap = 6;        // between the end of a bar and its label
constexpr double names_gap = 8;  // between two names side by side
constexpr double ticks_room = 60;

}  // namespace

double BarLayout::width_of(const std::string& text) const {
  return sheet_.measure(clean_text(text, 400), sheet_.tick_face()).width;
}

bool BarLayout::names_have_room() const {
  const double room = sheet_.room().width() - (sheet_.multiples() == nullptr ? ticks_room : 0);
  double before = -1e9;
  for (std::size_t index = 0; index < bands_.size(); ++index) {
    if (bands_[index].name.empty()) continue;
    const double middle = (double(index) + 0.5) * room / double(bands_.size());
    const double width =
        sheet_.measure(clean_text(bands_[index].name, 400), sheet_.label_face()).width;
    if (middle - width / 2 < before + names_gap) return false;
    before = middle + width / 2;
  }
  // A single name has the whole width.
  return before < room + ticks_room;
}

bool BarLayout::notes_have_room() const {
  const double width = sheet_.room().width() / double(std::max<std::size_t>(bands_.size(), 1));
  return sheet_.multiples() == nullptr &&
         std::all_of(bands_.begin(), bands_.end(), [&](const Band& band) {
           return !band.note.empty() && width_of(band.note) + names_gap <= width;
         });
}

double BarLayout::room_along() {
  if (upright_) return sheet_.room().height() - lower_axis_height(sheet_, true);
  names_ = width_of_names(sheet_, bands_);
  return sheet_.room().width() - names_ - 8;
}

double BarLayout::length_of(const std::string& label) const {
  return upright_ ? line_height(sheet_) : width_of(label) + gap + 2;
}

void BarLayout::put_axes(const AxisWish& values, double before, double after,
                         const std::string& column) {
  if (upright_) {
    put_upright(values, before, after, column);
  } else {
    put_lying(values, before, after, column);
  }
}

void BarLayout::put_lying(const AxisWish& values, double before, double after,
                          const std::string& column) {
  names_ = width_of_names(sheet_, bands_);
  const double left = sheet_.room().left + names_ + 8;
  along_ = put_lower_axis(sheet_, values, left + before, sheet_.room().right - after);
  low_ = along_.low;
  high_ = along_.high;
  const Area& room = sheet_.room();
  middles_ = middles_of(bands_.size(), room.top, room.bottom);
  put_names(sheet_, bands_, middles_, room.left + names_, names_, column);
  across_low_ = room.top;
  across_high_ = room.bottom;
  band_ = room.height() / double(bands_.size());
}

void BarLayout::put_upright(const AxisWish& values, double before, double after,
                            const std::string& column) {
  const bool notes = notes_have_room();
  if (notes) sheet_.room().bottom -= line_height(sheet_);
  AxisWish wish = values;
  // Labels stand above and below bars: the axis goes on by as much as they need.
  const double above = line_height(sheet_) * (values.labelled ? 1.5 : 0.5) + 4;
  const double height = std::max(
      20.0, sheet_.room().height() - above - lower_axis_height(sheet_, false) - before - after);
  const double per_pixel = (wish.high - wish.low) / height;
  wish.ticks_from = wish.low;
  wish.low -= before * per_pixel;
  wish.high += after * per_pixel;
  const Plot plot = drawing::put_axes(
      sheet_, {ScaleKind::band, 0, double(bands_.size()), column, "", false, false}, wish);
  along_ = plot.y;
  const double per_pixel_drawn = (along_.high - along_.low) / std::max(1.0, plot.area.height());
  low_ = std::min(values.low, along_.low + before * per_pixel_drawn);
  high_ = std::max(values.high, along_.high - after * per_pixel_drawn);
  across_low_ = plot.area.left;
  across_high_ = plot.area.right;
  band_ = plot.area.width() / double(std::max<std::size_t>(bands_.size(), 1));
  middles_ = middles_of(bands_.size(), plot.area.left, plot.area.right);
  if (sheet_.place().lowest) put_names_below(plot.area);
  if (!notes) return;
  for (std::size_t index = 0; index < bands_.size(); ++index) {
    sheet_.centred_text("note", bands_[index].note, sheet_.tick_face(), sheet_.look().muted,
                        middles_[index], plot.area.bottom + label_gap + 1.5 * line_height(sheet_),
                        Anchor::middle, band_ - 2);
  }
}

void BarLayout::put_names_below(const Area& area) {
  for (std::size_t index = 0; index < bands_.size(); ++index) {
    if (bands_[index].name.empty()) continue;
    // A name of a date that stands for its neighbours too is wider than its band.
    const double side = std::min(middles_[index] - sheet_.room_of_page().left,
                                 sheet_.room_of_page().right - middles_[index]);
    sheet_.centred_text("category", bands_[index].name, sheet_.label_face(), sheet_.look().ink,
                        middles_[index], area.bottom + label_gap + line_height(sheet_) / 2,
                        Anchor::middle, 2 * side);
  }
}

Rectangle BarLayout::rectangle(double from, double to, double middle, double thick) const {
  const double start = std::min(along_(from), along_(to));
  const double length = std::abs(along_(to) - along_(from));
  Rectangle rectangle{start, middle - thick / 2, length, thick, {}, {}, 1, {}};
  if (!upright_) return rectangle;
  std::swap(rectangle.x, rectangle.y);
  std::swap(rectangle.width, rectangle.height);
  return rectangle;
}

Line BarLayout::line(double from, double to, double across_from, double across_to) const {
  return upright_ ? Line{across_from, from, across_to, to, {}, 1, {}}
                  : Line{from, across_from, to, across_to, {}, 1, {}};
}

void BarLayout::put_baseline() {
  Line baseline = line(along_(0), along_(0), across_low_, across_high_);
  baseline.colour = sheet_.look().rule;
  baseline.meaning = {"baseline", {}, ""};
  sheet_.add(std::move(baseline));
}

bool BarLayout::has_room(const std::string& label, double thick) const {
  return upright_ ? width_of(label) <= thick : thick >= sheet_.tick_face().size;
}

void BarLayout::put_label(const std::string& label, double end, double middle, bool below_zero) {
  const Colour ink = sheet_.look().ink;
  if (upright_) {
    const double half = line_height(sheet_) / 2;
    sheet_.centred_text("value", label, sheet_.tick_face(), ink, middle,
                        end + (below_zero ? half + 1 : -half - 1), Anchor::middle, 1e9);
    return;
  }
  sheet_.centred_text("value", label, sheet_.tick_face(), ink, end + (below_zero ? -gap : gap),
                      middle, below_zero ? Anchor::end : Anchor::start, 1e9);
}

bool BarLayout::put_label_within(const std::string& label, double from, double to, double middle,
                                 double thick, Colour colour) {
  const double length = std::abs(along_(to) - along_(from));
  const double centre = (along_(from) + along_(to)) / 2;
  const double width = width_of(label) + 6;
  const double height = line_height(sheet_);
  const bool fits =
      upright_ ? width <= thick && height <= length : height <= thick && width <= length;
  if (!fits) return false;
  sheet_.centred_text("value", label, sheet_.tick_face(), colour, upright_ ? middle : centre,
                      upright_ ? centre : middle, Anchor::middle, 1e9);
  return true;
}

}  // namespace cauce::charts::drawing

// The page of a chart: headings above, footer below, and in between the room for the plot, which
// shrinks with everything that is put beside it. All text goes through it, so that it knows what
// was shortened or left out and the footer can say so.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "charts/drawing/scale.h"
#include "charts/drawing/theme.h"
#include "charts/drawing/typesetter.h"
#include "charts/figures.h"

namespace cauce::charts::drawing {

struct Area {
  double left = 0, top = 0, right = 0, bottom = 0;

  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

enum class Anchor { start, middle, end };

struct LegendEntry {
  std::string label;
  Colour colour;
  Shape shape = Shape::square;
  std::string group = "";  // as the marks have it; empty: the label
  double radius = 4.2;     // of its mark
};

struct Multiples;

// Of a panel of small multiples among the others.
struct PanelPlace {
  bool leftmost = true;  // has the labels of the upright axis
  bool lowest = true;    // has those of the lower one
};

class Sheet {
 public:
  // Puts the headings; `figures` and `request` outlive it.
  Sheet(const Figures& figures, const Request& request, Typesetter& typesetter);

  // A panel of `page`: the same look; its room is that of its plot alone, because labels stand
  // beside all panels together.
  Sheet(const Sheet& page, const Figures& figures, const Area& plot, Multiples& multiples,
        PanelPlace place);

  // Of a panel what it shares with the others, else nullptr.
  Multiples* multiples() const { return multiples_; }
  PanelPlace place() const { return place_; }

  // Takes over what a panel has drawn.
  void take(Sheet panel, std::size_t index);
  const std::vector<Item>& items() const { return scene_.items; }
  const std::vector<Axis>& axes() const { return scene_.axes; }
  void replace(std::vector<Item> items) { scene_.items = std::move(items); }

  // Of a panel: whether all panels say yes; else only what is said.
  bool all_agree(std::string_view question, bool yes);

  const Look& look() const { return look_; }
  const Request& request() const { return request_; }
  const Figures& figures() const { return figures_; }
  Typesetter& typesetter() { return typesetter_; }

  // Whether a text is drawn there already.
  bool touches_text(const Area& box) const;
  // The boxes of texts that a line from `start` to `end` would cross, in its direction.
  std::vector<Area> texts_across(bool upright, double at, double start, double end) const;
  // Where text may be: the page without its margins.
  Area room_of_page() const;

  // The room that is left.
  Area& room() { return room_; }

  // Where a text in the first line of the room must end, because another stands there.
  double first_line_end() const { return std::min(room_.right, first_line_end_); }
  void end_first_line(double x) { first_line_end_ = x; }

  // Sizes of text: smaller on small charts.
  Face tick_face() const;
  Face label_face() const;

  Extent measure(std::string_view text, Face face) { return typesetter_.measure(text, face); }

  // One line of clean text, its anchor at x, shortened to width_max. Text that has no room at all
  // is left out and counted.
  void text(std::string_view role, std::string_view text, Face face, Colour colour, double x,
            double baseline, Anchor anchor, double width_max);

  // The same, with its middle height at y.
  void centred_text(std::string_view role, std::string_view text, Face face, Colour colour,
                    double x, double y, Anchor anchor, double width_max);

  void add(Item item) { scene_.items.push_back(std::move(item)); }
  void add_behind(Item item) { scene_.items.insert(scene_.items.begin(), std::move(item)); }
  void add(Axis axis) { scene_.axes.push_back(std::move(axis)); }

  // Rows of marks with their names at the top of the room.
  void legend(const std::vector<LegendEntry>& entries);

  // The words instead of a plot, in the middle of the room; the footer then says that no row is
  // drawn.
  void words_instead(std::string_view text);

  void leave_out_labels(std::size_t count) { labels_left_out_ += count; }
  // A sentence for the footer; once, however often it is said.
  void remark(std::string text);

  // Puts the footer; the sheet is then used up.
  Scene finish();

 private:
  void put_heading();
  void say_contrast();
  double put_lines(std::string_view role, const std::string& text, Face face, Colour colour,
                   double top, std::size_t lines_max);

  const Figures& figures_;
  const Request& request_;
  Typesetter& typesetter_;
  const Look look_;
  const bool compact_;
  const double padding_;
  Area room_;
  Scene scene_;
  std::size_t labels_left_out_ = 0;
  std::size_t unshown_ = 0;  // characters that no font has
  std::size_t footer_lines_ = 1;
  bool words_instead_ = false;
  double first_line_end_ = 1e9;
  Multiples* multiples_ = nullptr;
  PanelPlace place_;
  std::vector<std::string> remarks_;
};

}  // namespace cauce::charts::drawing

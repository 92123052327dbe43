#include "charts/drawing/panels.h"

#include <algorithm>
#include <cmath>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

constexpr double between = 14;
constexpr double grid_width = 0.7;
constexpr double plot_width_min = 44;
constexpr double plot_height_min = 26;
constexpr double names_share_max = 0.22;  // of the page, for the names of bands

struct Grid {
  std::size_t across = 1, down = 1;
};

constexpr double usual_shape = 1.5;  // how much wider than high
constexpr double pairs_shape = 0.9;  // whose cells stand as many below as beside each other

// The one whose panels are nearest to that shape.
Grid grid_of(std::size_t panels, const Area& room, double shape) {
  Grid best;
  double best_error = 1e9;
  for (std::size_t across = 1; across <= panels; ++across) {
    const std::size_t down = (panels + across - 1) / across;
    const double width = room.width() / double(across);
    const double height = std::max(1.0, room.height() / double(down) - 18);
    const double empty = double(across * down - panels) * 0.2;
    const double error = std::abs(std::log(width / height / shape)) + empty;
    if (error >= best_error) continue;
    best_error = error;
    best = {across, down};
  }
  return best;
}

// The first label and one as far from it as has room, before the first of the next panel: on a
// narrow panel two numbers far apart say more than one.
TickLabels thinned(Sheet& sheet, const AxisWish& wish, const Scale& scale) {
  TickLabels ticks = tick_labels(wish.kind, wish.low, wish.high, 3, sheet.request().locale);
  const auto half = [&](std::size_t index) {
    return sheet.measure(ticks.labels[index], sheet.tick_face()).width / 2;
  };
  for (std::size_t second = ticks.values.size(); second-- > 1;) {
    const double begin = scale(ticks.values[0]) - half(0);
    const double end = scale(ticks.values[second]) + half(second);
    const bool apart =
        scale(ticks.values[second]) - half(second) > scale(ticks.values[0]) + half(0) + 8;
    if (!apart || end + 8 > begin + (scale.end - scale.start) + between) continue;
    for (std::size_t index = 1; index < ticks.values.size(); ++index) {
      if (index != second) ticks.labels[index].clear();
    }
    ticks.values.resize(second + 1);
    ticks.labels.resize(second + 1);
    return ticks;
  }
  ticks.values.resize(std::min<std::size_t>(ticks.values.size(), 1));
  ticks.labels.resize(ticks.values.size());
  return ticks;
}

double half_width(Sheet& sheet, const std::string& label) {
  return sheet.measure(label, sheet.tick_face()).width / 2;
}

// Without the last ones when the label of the first tick of the next panel would touch them.
TickLabels labels_beside_the_next(Sheet& sheet, const AxisWish& wish, const Scale& scale) {
  TickLabels ticks = labels_beside_each_other(sheet, wish, scale);
  if (ticks.values.size() < 2) ticks = thinned(sheet, wish, scale);
  const auto half = [&](std::size_t index) { return half_width(sheet, ticks.labels[index]); };
  while (ticks.values.size() > 1) {
    const double begin = scale(ticks.values.front()) - half(0) - scale.start;
    const double end = scale.end - scale(ticks.values.back()) - half(ticks.values.size() - 1);
    if (begin + end + between >= 8 && end + between >= 0) break;
    ticks.values.pop_back();
    ticks.labels.pop_back();
  }
  return ticks;
}

TickLabels labels_within(Sheet& sheet, const AxisWish& wish, const Scale& scale) {
  TickLabels ticks = labels_beside_the_next(sheet, wish, scale);
  const double room = scale.end - scale.start + between - 8;
  if (ticks.values.size() == 1 && 2 * half_width(sheet, ticks.labels[0]) > room) {
    sheet.leave_out_labels(1);
    return {};
  }
  return ticks;
}

void tell(Sheet& sheet, std::string_view name, const AxisWish& wish, const Scale& scale) {
  sheet.add(Axis{name, scale.kind, scale.low, scale.high, scale.start, scale.end, wish.column, ""});
}

void put_x_ticks(Sheet& sheet, const AxisWish& x, const Scale& scale) {
  const Area& area = sheet.room();
  const Look& look = sheet.look();
  const TickLabels ticks = labels_within(sheet, x, scale);
  for (std::size_t index = 0; index < ticks.values.size(); ++index) {
    const double at = scale(ticks.values[index]);
    if (x.grid)
      sheet.add(Line{at, area.top, at, area.bottom, look.grid, grid_width, {"grid", {}, ""}});
    if (!sheet.place().lowest || ticks.labels[index].empty()) continue;
    sheet.centred_text("tick", ticks.labels[index], sheet.tick_face(), look.muted, at,
                       area.bottom + label_gap + line_height(sheet) / 2, Anchor::middle, 1e9);
  }
}

void put_y_ticks(Sheet& sheet, const AxisWish& y, const Scale& scale) {
  const Area& area = sheet.room();
  const Look& look = sheet.look();
  const TickLabels ticks = labels_above_each_other(sheet, y, area);
  for (std::size_t index = 0; index < ticks.values.size(); ++index) {
    const double at = scale(ticks.values[index]);
    if (y.grid)
      sheet.add(Line{area.left, at, area.right, at, look.grid, grid_width, {"grid", {}, ""}});
    if (!sheet.place().leftmost) continue;
    sheet.centred_text("tick", ticks.labels[index], sheet.tick_face(), look.muted,
                       area.left - label_gap, at, Anchor::end, 1e9);
  }
}

// One drawing of small multiples from the first trial to the last panel.
class Layout {
 public:
  Layout(Sheet& page, const std::vector<PanelWish>& panels,
         const std::function<void(Sheet&)>& draw_whole)
      : page_(page), panels_(panels), draw_whole_(draw_whole), shown_(panels.size()) {
    multiples_.panels = panels.size();
    multiples_.names_width_max = page.room().width() * names_share_max;
  }

  void draw() {
    place(page_.room());
    gather();
    put_around();
    place(page_.room());
    leave_out_what_has_no_room();
    gather();
    put_labels();
    multiples_.stage = Multiples::Stage::drawing;
    const std::vector<std::string> titles = titles_that_fit();
    for (std::size_t index = 0; index < shown_; ++index) {
      const Area plot = plot_of(index);
      page_.centred_text("panel", titles[index], title_face(), page_.look().ink, plot.left,
                         plot.top - heading() / 2, Anchor::start, title_room(index));
      Sheet panel{page_, panels_[index].figures, plot, multiples_, place_of(index)};
      panels_[index].draw(panel);
      std::vector<Item> items = panel.items();
      multiples_.group_colours.apply(items);
      panel.replace(std::move(items));
      page_.take(std::move(panel), index);
    }
  }

 private:
  Face title_face() const { return {page_.label_face().size, Weight::bold}; }

  // The names with their rows when there is room for all of them.
  std::vector<std::string> titles_that_fit() {
    std::vector<std::string> names;
    std::vector<std::string> titles;
    bool fit = true;
    for (std::size_t index = 0; index < shown_; ++index) {
      names.push_back(clean_text(panels_[index].name));
      titles.push_back(names.back() + panels_[index].rows);
      fit = fit && page_.measure(titles.back(), title_face()).width <= title_room(index);
    }
    return fit ? titles : names;
  }

  // The last panel of a row that is not full has the labels of ticks at its title's right: those of
  // the panel above its right-hand place.
  double title_room(std::size_t index) {
    const bool beside_ticks = index + 1 == shown_ && shown_ % grid_.across != 0 && index > 0;
    return beside_ticks ? width_ - labels_overhang() : width_;
  }

  // How far labels of ticks may reach from their panel into the one on the left.
  double labels_overhang() {
    const auto x = multiples_.axes.find("x");
    if (x == multiples_.axes.end() || !x->second.labelled) return 0;
    const AxisWish& wish = x->second;
    const Scale scale{wish.kind, wish.low, wish.high, left_ + multiples_.inset_left,
                      left_ + width_ - multiples_.inset_right};
    const TickLabels ticks = labels_beside_the_next(page_, wish, scale);
    double overhang = 0;
    for (std::size_t tick = 0; tick < ticks.values.size(); ++tick) {
      const double left = scale(ticks.values[tick]) - half_width(page_, ticks.labels[tick]);
      overhang = std::max(overhang, left_ + label_gap - between - left);
    }
    return overhang;
  }

  double heading() const { return page_.label_face().size * 1.5; }

  // Divides an area among the panels; labels of axes lie outside of it.
  void place(Area area) {
    area_ = area;
    if (multiples_.axes.contains("x") && !multiples_.axes.at("x").label.empty())
      area_.bottom -= line_height(page_) + 3;
    area_.bottom -= line_height(page_) + label_gap;
    const bool pairs = std::holds_alternative<PairsFigures>(page_.figures().of);
    grid_ = grid_of(shown_, area_, pairs ? pairs_shape : usual_shape);
    height_ = (area_.height() - between * double(grid_.down - 1)) / double(grid_.down) - heading();
    set_left(area_.left);
  }

  void set_left(double left) {
    left_ = left;
    width_ = (area_.right - left_ - between * double(grid_.across - 1)) / double(grid_.across);
  }

  Area plot_of(std::size_t index) const {
    const std::size_t row = index / grid_.across;
    const double left = left_ + double(index % grid_.across) * (width_ + between);
    const double top = area_.top + heading() + double(row) * (height_ + heading() + between);
    return {left, top, left + width_, top + height_};
  }

  PanelPlace place_of(std::size_t index) const {
    return {index % grid_.across == 0, index + grid_.across >= shown_};
  }

  // Tries the whole and each panel.
  void gather() {
    multiples_.axes.clear();
    multiples_.agreed.clear();
    multiples_.bands.reset();
    multiples_.columns.reset();
    multiples_.colours.reset();
    multiples_.inset_left = multiples_.inset_right = multiples_.names_width = 0;
    multiples_.stage = Multiples::Stage::whole;
    const Area plot = plot_of(0);
    Sheet whole{page_, page_.figures(), plot, multiples_, {}};
    draw_whole_(whole);
    multiples_.group_colours.learn(whole.items());
    set_left(area_.left + labels_width());
    multiples_.stage = Multiples::Stage::panels;
    for (std::size_t index = 0; index < shown_; ++index) {
      Sheet panel{page_, panels_[index].figures, plot_of(index), multiples_, {}};
      panels_[index].draw(panel);
    }
    set_left(area_.left + labels_width());
  }

  // Of the names of bands or of the ticks of the upright axis.
  double labels_width() {
    double widest = multiples_.names_width;
    if (const auto y = multiples_.axes.find("y");
        y != multiples_.axes.end() && y->second.labelled) {
      for (const std::string& label : labels_above_each_other(page_, y->second, plot_of(0)).labels)
        widest = std::max(widest, page_.measure(label, page_.tick_face()).width);
    }
    return widest == 0 ? 0 : widest + label_gap + 2;
  }

  // The legend, the scale of colours and the name of the upright axis: above and beside all panels.
  void put_around() {
    if (!multiples_.legend.empty()) page_.legend(multiples_.legend);
    if (multiples_.colours) put_colour_bar(page_, *multiples_.colours, multiples_.colours_label);
    Area& room = page_.room();
    const auto y = multiples_.axes.find("y");
    if (y == multiples_.axes.end() || y->second.label.empty()) return;
    const double line = line_height(page_);
    page_.centred_text("axis-label", y->second.label, page_.tick_face(), page_.look().muted,
                       room.left, room.top + line / 2, Anchor::start,
                       page_.first_line_end() - room.left);
    room.top += line + 4;
  }

  void leave_out_what_has_no_room() {
    while (shown_ > 1 && (width_ < plot_width_min || height_ < plot_height_min)) {
      --shown_;
      place(page_.room());
      set_left(area_.left + labels_width());
    }
    const std::size_t rest = panels_.size() - shown_;
    if (rest == 0) return;
    std::uint64_t rows = 0;
    for (std::size_t index = shown_; index < panels_.size(); ++index)
      rows += panels_[index].figures.rows;
    const Locale locale = page_.request().locale;
    const bool es = locale == Locale::es;
    page_.remark(
        (es ? counted(rest, "panel no cabe: ", "paneles no caben: ", locale)
            : counted(rest, "panel has no room: ", "panels have no room: ", locale)) +
        (es ? counted(rows, "fila", "filas", locale) : counted(rows, "row", "rows", locale)));
  }

  void put_labels() {
    const auto x = multiples_.axes.find("x");
    if (x == multiples_.axes.end() || x->second.label.empty()) return;
    const AxisWish& wish = x->second;
    const TickLabels ticks =
        labels_within(page_, wish, {wish.kind, wish.low, wish.high, left_, left_ + width_});
    const std::string label =
        ticks.context.empty() ? wish.label : wish.label + " (" + ticks.context + ")";
    page_.centred_text("axis-label", label, page_.tick_face(), page_.look().muted,
                       (left_ + area_.right) / 2, page_.room().bottom - line_height(page_) / 2,
                       Anchor::middle, area_.right - left_);
  }

  Sheet& page_;
  const std::vector<PanelWish>& panels_;
  const std::function<void(Sheet&)>& draw_whole_;
  Multiples multiples_;
  std::size_t shown_;
  Grid grid_;
  Area area_;
  double left_ = 0;
  double width_ = 0, height_ = 0;  // of a plot
};

}  // namespace

Plot put_panel_axes(Sheet& sheet, const AxisWish& x_wish, const AxisWish& y_wish) {
  Multiples& multiples = *sheet.multiples();
  const AxisWish x = multiples.shared("x", x_wish);
  const AxisWish y = multiples.shared("y", y_wish);
  const Area& area = sheet.room();
  const Plot plot{area,
                  {x.kind, x.low, x.high, area.left, area.right},
                  {y.kind, y.low, y.high, area.bottom, area.top}};
  if (multiples.stage != Multiples::Stage::drawing) return plot;
  if (x.labelled) put_x_ticks(sheet, x, plot.x);
  if (y.labelled) put_y_ticks(sheet, y, plot.y);
  tell(sheet, "x", x, plot.x);
  tell(sheet, "y", y, plot.y);
  return plot;
}

Scale put_panel_lower_axis(Sheet& sheet, const AxisWish& wish, double left, double right) {
  Multiples& multiples = *sheet.multiples();
  const Area& area = sheet.room();
  if (multiples.stage == Multiples::Stage::panels) {
    multiples.inset_left = std::max(multiples.inset_left, left - area.left);
    multiples.inset_right = std::max(multiples.inset_right, area.right - right);
  }
  const AxisWish x = multiples.shared("x", wish);
  const Scale scale{x.kind, x.low, x.high, area.left + multiples.inset_left,
                    area.right - multiples.inset_right};
  if (multiples.stage != Multiples::Stage::drawing) return scale;
  if (x.labelled) put_x_ticks(sheet, x, scale);
  tell(sheet, "x", x, scale);
  return scale;
}

void put_panels(Sheet& sheet, const std::vector<PanelWish>& panels,
                const std::function<void(Sheet&)>& draw_whole) {
  Layout{sheet, panels, draw_whole}.draw();
}

void draw_small_multiples(Sheet& sheet, const std::function<void(Sheet&)>& draw) {
  const Locale locale = sheet.request().locale;
  std::vector<PanelWish> wishes;
  for (const Panel& panel : sheet.figures().panels) {
    const std::string name = !panel.name.empty()    ? panel.name
                             : locale == Locale::es ? "sin valor"
                                                    : "no value";
    std::function<void(Sheet&)> draw_one = draw;
    if (!panel.degenerate.empty())
      draw_one = [&panel](Sheet& target) {
        target.words_instead(reason_of(panel, target.request()));
      };
    wishes.push_back({clean_text(name), " (" + count_text(panel.figures.rows, locale) + ")",
                      panel.figures, std::move(draw_one)});
  }
  put_panels(sheet, wishes, draw);
}

}  // namespace cauce::charts::drawing

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "charts/drawing/axes.h"
#include "charts/drawing/bands.h"
#include "charts/drawing/cells.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/multiples.h"
#include "charts/drawing/name_order.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

constexpr std::size_t tiles_max = 1'200;  // more cells become a picture
constexpr double shortened_from = 44;     // pixels in which a shortened name still tells something

// One side of the map: its values in the order in which they stand.
struct Side {
  // Indices into the names of the figures; none: only other panels have this value.
  std::vector<std::optional<std::size_t>> order;
  std::vector<std::string> names;  // in this order
};

class HeatMap {
 public:
  HeatMap(Sheet& sheet, const HeatFigures& figures)
      : sheet_(sheet), figures_(figures), locale_(sheet.request().locale) {
    const std::size_t ny = figures.y.size();
    std::vector<std::uint64_t> rows_of_x(figures.x.size());
    std::vector<std::uint64_t> rows_of_y(ny);
    for (std::size_t cell = 0; cell < figures.counts.size(); ++cell) {
      rows_of_x[cell / ny] += figures.counts[cell];
      rows_of_y[cell % ny] += figures.counts[cell];
    }
    x_ = side(figures.x,
              order_of_names(figures.x, rows_of_x, is_time(sheet.figures(), request().x),
                             figures.x_moments),
              &Multiples::columns);
    y_ =
        side(figures.y, order_of_names(figures.y, rows_of_y, is_time(sheet.figures(), request().y)),
             &Multiples::bands);
  }

  void draw() {
    const ColourScale own = scale();
    if (!(own.low <= own.high)) {
      sheet_.words_instead(locale_ == Locale::es ? "Ningún par tiene un valor que dibujar."
                                                 : "No pair has a value that could be drawn.");
      return;
    }
    const ColourScale colours = put_colour_bar(sheet_, own, label_of_heat(figures_, request()));
    const Area area = put_names_around();
    if (figures_.counts.size() <= tiles_max) {
      put_tiles(area, colours);
    } else {
      put_picture(area, colours);
    }
  }

 private:
  const Request& request() const { return sheet_.request(); }

  // In a panel the names of the whole, in its order.
  Side side(const std::vector<std::string>& names, const std::vector<std::size_t>& order,
            std::optional<std::vector<std::string>> Multiples::* of_whole) {
    std::vector<std::string> shown;
    shown.reserve(order.size());
    for (const std::size_t index : order)
      shown.push_back(names[index]);
    if (Multiples* const multiples = sheet_.multiples(); multiples != nullptr) {
      std::optional<std::vector<std::string>>& all = multiples->*of_whole;
      if (!all) all = shown;
      shown = *all;
    }
    std::map<std::string_view, std::size_t> indices;
    for (std::size_t index = 0; index < names.size(); ++index)
      indices[names[index]] = index;
    Side side;
    for (const std::string& name : shown) {
      const auto found = indices.find(name);
      side.order.push_back(found == indices.end() ? std::optional<std::size_t>{} : found->second);
      side.names.push_back(!name.empty()           ? clean_text(name, 400)
                           : locale_ == Locale::es ? "sin valor"
                                                   : "no value");
    }
    return side;
  }

  std::size_t cell_of(std::size_t x, std::size_t y) const {
    return *x_.order[x] * figures_.y.size() + *y_.order[y];
  }

  // NaN: nothing to see.
  double value(std::size_t x, std::size_t y) const {
    if (!x_.order[x] || !y_.order[y]) return std::nan("");
    const std::size_t cell = cell_of(x, y);
    if (!figures_.values.empty()) return figures_.values[cell];
    return figures_.counts[cell] == 0 ? std::nan("") : double(figures_.counts[cell]);
  }

  ColourScale scale() const {
    ColourScale colours{std::numeric_limits<double>::infinity(),
                        -std::numeric_limits<double>::infinity(), false};
    for (std::size_t x = 0; x < x_.order.size(); ++x) {
      for (std::size_t y = 0; y < y_.order.size(); ++y) {
        if (std::isnan(value(x, y))) continue;
        colours.low = std::min(colours.low, value(x, y));
        colours.high = std::max(colours.high, value(x, y));
      }
    }
    return colours;
  }

  // Returns what is left for the cells.
  Area put_names_around() {
    const Dimension x =
        dimension_of(sheet_.figures(), request(), request().x, charts::Scale::linear);
    const Dimension y =
        dimension_of(sheet_.figures(), request(), request().y, charts::Scale::linear);
    const Axis lower{"x", ScaleKind::band, 0, double(x_.names.size()), 0, 0, x.column, ""};
    const Axis upright{"y", ScaleKind::band, 0, double(y_.names.size()), 0, 0, y.column, ""};
    std::vector<Band> bands;
    bands.reserve(y_.names.size());
    for (const std::string& name : y_.names)
      bands.push_back({name, ""});
    const Area area = sheet_.multiples() == nullptr ? area_on_page(bands, x.label, y.label)
                                                    : area_in_panel(bands, x.label, y.label);
    sheet_.add(with_range(lower, area.left, area.right));
    sheet_.add(with_range(upright, area.top, area.bottom));
    return area;
  }

  static Axis with_range(Axis axis, double low, double high) {
    axis.range_low = low;
    axis.range_high = high;
    return axis;
  }

  Area area_on_page(const std::vector<Band>& bands, const std::string& x_label,
                    const std::string& y_label) {
    const double line = line_height(sheet_);
    const Look& look = sheet_.look();
    Area& room = sheet_.room();
    sheet_.centred_text("axis-label", y_label, sheet_.tick_face(), look.muted, room.left,
                        room.top + line / 2, Anchor::start, sheet_.first_line_end() - room.left);
    room.top += line + 6;
    const double names = width_of_names(sheet_, bands);
    const Area area{room.left + names + 8, room.top, room.right,
                    room.bottom - lower_axis_height(sheet_, true)};
    put_y_names(area, names);
    put_x_names(area);
    sheet_.centred_text("axis-label", x_label, sheet_.tick_face(), look.muted,
                        (area.left + area.right) / 2, room.bottom - line / 2, Anchor::middle,
                        area.width());
    return area;
  }

  // The names of the axes stand around all panels.
  Area area_in_panel(const std::vector<Band>& bands, const std::string& x_label,
                     const std::string& y_label) {
    Multiples& multiples = *sheet_.multiples();
    multiples.shared("x", {ScaleKind::band, 0, 1, request().x, x_label, false, false});
    multiples.shared("y", {ScaleKind::band, 0, 1, request().y, y_label, false, false});
    width_of_names(sheet_, bands);
    const Area area = sheet_.room();
    if (multiples.stage != Multiples::Stage::drawing) return area;
    if (sheet_.place().leftmost) put_y_names(area, multiples.names_width);
    if (sheet_.place().lowest) put_x_names(area);
    return area;
  }

  // Every so many that they keep their distance.
  void put_y_names(const Area& area, double width) {
    const double height = area.height() / double(y_.names.size());
    const auto step = std::size_t(std::max(1.0, std::ceil(line_height(sheet_) / height)));
    for (std::size_t index = 0; index < y_.names.size(); ++index) {
      if (index % step != 0) {
        sheet_.leave_out_labels(1);
        continue;
      }
      const double middle = area.top + (double(index) + 0.5) * height;
      sheet_.centred_text("category", y_.names[index], sheet_.tick_face(), sheet_.look().ink,
                          area.left - 8, middle, Anchor::end, width);
    }
  }

  void put_x_names(const Area& area) {
    const double width = area.width() / double(x_.names.size());
    double widest = 0;
    for (const std::string& name : x_.names)
      widest = std::max(widest, sheet_.measure(name, sheet_.tick_face()).width);
    // Shortened names as long as all have room; else fewer, and whole.
    const bool all = std::min(widest, shortened_from) + 8 <= width;
    const double wanted = std::min(widest, area.width() / 3) + 8;
    const auto step = all ? std::size_t{1} : std::size_t(std::max(1.0, std::ceil(wanted / width)));
    for (std::size_t index = 0; index < x_.names.size(); ++index) {
      if (index % step != 0) {
        sheet_.leave_out_labels(1);
        continue;
      }
      const double middle = area.left + (double(index) + 0.5) * width;
      // The first and the last name stay within the sheet.
      const double room =
          2 * std::min(middle - sheet_.room().left, sheet_.room().right + 4 - middle);
      sheet_.centred_text("category", x_.names[index], sheet_.tick_face(), sheet_.look().ink,
                          middle, area.bottom + label_gap + line_height(sheet_) / 2, Anchor::middle,
                          std::min(room, double(step) * width - 6));
    }
  }

  std::string text_of(double value) const { return number_text(value, 3, locale_); }

  // Every cell says its number, or none does.
  bool has_numbers(double width, double height) const {
    if (height < line_height(sheet_) + 2) return false;
    for (std::size_t x = 0; x < x_.order.size(); ++x) {
      for (std::size_t y = 0; y < y_.order.size(); ++y) {
        if (std::isnan(value(x, y))) continue;
        if (sheet_.measure(text_of(value(x, y)), sheet_.tick_face()).width + 6 > width)
          return false;
      }
    }
    return true;
  }

  void put_tiles(const Area& area, const ColourScale& colours) {
    const double width = area.width() / double(x_.names.size());
    const double height = area.height() / double(y_.names.size());
    const double gap = std::min(width, height) > 8 ? 1 : 0;
    const bool numbers = has_numbers(width, height);
    for (std::size_t x = 0; x < x_.order.size(); ++x) {
      for (std::size_t y = 0; y < y_.order.size(); ++y) {
        if (std::isnan(value(x, y))) continue;
        const Colour fill = sequential(colours.share(value(x, y)), request().theme);
        const Area tile{area.left + double(x) * width + gap / 2,
                        area.top + double(y) * height + gap / 2,
                        area.left + double(x + 1) * width - gap / 2,
                        area.top + double(y + 1) * height - gap / 2};
        put_tile(x, y, tile, fill, numbers);
      }
    }
  }

  void put_tile(std::size_t x, std::size_t y, const Area& tile, Colour fill, bool with_number) {
    const std::size_t cell = cell_of(x, y);
    const double shown = value(x, y);
    sheet_.add(
        Rectangle{tile.left,
                  tile.top,
                  tile.width(),
                  tile.height(),
                  fill,
                  {},
                  1,
                  {"cell",
                   {{"data-x", figures_.x[*x_.order[x]]},
                    {"data-y", figures_.y[*y_.order[y]]},
                    {"data-index-x", std::to_string(x)},
                    {"data-index-y", std::to_string(y)},
                    {"data-value", exact_text(shown)},
                    {"data-n", std::to_string(figures_.counts[cell])}},
                   x_.names[x] + ", " + y_.names[y] + ": " + number_text(shown, 5, locale_)}});
    if (!with_number) return;
    sheet_.centred_text("value", text_of(shown), sheet_.tick_face(), text_on(fill),
                        (tile.left + tile.right) / 2, (tile.top + tile.bottom) / 2, Anchor::middle,
                        1e9);
  }

  void put_picture(const Area& area, const ColourScale& colours) {
    const auto nx = std::uint32_t(x_.names.size());
    const auto ny = std::uint32_t(y_.names.size());
    std::vector<double> values;
    for (std::size_t x = 0; x < nx; ++x) {
      // The first name of y stands at the top, the first cell of a raster at the bottom.
      for (std::size_t y = ny; y > 0; --y)
        values.push_back(value(x, y - 1));
    }
    Raster raster = raster_of(values, nx, ny, colours, request().theme);
    raster.x = area.left;
    raster.y = area.top;
    raster.width = area.width();
    raster.height = area.height();
    raster.meaning.attributes = {{"data-nx", std::to_string(nx)}, {"data-ny", std::to_string(ny)}};
    sheet_.add(std::move(raster));
  }

  Sheet& sheet_;
  const HeatFigures& figures_;
  const Locale locale_;
  Side x_;
  Side y_;
};

}  // namespace

void draw(Sheet& sheet, const HeatFigures& figures) {
  HeatMap{sheet, figures}.draw();
}

}  // namespace cauce::charts::drawing

#include <algorithm>
#include <cmath>

#include "charts/drawing/axes.h"
#include "charts/drawing/cells.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/multiples.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/point_looks.h"
#include "charts/drawing/svg.h"

namespace cauce::charts::drawing {

namespace {

constexpr double gap = 7;  // between two panels
constexpr double width_min = 44;
constexpr double height_min = 34;
constexpr double tint_max = 0.42;  // behind a correlation of 1

class PairPlot {
 public:
  PairPlot(Sheet& sheet, const PairsFigures& figures)
      : sheet_(sheet),
        figures_(figures),
        locale_(sheet.request().locale),
        count_(figures.columns.size()),
        looks_(named_looks(
            figures.categories, figures.category_rows,
            sheet.multiples() == nullptr ? nullptr : &sheet.multiples()->colour_names)) {
    for (const PairsColumn& column : figures.columns)
      dimensions_.push_back(
          dimension_of(sheet.figures(), sheet.request(), column.name, charts::Scale::linear));
  }

  void draw() {
    put_legend();
    if (figures_.values.empty()) find_most();
    place();
    if (width_ < width_min || height_ < height_min) {
      const std::string columns = count_text(count_, locale_);
      sheet_.words_instead(
          locale_ == Locale::es
              ? columns + " columnas no caben: tome menos o pida más ancho y alto (width, height)."
              : columns + " columns have no room: take fewer, or ask for more width and height.");
      return;
    }
    for (std::size_t row = 0; row < count_; ++row) {
      for (std::size_t column = 0; column < count_; ++column)
        put_panel(row, column);
    }
  }

 private:
  void put_legend() {
    if (sheet_.request().color.empty()) return;
    std::vector<LegendEntry> entries;
    for (std::size_t index = 0; index < looks_.names.size(); ++index) {
      const std::string& name = looks_.names[index];
      const std::string shown = !name.empty()           ? name
                                : locale_ == Locale::es ? "sin valor"
                                                        : "no value";
      entries.push_back({shown + " (" + count_text(looks_.rows[index], locale_) + ")",
                         sheet_.look().series[index], Shape::circle, name});
    }
    if (looks_.others > 0) {
      entries.push_back({(locale_ == Locale::es ? "otros " : "other ") +
                             count_text(looks_.others, locale_) + " (" +
                             count_text(looks_.rows.back(), locale_) + ")",
                         sheet_.look().neutral, Shape::circle});
    }
    sheet_.legend(entries);
  }

  // Cells of all pairs have one scale of colours.
  void find_most() {
    std::uint64_t most = 1;
    for (const auto& counts : figures_.counts)
      most = std::max(most, *std::max_element(counts.begin(), counts.end()));
    colours_ = put_colour_bar(sheet_, {1, double(most), true},
                              locale_ == Locale::es ? "Filas por celda" : "Rows per cell");
  }

  AxisWish wish_of(std::size_t column) const {
    double low = figures_.columns[column].low;
    double high = figures_.columns[column].high;
    if (low == high) widen(low, high, 0);
    const double margin = figures_.values.empty() ? 0 : 0.05 * (high - low);
    return {dimensions_[column].kind,
            low - margin,
            high + margin,
            figures_.columns[column].name,
            "",
            true,
            true};
  }

  // Room for the labels of ticks at the left and below.
  void place() {
    const Area& room = sheet_.room();
    const double line = line_height(sheet_);
    area_ = room;
    area_.bottom -= line + label_gap;
    // The name of the colour scale has the first line.
    if (figures_.values.empty() && sheet_.multiples() == nullptr) area_.top += line + 4;
    height_ = (area_.height() - gap * double(count_ - 1)) / double(count_);
    double widest = 0;
    for (std::size_t row = 1; row < count_ && height_ > 0; ++row) {
      const Area panel{0, 0, 100, height_};
      for (const std::string& label : labels_above_each_other(sheet_, wish_of(row), panel).labels)
        widest = std::max(widest, sheet_.measure(label, sheet_.tick_face()).width);
    }
    area_.left += widest + label_gap;
    width_ = (area_.width() - gap * double(count_ - 1)) / double(count_);
  }

  Area panel_at(std::size_t row, std::size_t column) const {
    const double left = area_.left + double(column) * (width_ + gap);
    const double top = area_.top + double(row) * (height_ + gap);
    return {left, top, left + width_, top + height_};
  }

  void put_panel(std::size_t row, std::size_t column) {
    const Area panel = panel_at(row, column);
    name_ = std::to_string(row * count_ + column);
    if (column > row) {
      put_correlation(panel, row, column);
      return;
    }
    const AxisWish x = wish_of(column);
    const Scale along{x.kind, x.low, x.high, panel.left, panel.right};
    put_x_ticks(panel, x, along, row + 1 == count_);
    tell("x", x, along);
    if (column == row) {
      put_histogram(panel, column, along);
      return;
    }
    const AxisWish y = wish_of(row);
    const Scale up{y.kind, y.low, y.high, panel.bottom, panel.top};
    put_y_ticks(panel, y, column == 0);
    tell("y", y, up);
    if (figures_.values.empty()) {
      put_cells(row, column, along, up);
    } else {
      put_points(row, column, along, up);
    }
  }

  void tell(std::string_view axis, const AxisWish& wish, const Scale& scale) {
    sheet_.add(
        Axis{axis, scale.kind, scale.low, scale.high, scale.start, scale.end, wish.column, name_});
  }

  Meaning meaning(std::string_view role, Attributes attributes) const {
    attributes.push_back({"data-panel", name_});
    return {role, std::move(attributes), ""};
  }

  void put_x_ticks(const Area& panel, const AxisWish& wish, const Scale& scale, bool labelled) {
    const TickLabels ticks = labels_beside_each_other(sheet_, wish, scale);
    for (std::size_t index = 0; index < ticks.values.size(); ++index) {
      const double x = scale(ticks.values[index]);
      sheet_.add(Line{x, panel.top, x, panel.bottom, sheet_.look().grid, 0.7, meaning("grid", {})});
      if (!labelled) continue;
      const double half = sheet_.measure(ticks.labels[index], sheet_.tick_face()).width / 2;
      // A label that leans out of its panel would touch that of the next one.
      if (x - half < panel.left - gap / 2 + 1 || x + half > panel.right + gap / 2 - 1) {
        sheet_.leave_out_labels(1);
        continue;
      }
      sheet_.centred_text("tick", ticks.labels[index], sheet_.tick_face(), sheet_.look().muted, x,
                          panel.bottom + label_gap + line_height(sheet_) / 2, Anchor::middle, 1e9);
    }
  }

  void put_y_ticks(const Area& panel, const AxisWish& wish, bool labelled) {
    const TickLabels ticks = labels_above_each_other(sheet_, wish, panel);
    const Scale scale{wish.kind, wish.low, wish.high, panel.bottom, panel.top};
    const double half = line_height(sheet_) / 2;
    for (std::size_t index = 0; index < ticks.values.size(); ++index) {
      const double y = scale(ticks.values[index]);
      sheet_.add(Line{panel.left, y, panel.right, y, sheet_.look().grid, 0.7, meaning("grid", {})});
      if (!labelled) continue;
      if (y - half < panel.top - gap / 2 || y + half > panel.bottom + gap / 2) {
        sheet_.leave_out_labels(1);
        continue;
      }
      sheet_.centred_text("tick", ticks.labels[index], sheet_.tick_face(), sheet_.look().muted,
                          panel.left - label_gap, y, Anchor::end, 1e9);
    }
  }

  Colour colour_of(std::size_t category) const {
    const std::uint32_t look = looks_.of[category];
    return look < looks_.names.size() ? sheet_.look().series[look] : sheet_.look().neutral;
  }

  // Below the name of the column.
  void put_histogram(const Area& panel, std::size_t column, const Scale& x) {
    const PairsColumn& of = figures_.columns[column];
    const Face face{sheet_.label_face().size, Weight::bold};
    const double line = face.size * 1.35;
    sheet_.centred_text("panel", words_of_column(of.name, sheet_.request()), face,
                        sheet_.look().ink, (panel.left + panel.right) / 2, panel.top + line / 2,
                        Anchor::middle, panel.width());
    const std::uint64_t most = *std::max_element(of.counts.begin(), of.counts.end());
    const Scale up{ScaleKind::linear, 0, double(std::max<std::uint64_t>(most, 1)), panel.bottom,
                   panel.top + line + 2};
    tell("y", {ScaleKind::linear, 0, up.high, "", ""}, up);
    const double width = (of.high - of.low) / double(figures_.bins);
    for (std::size_t category = 0; category < figures_.categories.size(); ++category) {
      std::vector<Vertex> steps{{x(of.low), up(0)}};
      std::vector<double> counts;
      for (std::uint32_t bin = 0; bin < figures_.bins; ++bin) {
        counts.push_back(double(of.counts[category * figures_.bins + bin]));
        // Of equal values all lie in the one place there is.
        const double from = width > 0 ? x(of.low + width * bin) : panel.left;
        const double to = width > 0 ? x(of.low + width * (bin + 1)) : panel.right;
        steps.push_back({from, up(counts.back())});
        steps.push_back({to, up(counts.back())});
      }
      steps.push_back({steps.back().x, up(0)});
      const Colour colour = colour_of(category);
      sheet_.add(Path{std::move(steps),
                      true,
                      with_alpha(colour, figures_.categories.size() > 1 ? 0.25 : 0.7),
                      colour,
                      1,
                      meaning("steps", {{"data-group", figures_.categories[category]}}),
                      {{"data-values", std::move(counts)}}});
    }
  }

  void put_points(std::size_t row, std::size_t column, const Scale& x, const Scale& y) {
    const std::size_t rows = figures_.category_of.size();
    Cloud cloud{{},
                {},
                rows > 1'000 ? 1.1
                : rows > 200 ? 1.6
                             : 2.2,
                sheet_.look().ground,
                meaning("points", {{"data-n", std::to_string(rows)}})};
    cloud.pictured = rows * count_ * (count_ - 1) / 2 > svg_spots_max;
    if (rows > 1'000) cloud.outline = with_alpha(cloud.outline, 0);
    for (std::size_t category = 0; category < figures_.categories.size(); ++category) {
      cloud.styles.push_back({Shape::circle,
                              with_alpha(colour_of(category), rows > 1'000 ? 0.45 : 0.7),
                              figures_.categories[category]});
    }
    for (std::size_t index = 0; index < rows; ++index) {
      const double at_x = figures_.values[index * count_ + column];
      const double at_y = figures_.values[index * count_ + row];
      cloud.spots.push_back(
          {float(x(at_x)), float(y(at_y)), figures_.category_of[index], at_x, at_y});
    }
    sheet_.add(std::move(cloud));
  }

  // In the order of PairsFigures::pearson; `first` is the earlier column.
  std::size_t pair_of(std::size_t first, std::size_t second) const {
    return first * count_ - first * (first + 1) / 2 + (second - first - 1);
  }

  void put_cells(std::size_t row, std::size_t column, const Scale& x, const Scale& y) {
    const std::vector<std::uint64_t>& counts = figures_.counts[pair_of(column, row)];
    const std::vector<double> values(counts.begin(), counts.end());
    Raster raster =
        raster_of(values, figures_.cells, figures_.cells, colours_, sheet_.request().theme);
    raster.x = x.start;
    raster.y = y.end;
    raster.width = x.end - x.start;
    raster.height = y.start - y.end;
    raster.meaning.attributes = {{"data-nx", std::to_string(figures_.cells)},
                                 {"data-ny", std::to_string(figures_.cells)},
                                 {"data-panel", name_}};
    sheet_.add(std::move(raster));
  }

  void put_correlation(const Area& panel, std::size_t row, std::size_t column) {
    const double pearson = figures_.pearson[pair_of(row, column)];
    const bool none = std::isnan(pearson);
    const Look& look = sheet_.look();
    const double alpha = none ? 0 : std::abs(pearson) * tint_max;
    sheet_.add(
        Rectangle{panel.left,
                  panel.top,
                  panel.width(),
                  panel.height(),
                  over(with_alpha(look.neutral, alpha), look.ground),
                  {},
                  1,
                  meaning("correlation", {{"data-value", none ? "" : exact_text(pearson)}})});
    const Face face{std::clamp(panel.height() / 3, 10.0, 18.0), Weight::bold};
    sheet_.centred_text("value", none ? "–" : fixed_text(pearson, 2, locale_), face, look.ink,
                        (panel.left + panel.right) / 2, (panel.top + panel.bottom) / 2,
                        Anchor::middle, panel.width());
  }

  Sheet& sheet_;
  const PairsFigures& figures_;
  const Locale locale_;
  const std::size_t count_;
  const NamedLooks looks_;
  std::vector<Dimension> dimensions_;
  ColourScale colours_;
  Area area_;
  double width_ = 0, height_ = 0;  // of a panel
  std::string name_;               // of the panel at hand
};

}  // namespace

void draw(Sheet& sheet, const PairsFigures& figures) {
  if (figures.n == 0) {
    sheet.words_instead(sheet.request().locale == Locale::es
                            ? "Ninguna fila tiene todos los valores."
                            : "No row has all values.");
    return;
  }
  PairPlot{sheet, figures}.draw();
}

}  // namespace cauce::charts::drawing

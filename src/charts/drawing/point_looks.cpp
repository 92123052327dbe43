#include "charts/drawing/point_looks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/multiples.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/scale.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

// In the order in which they are told apart most easily.
constexpr std::array<Shape, series_max> shapes{Shape::circle,  Shape::triangle,     Shape::square,
                                               Shape::diamond, Shape::cross,        Shape::saltire,
                                               Shape::star,    Shape::triangle_down};
// Together with a colour five are enough.
constexpr std::array<Shape, 5> shapes_of_colours{Shape::circle, Shape::square, Shape::diamond,
                                                 Shape::triangle, Shape::cross};
constexpr std::uint32_t tint_steps = 64;
// Of the radius: at 14 pixels each is less than 0.6, so a radius is right to 0.3 of a pixel.
constexpr std::uint32_t size_steps = 24;
constexpr std::uint32_t without_size = size_steps + 1;

// The more points, the more of them lie on each other.
double alpha_for(std::size_t points) {
  return points > 5000 ? 0.3 : points > 1500 ? 0.45 : 0.65;
}

double radius_for(std::size_t points) {
  return points > 5000 ? 1.9 : points > 1000 ? 2.5 : 3.4;
}

double largest_radius_for(std::size_t points) {
  return points > 2000 ? 7 : points > 400 ? 10 : 14;
}

std::string name_of_category(const std::string& name, Locale locale) {
  if (!name.empty()) return name;
  return locale == Locale::es ? "sin valor" : "no value";
}

std::string others_name(std::size_t count, Locale locale) {
  return (locale == Locale::es ? "otros " : "other ") + count_text(count, locale);
}

// The largest of all panels.
double common(Sheet& sheet, std::string_view name, double most) {
  if (sheet.multiples() == nullptr) return most;
  return sheet.multiples()->shared(name, {ScaleKind::linear, 0, most, "", ""}).high;
}

}  // namespace

NamedLooks named_looks(const std::vector<std::string>& categories,
                       const std::vector<std::uint64_t>& rows,
                       std::optional<std::vector<std::string>>* of_whole) {
  std::vector<std::size_t> order(categories.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    return rows[one] != rows[other] ? rows[one] > rows[other] : one < other;
  });
  NamedLooks looks;
  const std::size_t named = order.size() <= series_max ? order.size() : series_max - 1;
  for (std::size_t place = 0; place < named; ++place)
    looks.names.push_back(categories[order[place]]);
  if (of_whole != nullptr) {
    if (!*of_whole) *of_whole = looks.names;
    looks.names = **of_whole;
  }
  looks.rows.resize(looks.names.size() + 1);
  for (std::size_t index = 0; index < categories.size(); ++index) {
    const auto found = std::find(looks.names.begin(), looks.names.end(), categories[index]);
    looks.of.push_back(std::uint32_t(found - looks.names.begin()));
    looks.rows[looks.of.back()] += rows[index];
    looks.others += found == looks.names.end() ? 1 : 0;
  }
  return looks;
}

PointLooks::PointLooks(Sheet& sheet, const ScatterFigures& figures)
    : sheet_(sheet),
      figures_(figures),
      tinted_(colours_by_number(sheet.figures(), sheet.request())) {
  const auto points = std::size_t(common(sheet, "points", double(figures.points.size())));
  radius_ = radius_for(points);
  alpha_ = alpha_for(points);
  // Also the largest point at the edge of a small plot stays within the page.
  radius_max_ = std::min(largest_radius_for(points),
                         std::min(sheet.request().width_px, sheet.request().height_px) / 30.0);
  Multiples* const multiples = sheet.multiples();
  colours_ = named_looks(figures.categories, figures.category_rows,
                         multiples == nullptr ? nullptr : &multiples->colour_names);
  shapes_ = named_looks(figures.shapes, figures.shape_rows,
                        multiples == nullptr ? nullptr : &multiples->shape_names);
  for (const Point& point : figures.points)
    size_max_ = std::max(size_max_, std::isnan(point.size) ? 0 : point.size);
  size_max_ = sheet.request().size.empty() ? 0 : common(sheet, "size", size_max_);
  put_colours();
  put_shapes();
  put_sizes();
  if (!legend_.empty()) sheet.legend(legend_);
  // Below the legend: its name stands in the first line that is left.
  if (tinted_) put_tints();
}

void PointLooks::put_colours() {
  const Request& request = sheet_.request();
  if (request.color.empty() || tinted_) return;
  const bool shaped = !figures_.shapes.empty();
  for (std::size_t index = 0; index < colours_.names.size(); ++index) {
    const std::string& name = colours_.names[index];
    legend_.push_back({name_of_category(name, request.locale) + " (" +
                           count_text(colours_.rows[index], request.locale) + ")",
                       sheet_.look().series[index],
                       shaped ? Shape::circle : shapes_of_colours[index % shapes_of_colours.size()],
                       name});
  }
  if (colours_.others == 0) return;
  legend_.push_back({others_name(colours_.others, request.locale) + " (" +
                         count_text(colours_.rows.back(), request.locale) + ")",
                     sheet_.look().neutral, Shape::circle});
}

void PointLooks::put_tints() {
  tints_ = {INFINITY, -INFINITY, false};
  for (const Point& point : figures_.points) {
    if (std::isnan(point.color)) continue;
    tints_.low = std::min(tints_.low, point.color);
    tints_.high = std::max(tints_.high, point.color);
  }
  if (tints_.low <= tints_.high)
    tints_ =
        put_colour_bar(sheet_, tints_, words_of_column(sheet_.request().color, sheet_.request()));
}

void PointLooks::put_shapes() {
  const Request& request = sheet_.request();
  if (figures_.shapes.empty()) return;
  const Colour colour = request.color.empty() ? sheet_.look().series[0] : sheet_.look().muted;
  for (std::size_t index = 0; index < shapes_.names.size(); ++index) {
    legend_.push_back({name_of_category(shapes_.names[index], request.locale) + " (" +
                           count_text(shapes_.rows[index], request.locale) + ")",
                       colour, shapes[index], shapes_.names[index]});
  }
  if (shapes_.others == 0) return;
  legend_.push_back({others_name(shapes_.others, request.locale) + " (" +
                         count_text(shapes_.rows.back(), request.locale) + ")",
                     sheet_.look().neutral, Shape::ring});
}

// Up to three round sizes, the first of them with the name of the column.
void PointLooks::put_sizes() {
  const Request& request = sheet_.request();
  if (request.size.empty()) return;
  std::uint64_t without = 0;
  for (const Point& point : figures_.points)
    without += std::isnan(point.size) ? 1 : 0;
  const std::string words = words_within(request.size, request);
  if (without > 0) {
    sheet_.remark(request.locale == Locale::es
                      ? counted(without, "anillo pequeño: fila sin ",
                                "anillos pequeños: filas sin ", request.locale) +
                            words
                      : counted(without, "small ring: a row without ", "small rings: rows without ",
                                request.locale) +
                            words);
  }
  if (!(size_max_ > 0)) return;
  std::vector<double> sizes;
  for (const double tick : linear_ticks(0, size_max_, 3)) {
    if (tick > 0) sizes.push_back(tick);
  }
  if (sizes.size() > 3) sizes.erase(sizes.begin(), sizes.end() - 3);
  for (const double size : sizes) {
    const std::string number = number_text(size, 4, request.locale);
    legend_.push_back(
        {size == sizes.front() ? words_of_column(request.size, request) + ": " + number : number,
         sheet_.look().muted, Shape::circle, "", radius_max_ * std::sqrt(size / size_max_)});
  }
}

std::uint32_t PointLooks::colour_of(const Point& point) const {
  if (!tinted_) return colours_.of[point.category];
  if (std::isnan(point.color)) return tint_steps;
  return std::uint32_t(std::lround(tints_.share(point.color) * double(tint_steps - 1)));
}

std::uint32_t PointLooks::step_of(const Point& point) const {
  if (sheet_.request().size.empty()) return 0;
  if (std::isnan(point.size)) return without_size;
  const double share = size_max_ > 0 ? std::sqrt(point.size / size_max_) : 1;
  return std::max<std::uint32_t>(1, std::uint32_t(std::lround(share * size_steps)));
}

SpotStyle PointLooks::make_style(std::uint32_t colour, std::uint32_t shape,
                                 std::uint32_t step) const {
  const Look& look = sheet_.look();
  SpotStyle style{Shape::circle, {}, "", "", 0};
  if (tinted_) {
    style.fill =
        colour == tint_steps
            ? look.neutral
            : with_alpha(
                  sequential(double(colour) / double(tint_steps - 1), sheet_.request().theme), 0.8);
    style.shape = colour == tint_steps ? Shape::ring : Shape::circle;
    style.group = colour == tint_steps ? "without colour" : "";
  } else if (colour < colours_.names.size()) {
    style.fill = with_alpha(look.series[colour], alpha_);
    style.shape = shapes_of_colours[colour % shapes_of_colours.size()];
    style.group = colours_.names[colour];
  } else {
    style.fill = with_alpha(look.neutral, alpha_);
    style.group = others_name(colours_.others, sheet_.request().locale) + " (" +
                  count_text(colours_.rows.back(), sheet_.request().locale) + ")";
  }
  if (!figures_.shapes.empty()) {
    const bool named = shape < shapes_.names.size();
    style.shape = named ? shapes[shape] : Shape::ring;
    style.shape_group =
        named ? shapes_.names[shape] : others_name(shapes_.others, sheet_.request().locale);
    if (!named) style.fill = with_alpha(look.neutral, 0.8);
    if (sheet_.request().color.empty()) style.group = style.shape_group;
  }
  if (step == 0) return style;
  style.radius = step == without_size ? radius_for(10'000)
                                      : std::max(1.0, radius_max_ * double(step) / size_steps);
  if (step == without_size) style.shape = Shape::ring;
  return style;
}

std::uint32_t PointLooks::style_of(const Point& point) {
  const std::uint32_t colour = colour_of(point);
  const std::uint32_t shape = figures_.shapes.empty() ? 0 : shapes_.of[point.shape];
  const std::uint32_t step = step_of(point);
  const std::uint32_t key = (colour * 16 + shape) * 32 + step;
  const auto [found, added] = known_.try_emplace(key, std::uint32_t(styles_.size()));
  if (added) styles_.push_back(make_style(colour, shape, step));
  return found->second;
}

}  // namespace cauce::charts::drawing

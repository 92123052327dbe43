#include "charts/drawing/stamps.h"

#include <cairo.h>

#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include "charts/drawing/lay_over.h"

namespace cauce::charts::drawing {

namespace {

struct DestroySurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;

void use(cairo_t* target, Colour colour) {
  cairo_set_source_rgba(target, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0,
                        colour.alpha);
}

void outline_of(cairo_t* target, Shape shape, double x, double y, double radius) {
  cairo_new_path(target);
  if (shape == Shape::circle || shape == Shape::ring) {
    cairo_arc(target, x, y, radius, 0, 2 * std::numbers::pi);
    return;
  }
  for (const Vertex& corner : corners_of(shape, radius))
    cairo_line_to(target, x + corner.x, y + corner.y);
  cairo_close_path(target);
}

// How far the corners of a shape are from its middle, in radii.
double reach_of(Shape shape) {
  return shape == Shape::circle || shape == Shape::ring ? 1 : 1.5;
}

constexpr std::size_t stamped_styles_max = 80;
constexpr int phases = 4;  // of a device pixel, along each side

}  // namespace

// Pictures of one style, one for each phase, made when first needed.
class Stamp {
 public:
  Stamp(const MarkerStyle& style, double ratio)
      : style_(style),
        ratio_(ratio),
        half_(int(std::ceil((style.radius * reach_of(style.shape) + ring_width) * ratio)) + 1) {}

  const MarkerStyle& style() const { return style_; }

  // In device pixels.
  void put(cairo_t* target, double x, double y) {
    const double left = std::floor(x);
    const double top = std::floor(y);
    const int phase_x = std::min(int((x - left) * phases), phases - 1);
    const int phase_y = std::min(int((y - top) * phases), phases - 1);
    lay_over(cairo_get_target(target), picture_at(phase_x, phase_y), int(left) - half_,
             int(top) - half_);
  }

 private:
  cairo_surface_t* picture_at(int phase_x, int phase_y) {
    Surface& picture = pictures_[phase_y * phases + phase_x];
    if (picture) return picture.get();
    const int side = 2 * half_ + 1;
    picture.reset(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, side, side));
    cairo_t* target = cairo_create(picture.get());
    cairo_scale(target, ratio_, ratio_);
    draw_shape(target, style_.shape, (half_ + (phase_x + 0.5) / phases) / ratio_,
               (half_ + (phase_y + 0.5) / phases) / ratio_, style_.radius, style_.fill,
               style_.outline);
    cairo_destroy(target);
    return picture.get();
  }

  const MarkerStyle style_;
  const double ratio_;
  const int half_;
  std::array<Surface, phases * phases> pictures_;
};

std::vector<Vertex> corners_of(Shape shape, double radius) {
  switch (shape) {
    case Shape::circle:
    case Shape::ring: return {};
    case Shape::square: {
      const double half = radius * 0.89;
      return {{-half, -half}, {half, -half}, {half, half}, {-half, half}};
    }
    case Shape::diamond: {
      const double half = radius * 1.25;
      return {{0, -half}, {half, 0}, {0, half}, {-half, 0}};
    }
    case Shape::triangle: {
      const double half = radius * 1.2;
      return {{0, -half}, {half, half * 0.75}, {-half, half * 0.75}};
    }
    case Shape::triangle_down: {
      const double half = radius * 1.2;
      return {{0, half}, {half, -half * 0.75}, {-half, -half * 0.75}};
    }
    case Shape::star: {
      std::vector<Vertex> corners;
      for (int corner = 0; corner < 10; ++corner) {
        const double far = radius * (corner % 2 == 0 ? 1.45 : 0.62);
        const double turn = corner * std::numbers::pi / 5;
        corners.push_back({far * std::sin(turn), -far * std::cos(turn)});
      }
      return corners;
    }
    case Shape::saltire: {
      std::vector<Vertex> corners = corners_of(Shape::cross, radius);
      for (Vertex& corner : corners)
        corner = {(corner.x - corner.y) / std::numbers::sqrt2,
                  (corner.x + corner.y) / std::numbers::sqrt2};
      return corners;
    }
    case Shape::cross: {
      const double arm = radius * 1.2;
      const double half = radius * 0.42;
      return {{-half, -arm}, {half, -arm}, {half, -half}, {arm, -half},
              {arm, half},   {half, half}, {half, arm},   {-half, arm},
              {-half, half}, {-arm, half}, {-arm, -half}, {-half, -half}};
    }
  }
  return {};
}

void draw_shape(cairo_t* target, Shape shape, double x, double y, double radius, Colour fill,
                Colour outline) {
  outline_of(target, shape, x, y, radius);
  if (shape == Shape::ring) {
    use(target, fill);
    cairo_set_line_width(target, ring_width);
    cairo_stroke(target);
    return;
  }
  use(target, fill);
  cairo_fill_preserve(target);
  if (outline.alpha == 0) return;
  use(target, outline);
  cairo_set_line_width(target, outline_width);
  cairo_stroke(target);
}

Stamps::Stamps(cairo_t* target) : target_(target) {
  double unused = 0;
  cairo_user_to_device_distance(target, &ratio_, &unused);
  cairo_user_to_device(target, &left_, &top_);
}

Stamps::~Stamps() = default;

Stamp& Stamps::of(const MarkerStyle& style) {
  for (const auto& stamp : stamps_) {
    if (stamp->style() == style) return *stamp;
  }
  return *stamps_.emplace_back(std::make_unique<Stamp>(style, ratio_));
}

void Stamps::put(const Marker& marker) {
  Stamp& stamp = of({marker.shape, marker.radius, marker.fill, marker.outline});
  stamp.put(target_, left_ + marker.x * ratio_, top_ + marker.y * ratio_);
}

void Stamps::put(const Cloud& cloud) {
  // Of many styles each has few spots: pictures of them would cost more than they save.
  if (cloud.styles.size() > stamped_styles_max) {
    for (const Spot& spot : cloud.spots) {
      const SpotStyle& style = cloud.styles[spot.style];
      draw_shape(target_, style.shape, spot.x, spot.y, cloud.radius_of(style), style.fill,
                 cloud.outline);
    }
    return;
  }
  std::vector<Stamp*> stamps;
  stamps.reserve(cloud.styles.size());
  for (const SpotStyle& style : cloud.styles)
    stamps.push_back(&of({style.shape, cloud.radius_of(style), style.fill, cloud.outline}));
  for (const Spot& spot : cloud.spots)
    stamps[spot.style]->put(target_, left_ + spot.x * ratio_, top_ + spot.y * ratio_);
}

}  // namespace cauce::charts::drawing

#include "charts/drawing/stamps.h"

#include <cairo.h>

#include <array>
#include <cmath>
#include <compare>
#include <cstddef>
#include <map>
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
constexpr int phases = 4;                   // of a device pixel, along each side
constexpr std::size_t bytes_max = 4 << 20;  // of pictures kept; then all are forgotten
constexpr std::size_t styles_max = 1000;    // the same

// What a marker looks like, wherever it stands.
struct Style {
  Shape shape;
  double radius;
  Colour fill;
  Colour outline;
  double ratio;  // device pixels of a CSS pixel

  auto operator<=>(const Style&) const = default;
};

// From places in CSS pixels to those in device pixels.
struct Scale {
  double ratio = 1;
  double left = 0, top = 0;  // of the place (0, 0)

  explicit Scale(cairo_t* target) {
    double unused = 0;
    cairo_user_to_device_distance(target, &ratio, &unused);
    cairo_user_to_device(target, &left, &top);
  }
};

// Pictures of one style, one for each phase, made when first needed.
class Stamp {
 public:
  explicit Stamp(const Style& style)
      : style_(style),
        half_(int(std::ceil((style.radius * reach_of(style.shape) + ring_width) * style.ratio)) +
              1) {}

  // In device pixels. `bytes` grows by those of a picture that had to be made.
  void put(cairo_surface_t* target, double x, double y, std::size_t& bytes) {
    const double left = std::floor(x);
    const double top = std::floor(y);
    const int phase_x = std::min(int((x - left) * phases), phases - 1);
    const int phase_y = std::min(int((y - top) * phases), phases - 1);
    Surface& picture = pictures_[std::size_t(phase_y * phases + phase_x)];
    if (!picture) {
      picture = picture_at(phase_x, phase_y);
      bytes += std::size_t(side()) * std::size_t(side()) * 4;
    }
    lay_over(target, picture.get(), int(left) - half_, int(top) - half_);
  }

 private:
  int side() const { return 2 * half_ + 1; }

  Surface picture_at(int phase_x, int phase_y) const {
    Surface picture{cairo_image_surface_create(CAIRO_FORMAT_ARGB32, side(), side())};
    cairo_t* target = cairo_create(picture.get());
    cairo_scale(target, style_.ratio, style_.ratio);
    draw_shape(target, style_.shape, (half_ + (phase_x + 0.5) / phases) / style_.ratio,
               (half_ + (phase_y + 0.5) / phases) / style_.ratio, style_.radius, style_.fill,
               style_.outline);
    cairo_destroy(target);
    return picture;
  }

  const Style style_;
  const int half_;
  std::array<Surface, phases * phases> pictures_;
};

}  // namespace

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

class Stamps::Kept {
 public:
  Stamp& of(const Style& style) { return stamps_.try_emplace(style, style).first->second; }

  void put(cairo_t* target, const Scale& scale, double x, double y, Stamp& stamp) {
    stamp.put(cairo_get_target(target), scale.left + x * scale.ratio, scale.top + y * scale.ratio,
              bytes_);
  }

  // No stamp holds after this.
  void make_room() {
    if (bytes_ <= bytes_max && stamps_.size() <= styles_max) return;
    stamps_.clear();
    bytes_ = 0;
  }

 private:
  std::map<Style, Stamp> stamps_;
  std::size_t bytes_ = 0;  // of their pictures
};

Stamps::Stamps() : kept_(std::make_unique<Kept>()) {}

Stamps::~Stamps() = default;

void Stamps::put(cairo_t* target, const Marker& marker) {
  const Scale scale{target};
  Stamp& stamp = kept_->of({marker.shape, marker.radius, marker.fill, marker.outline, scale.ratio});
  kept_->put(target, scale, marker.x, marker.y, stamp);
  kept_->make_room();
}

void Stamps::put(cairo_t* target, const Cloud& cloud) {
  // Of many styles each has few spots: pictures of them would cost more than they save.
  if (cloud.styles.size() > stamped_styles_max) {
    for (const Spot& spot : cloud.spots) {
      const SpotStyle& style = cloud.styles[spot.style];
      draw_shape(target, style.shape, spot.x, spot.y, cloud.radius_of(style), style.fill,
                 cloud.outline);
    }
    return;
  }
  const Scale scale{target};
  std::vector<Stamp*> stamps;
  stamps.reserve(cloud.styles.size());
  for (const SpotStyle& style : cloud.styles)
    stamps.push_back(
        &kept_->of({style.shape, cloud.radius_of(style), style.fill, cloud.outline, scale.ratio}));
  for (const Spot& spot : cloud.spots)
    kept_->put(target, scale, spot.x, spot.y, *stamps[spot.style]);
  kept_->make_room();
}

}  // namespace cauce::charts::drawing

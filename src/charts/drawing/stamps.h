// Markers: drawn as outlines where they stay outlines, stamped from one picture of each where they
// become pixels (drawing an outline costs twenty times as much).
#pragma once

#include <memory>
#include <vector>

#include "charts/drawing/scene.h"

struct _cairo;

namespace cauce::charts::drawing {

inline constexpr double outline_width = 0.6;
inline constexpr double ring_width = 1.1;

// Around (0, 0); none of a circle. Shapes of about the same area, so that none looks heavier.
std::vector<Vertex> corners_of(Shape shape, double radius);

void draw_shape(_cairo* target, Shape shape, double x, double y, double radius, Colour fill,
                Colour outline);

// What a marker looks like, wherever it stands.
struct MarkerStyle {
  Shape shape;
  double radius;
  Colour fill;
  Colour outline;

  bool operator==(const MarkerStyle&) const = default;
};

class Stamp;

// Draws markers to an eighth of a device pixel of their places. One picture is made of each style
// and kept as long as this lives; the target is an image, whose scale does not change meanwhile.
class Stamps {
 public:
  explicit Stamps(_cairo* target);
  ~Stamps();
  Stamps(const Stamps&) = delete;
  Stamps& operator=(const Stamps&) = delete;

  void put(const Marker& marker);
  void put(const Cloud& cloud);

 private:
  Stamp& of(const MarkerStyle& style);

  _cairo* const target_;
  double ratio_ = 1;  // device pixels of a CSS pixel
  double left_ = 0;   // device pixels, of the place (0, 0)
  double top_ = 0;
  std::vector<std::unique_ptr<Stamp>> stamps_;
};

}  // namespace cauce::charts::drawing

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

// Draws markers to an eighth of a device pixel of their places. A picture of each style is made
// once and kept for the images to come. One thread at a time.
class Stamps {
 public:
  Stamps();
  ~Stamps();
  Stamps(const Stamps&) = delete;
  Stamps& operator=(const Stamps&) = delete;

  // The target is an image and is scaled evenly.
  void put(_cairo* target, const Marker& marker);
  void put(_cairo* target, const Cloud& cloud);

 private:
  class Kept;
  std::unique_ptr<Kept> kept_;
};

}  // namespace cauce::charts::drawing

// Markers: drawn as outlines where they stay outlines, stamped from one picture of each where they
// become pixels (drawing an outline costs twenty times as much).
#pragma once

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

// All spots of a cloud, each to a sixteenth of a device pixel of its place; the target is an image.
void stamp(_cairo* target, const Cloud& cloud);

}  // namespace cauce::charts::drawing

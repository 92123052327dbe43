// Small pictures and letters laid over an image, pixel by pixel: a call of cairo for each of them
// costs fifty times as much.
#pragma once

#include "charts/drawing/colour.h"

struct _cairo_surface;

namespace cauce::charts::drawing {

// Porter and Duff's "over" (1984). The target has 32 bits a pixel, `picture` has premultiplied
// alpha; what lies outside the target is left out.
void lay_over(_cairo_surface* target, _cairo_surface* picture, int left, int top);

// The same of a colour where `mask`, of 8 bits a pixel, covers it.
void lay_over(_cairo_surface* target, _cairo_surface* mask, Colour colour, int left, int top);

}  // namespace cauce::charts::drawing

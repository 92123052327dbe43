// Letters as pixels, each made once from its outline and then laid over a picture again and again.
// The image backend of cairo 1.16 would put every letter on a whole pixel.
#pragma once

#include <cstdint>
#include <memory>

#include "charts/drawing/colour.h"

struct _cairo;
struct _PangoFont;
struct _PangoGlyphString;

namespace cauce::charts::drawing {

class GlyphMasks {
 public:
  GlyphMasks();
  ~GlyphMasks();
  GlyphMasks(const GlyphMasks&) = delete;
  GlyphMasks& operator=(const GlyphMasks&) = delete;

  // From (x, baseline) to the right, each letter to an eighth of a device pixel of its place. The
  // target is an image and is scaled evenly; the font has outlines.
  void put(_cairo* target, _PangoFont* font, const _PangoGlyphString* glyphs, double x,
           double baseline, Colour colour);

 private:
  class Kept;
  std::unique_ptr<Kept> kept_;
};

}  // namespace cauce::charts::drawing

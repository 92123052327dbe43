// Text measured and drawn with the real font. All sizes are CSS pixels and do not depend on the
// device: glyphs are neither hinted nor put on whole pixels, so that PNG, SVG and PDF agree.
//
// The font is Inter, else DejaVu Sans, opened by themselves, which is quick; text that they cannot
// show goes through all installed fonts. One thread at a time; make one for each thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "charts/drawing/glyph_masks.h"
#include "charts/drawing/scene.h"

struct _cairo;

namespace cauce::charts::drawing {

struct Extent {
  double width = 0, ascent = 0, descent = 0;
};

class Typesetter {
 public:
  Typesetter();
  ~Typesetter();
  Typesetter(const Typesetter&) = delete;
  Typesetter& operator=(const Typesetter&) = delete;

  // Of one line of clean text.
  Extent measure(std::string_view text, Face face);

  // How many of its characters no installed font has.
  std::size_t unshown(std::string_view text, Face face);

  // The text itself when it is at most so wide, else its beginning with an ellipsis; empty when not
  // even one character has room.
  std::string shortened(std::string_view text, Face face, double width_max);

  // Broken at spaces into lines that are at most so wide; the last one is shortened when the text
  // needs more of them.
  std::vector<std::string> wrapped(std::string_view text, Face face, double width_max,
                                   std::size_t lines_max);

  // Each letter to an eighth of a device pixel of its place: for images.
  void fill(_cairo* target, const Text& text);

  // As characters of an embedded font: for PDF.
  void write(_cairo* target, const Text& text);

 private:
  class Fonts;
  std::unique_ptr<Fonts> fonts_;
  GlyphMasks masks_;
};

}  // namespace cauce::charts::drawing

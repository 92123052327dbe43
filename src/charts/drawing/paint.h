// A scene as pixels and as PDF, by Cairo.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "charts/drawing/scene.h"
#include "charts/drawing/stamps.h"
#include "charts/drawing/typesetter.h"

namespace cauce::charts::drawing {

// Row by row from the top; each pixel 0x??RRGGBB.
struct Picture {
  std::uint32_t width = 0, height = 0;
  std::unique_ptr<std::uint32_t[]> row_by_row;

  std::span<const std::uint32_t> pixels() const {
    return {row_by_row.get(), std::size_t{width} * height};
  }
};

// exhausted: no memory for so many pixels.
Result<Picture> paint(const Scene& scene, int ratio, Typesetter& typesetter, Stamps& stamps);

// One page of the scene's size, a CSS pixel being 0.75 points; text is text.
Result<Bytes> write_pdf(const Scene& scene, Typesetter& typesetter);

}  // namespace cauce::charts::drawing

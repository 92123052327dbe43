// A picture of at most 256 colours made of one of more: what antialiasing and overlapping marks
// blend is rounded by less than the eye sees, and the PNG is a third of the size and made in a
// fifth of the time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "charts/drawing/colour.h"

namespace cauce::charts::drawing {

struct IndexedPixels {
  std::vector<std::uint8_t> indices;  // one for each pixel
  std::vector<Colour> colours;        // at most 256, opaque
};

// Pixels 0x??RRGGBB. When they have more than 256 colours, those in `kept` stay exact (at most
// kept_max of them), then those that cover most pixels; any other becomes the nearest of these.
IndexedPixels with_palette(std::span<const std::uint32_t> pixels, std::span<const Colour> kept);

inline constexpr std::size_t kept_max = 160;

}  // namespace cauce::charts::drawing

// PNG (ISO/IEC 15948) of pixels that have a palette, written small and fast.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "charts/drawing/colour.h"

namespace cauce::charts::drawing {

// width * height indices into at most 256 colours, whose alpha is kept; row by row from the top.
// `ratio` is how many device pixels a CSS pixel has.
Bytes encode_png(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> indices,
                 std::span<const Colour> colours, int ratio);

}  // namespace cauce::charts::drawing

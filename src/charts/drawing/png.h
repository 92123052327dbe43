// PNG (ISO/IEC 15948), written small and fast: a palette where there are few colours.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "charts/drawing/colour.h"

namespace cauce::charts::drawing {

// Opaque pixels 0x00RRGGBB, row by row from the top; width * height of them.
Bytes encode_png(std::uint32_t width, std::uint32_t height, std::span<const std::uint32_t> pixels,
                 int ratio);

// Pixels by index into at most 256 colours, whose alpha is kept.
Bytes encode_indexed_png(std::uint32_t width, std::uint32_t height,
                         std::span<const std::uint8_t> indices, std::span<const Colour> colours);

}  // namespace cauce::charts::drawing

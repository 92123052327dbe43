// Colours, and how well one stands out from another.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace cauce::charts::drawing {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
  double alpha = 1;  // 0 to 1

  auto operator<=>(const Colour&) const = default;
};

constexpr Colour hex(std::uint32_t rgb) {
  return {std::uint8_t(rgb >> 16), std::uint8_t(rgb >> 8), std::uint8_t(rgb), 1};
}

constexpr Colour with_alpha(Colour colour, double alpha) {
  colour.alpha = alpha;
  return colour;
}

// "#0072b2"; without the alpha.
std::string to_hex(Colour colour);

// Contrast ratio of two opaque colours, 1 to 21: WCAG 2.1, section 1.4.3.
double contrast(Colour one, Colour other);

// The colour itself when it stands out enough from the ground; else the nearest one of the same hue
// that does, towards black on a light ground and towards white on a dark one.
Colour standing_out(Colour colour, Colour ground, double contrast_min);

// What the eye sees of a colour with alpha on an opaque ground.
Colour over(Colour colour, Colour ground);

// The colour scale "viridis" (Smith and van der Walt 2015), 0 to 1, dark to light; even to the eye
// and to those who see few colours.
Colour viridis(double share);

}  // namespace cauce::charts::drawing

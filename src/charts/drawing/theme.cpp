#include "charts/drawing/theme.h"

#include <algorithm>

namespace cauce::charts::drawing {

namespace {

// Without yellow and black, which no ground suits; two neutral hues close the row.
constexpr std::array<std::uint32_t, series_max> okabe_ito{0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7,
                                                          0x56b4e9, 0xd55e00, 0x7a5195, 0x8c7853};

Look completed(Look look) {
  for (std::size_t index = 0; index < series_max; ++index) {
    look.series[index] = standing_out(hex(okabe_ito[index]), look.ground, mark_contrast_min);
  }
  return look;
}

}  // namespace

const Look& look_of(Theme theme) {
  static const Look light = completed({.ground = hex(0xffffff),
                                       .ink = hex(0x1f2933),
                                       .muted = hex(0x616e7c),
                                       .grid = hex(0xe4e7eb),
                                       .rule = hex(0x9aa5b1),
                                       .neutral = hex(0x7b8794),
                                       .series = {}});
  static const Look dark = completed({.ground = hex(0x12181f),
                                      .ink = hex(0xe8ecf0),
                                      .muted = hex(0xa3aeba),
                                      .grid = hex(0x27313b),
                                      .rule = hex(0x55616d),
                                      .neutral = hex(0x8592a0),
                                      .series = {}});
  static const Look print = completed({.ground = hex(0xffffff),
                                       .ink = hex(0x000000),
                                       .muted = hex(0x404040),
                                       .grid = hex(0xd0d0d0),
                                       .rule = hex(0x606060),
                                       .neutral = hex(0x606060),
                                       .series = {}});
  switch (theme) {
    case Theme::light: return light;
    case Theme::dark: return dark;
    case Theme::print: return print;
  }
  return light;
}

Look look_of(Theme theme, const std::vector<Rgb>& palette) {
  Look look = look_of(theme);
  for (std::size_t index = 0; index < std::min(palette.size(), series_max); ++index)
    look.series[index] = {palette[index].red, palette[index].green, palette[index].blue, 1};
  return look;
}

Colour text_on(Colour fill) {
  const Colour white = hex(0xffffff);
  return contrast(white, fill) >= text_contrast_min ? white : hex(0x000000);
}

Colour text_colour(Colour series, const Look& look) {
  return standing_out(with_alpha(series, 1), look.ground, text_contrast_min);
}

}  // namespace cauce::charts::drawing

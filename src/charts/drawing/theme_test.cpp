#include "charts/drawing/theme.h"

#include <doctest/doctest.h>

#include "charts/drawing/cells.h"

namespace cauce::charts::drawing {

namespace {

constexpr Theme themes[] = {Theme::light, Theme::dark, Theme::print};

TEST_CASE("contrast is that of the standard") {
  CHECK(contrast(hex(0x000000), hex(0xffffff)) == doctest::Approx(21));
  CHECK(contrast(hex(0x777777), hex(0xffffff)) == doctest::Approx(4.48).epsilon(0.01));
  CHECK(contrast(hex(0x0072b2), hex(0x0072b2)) == 1);
}

TEST_CASE("text stands out from its ground by 4.5 in every theme") {
  for (const Theme theme : themes) {
    const Look& look = look_of(theme);
    CHECK(contrast(look.ink, look.ground) >= text_contrast_min);
    CHECK(contrast(look.muted, look.ground) >= text_contrast_min);
    for (const Colour& series : look.series)
      CHECK(contrast(text_colour(series, look), look.ground) >= text_contrast_min);
  }
}

TEST_CASE("marks stand out from their ground by 3 in every theme") {
  for (const Theme theme : themes) {
    const Look& look = look_of(theme);
    CHECK(contrast(look.neutral, look.ground) >= mark_contrast_min);
    for (const Colour& series : look.series)
      CHECK(contrast(series, look.ground) >= mark_contrast_min);
  }
}

TEST_CASE("a colour that stands out already stays as it is") {
  CHECK(standing_out(hex(0x0072b2), hex(0xffffff), 3) == hex(0x0072b2));
  CHECK(standing_out(hex(0xf0e442), hex(0xffffff), 3) != hex(0xf0e442));
}

TEST_CASE("cells on dark ground stand out from it where they are darkest") {
  CHECK(contrast(sequential(0, Theme::dark), look_of(Theme::dark).ground) >= 2.4);
  CHECK(sequential(0, Theme::light) == hex(0x440154));
  CHECK(sequential(1, Theme::dark) == hex(0xfde725));
}

}  // namespace

}  // namespace cauce::charts::drawing

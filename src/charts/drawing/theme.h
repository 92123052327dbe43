// The colours of a chart on a ground: light and dark for screens, print for paper.
#pragma once

#include <array>
#include <vector>

#include "charts/drawing/colour.h"
#include "charts/request.h"

namespace cauce::charts::drawing {

inline constexpr double text_contrast_min = 4.5;  // WCAG 2.1, 1.4.3
inline constexpr double mark_contrast_min = 3.0;  // WCAG 2.1, 1.4.11

inline constexpr std::size_t series_max = 8;  // colours that the eye still tells apart

struct Look {
  Colour ground;
  Colour ink;      // titles, names, values
  Colour muted;    // subtitles, ticks, footers
  Colour grid;     // quiet: it may stand out less than a mark
  Colour rule;     // a baseline
  Colour neutral;  // a mark without a category: whiskers, "other"
  // Okabe and Ito 2008, each moved until it stands out from the ground by mark_contrast_min.
  std::array<Colour, series_max> series;
};

const Look& look_of(Theme theme);

// The same with other colours for the first series, as they are.
Look look_of(Theme theme, const std::vector<Rgb>& palette);

// Black or white, whichever stands out from a filled mark; one of them always does.
Colour text_on(Colour fill);

// The colour for words about a series.
Colour text_colour(Colour series, const Look& look);

}  // namespace cauce::charts::drawing

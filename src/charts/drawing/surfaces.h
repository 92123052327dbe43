// What a density of two columns is drawn by, for the drawing and for the words about it.
#pragma once

#include <array>
#include <vector>

#include "charts/figures.h"

namespace cauce::charts::drawing {

// Of the density's own mass, inside of one contour each (highest density regions, Hyndman 1996).
inline constexpr std::array<double, 7> contour_shares{0.95, 0.8, 0.65, 0.5, 0.35, 0.2, 0.05};

// The density at the contour of each share, ascending.
std::vector<double> contour_levels(const SurfaceFigures& figures);

// The highest place: x and y in the numbers of the figures.
BandPoint peak_of(const SurfaceFigures& figures);

}  // namespace cauce::charts::drawing

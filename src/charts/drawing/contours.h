// Closed lines of equal height on a grid.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "charts/drawing/scene.h"

namespace cauce::charts::drawing {

// Around what lies at or above a level, or, of a hole, around what lies below it inside of that.
struct Ring {
  std::vector<Vertex> vertices;  // in steps of the grid, from its lower left; not closed twice
  bool is_hole = false;
  double area = 0;  // in cells of the grid, above 0
};

// Marching squares with linear interpolation (Lorensen and Cline 1987 in two dimensions); at a
// saddle the mean of the four corners decides. Beyond the grid all is below the level, so every
// line is closed. nx * ny heights, x-major; at least 2 to each side. Largest rings first.
std::vector<Ring> rings_of(std::span<const double> heights, std::uint32_t nx, std::uint32_t ny,
                           double level);

}  // namespace cauce::charts::drawing

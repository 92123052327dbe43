// A path with no more vertices than a picture of pixels can show.
#pragma once

#include <vector>

#include "charts/drawing/scene.h"

namespace cauce::charts::drawing {

// Leaves out vertices in between as long as each of them is at most `distance` from the straight
// line that is drawn instead. The first and the last one stay, and so does every turn back. One
// pass, by the cone of directions that keep within the distance of all that is left out (Williams
// 1978, "An efficient algorithm for the piecewise linear approximation of planar curves").
std::vector<Vertex> thinned(const std::vector<Vertex>& vertices, double distance);

}  // namespace cauce::charts::drawing

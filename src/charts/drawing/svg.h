// A scene as SVG 1.1: text stays text, each mark tells its numbers in data attributes, and the axes
// their domain and range:
//
//   <g data-axis="x" data-scale="linear" data-domain="0,230" data-range="64,690"/>
//   <rect data-role="bar" data-group="Japan" data-value="30.45" data-n="79" x=… />
//
// Nothing of a user ends up outside quoted attributes and character data, and there is no script.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "charts/drawing/scene.h"

namespace cauce::charts::drawing {

// Points that are written one by one; more of them become a picture inside the SVG, which then
// stays below 300 KB whatever the number of rows.
inline constexpr std::size_t svg_spots_max = 2'000;

Result<Bytes> write_svg(const Scene& scene);

// Text for XML: markup escaped, and what XML 1.0 cannot hold replaced.
std::string escaped(std::string_view text);

}  // namespace cauce::charts::drawing

#include "charts/drawing/curve_labels.h"

#include <algorithm>
#include <cmath>

namespace cauce::charts::drawing {

namespace {

constexpr double distance = 4;  // kept from every curve and label

Face face_of(Sheet& sheet) {
  return {sheet.label_face().size, Weight::bold};
}

bool overlap(const Area& a, const Area& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

// A polyline whose points lie close to each other: the box of each piece is enough.
bool touches(const std::vector<Vertex>& curve, const Area& box) {
  for (std::size_t index = 0; index + 1 < curve.size(); ++index) {
    const Vertex& a = curve[index];
    const Vertex& b = curve[index + 1];
    const Area piece{std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x) + 1e-6,
                     std::max(a.y, b.y) + 1e-6};
    if (overlap(piece, box)) return true;
  }
  return false;
}

// Whether some of the box lies below the curve, down to where it ends.
bool lies_below(const std::vector<Vertex>& curve, const Area& box) {
  return std::any_of(curve.begin(), curve.end(), [&](const Vertex& vertex) {
    return vertex.x > box.left && vertex.x < box.right && vertex.y < box.bottom;
  });
}

struct Candidate {
  double left, bottom;
};

// Above the peak, then beside the flanks from the top down; of a curve that rises to its end also
// below it, where its upper edge leaves the curve.
std::vector<Candidate> candidates(const std::vector<Vertex>& curve, double width, double height) {
  const auto peak = std::min_element(curve.begin(), curve.end(),
                                     [](const Vertex& a, const Vertex& b) { return a.y < b.y; });
  std::vector<Candidate> places{{peak->x - width / 2, peak->y - distance}};
  const double floor = std::max(curve.front().y, curve.back().y);
  const bool rises = curve.back().y <= peak->y;
  for (const double share : {0.04, 0.1, 0.18, 0.28, 0.4, 0.52, 0.64, 0.76}) {
    const double bottom = peak->y + (floor - peak->y) * share + height / 2;
    // The flank is farthest out at the lower edge of the label.
    const auto below = [&](const Vertex& vertex) { return vertex.y <= bottom + distance; };
    const auto right = std::find_if(std::make_reverse_iterator(curve.end()),
                                    std::make_reverse_iterator(peak), below);
    if (right != std::make_reverse_iterator(peak))
      places.push_back({right->x + distance + 3, bottom});
    const auto left = std::find_if(curve.begin(), peak, below);
    places.push_back({left->x - width - distance - 3, bottom});
    if (!rises) continue;
    const auto above = std::find_if(curve.rbegin(), curve.rend(), [&](const Vertex& vertex) {
      return vertex.y >= bottom - height - distance;
    });
    if (above != curve.rend()) places.push_back({above->x + distance + 3, bottom});
  }
  return places;
}

}  // namespace

bool place_names(Sheet& sheet, const Area& area, std::vector<CurveName>& names) {
  std::vector<Area> taken;
  for (CurveName& name : names) {
    if (name.label.empty()) continue;
    const Extent extent = sheet.measure(name.label, face_of(sheet));
    const double height = extent.ascent + extent.descent;
    bool placed = false;
    for (const Candidate& place : candidates(name.curve, extent.width, height)) {
      const Area box{place.left - distance, place.bottom - height,
                     place.left + extent.width + distance, place.bottom};
      if (box.left < area.left || box.right > area.right + 10 || box.top < area.top - 8) continue;
      const bool free = std::none_of(taken.begin(), taken.end(),
                                     [&](const Area& other) { return overlap(box, other); }) &&
                        std::none_of(names.begin(), names.end(), [&](const CurveName& other) {
                          return touches(other.curve, box) ||
                                 (other.filled && &other != &name && lies_below(other.curve, box));
                        });
      if (!free) continue;
      taken.push_back(box);
      name.x = place.left + extent.width / 2;
      name.baseline = place.bottom - extent.descent;
      placed = true;
      break;
    }
    if (!placed) return false;
  }
  return true;
}

void put_curve_names(Sheet& sheet, const std::vector<CurveName>& names) {
  for (const CurveName& name : names) {
    if (name.label.empty()) continue;
    sheet.text("curve-name", name.label, face_of(sheet), name.colour, name.x, name.baseline,
               Anchor::middle, 1e9);
  }
}

}  // namespace cauce::charts::drawing

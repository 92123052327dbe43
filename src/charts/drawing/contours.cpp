#include "charts/drawing/contours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace cauce::charts::drawing {

namespace {

// A side of a cell, by the node at its lower left end; every side has one number.
using Side = std::uint64_t;

// The grid with a border of nodes around it that are below every level.
class Field {
 public:
  Field(std::span<const double> heights, std::uint32_t nx, std::uint32_t ny, double level)
      : heights_(heights), nx_(nx), ny_(ny), level_(level) {}

  // From -1 to nx or ny.
  double above(int x, int y) const {
    if (x < 0 || y < 0 || x >= int(nx_) || y >= int(ny_)) return outside;
    const double apart = heights_[std::size_t(x) * ny_ + std::size_t(y)] - level_;
    // Exactly at the level counts as above it, so that no line goes through a node.
    return apart >= 0 ? std::max(apart, 1e-300) : apart;
  }

  Side side(int x, int y, bool upright) const {
    return (std::uint64_t(x + 1) * (ny_ + 2) + std::uint64_t(y + 1)) * 2 + (upright ? 1 : 0);
  }

  // Where the line crosses a side; next to the border at the grid's own edge.
  Vertex crossing(Side side) const {
    const bool upright = side % 2 == 1;
    const int x = int(side / 2 / (ny_ + 2)) - 1;
    const int y = int(side / 2 % (ny_ + 2)) - 1;
    const double one = above(x, y);
    const double other = upright ? above(x, y + 1) : above(x + 1, y);
    double share = one / (one - other);
    if (one == outside) share = 1;
    if (other == outside) share = 0;
    return upright ? Vertex{double(x), double(y) + share} : Vertex{double(x) + share, double(y)};
  }

  int columns() const { return int(nx_); }
  int rows() const { return int(ny_); }

 private:
  static constexpr double outside = -1e308;

  std::span<const double> heights_;
  const std::uint32_t nx_, ny_;
  const double level_;
};

// Pieces of lines from one side to another, what is above the level on their left.
using Pieces = std::map<Side, Side>;

void add_pieces(const Field& field, int x, int y, Pieces& pieces) {
  const std::array<double, 4> corners{field.above(x, y), field.above(x + 1, y),
                                      field.above(x + 1, y + 1), field.above(x, y + 1)};
  // Counterclockwise: lower, right, upper, left; side k lies between the corners k and k + 1.
  const std::array<Side, 4> sides{field.side(x, y, false), field.side(x + 1, y, true),
                                  field.side(x, y + 1, false), field.side(x, y, true)};
  // A line leaves a cell where the corners go from above to below, and enters where they go from
  // below to above.
  std::array<int, 2> leaves{-1, -1};
  std::array<int, 2> enters{-1, -1};
  int count = 0;
  int entered = 0;
  for (int side = 0; side < 4; ++side) {
    const bool first = corners[std::size_t(side)] > 0;
    const bool second = corners[std::size_t(side + 1) % 4] > 0;
    if (first && !second) leaves[std::size_t(count++)] = side;
    if (!first && second) enters[std::size_t(entered++)] = side;
  }
  const auto add = [&](int from, int to) {
    pieces.emplace(sides[std::size_t(from)], sides[std::size_t(to)]);
  };
  if (count == 1) add(leaves[0], enters[0]);
  if (count < 2) return;
  const bool joined = corners[0] + corners[1] + corners[2] + corners[3] > 0;
  // Joined, the two corners above are one region: each line cuts off a corner below.
  for (const int leave : leaves)
    add(leave, joined ? (leave + 1) % 4 : (leave + 3) % 4);
}

double signed_area(const std::vector<Vertex>& vertices) {
  double twice = 0;
  for (std::size_t index = 0; index < vertices.size(); ++index) {
    const Vertex& one = vertices[index];
    const Vertex& other = vertices[(index + 1) % vertices.size()];
    twice += one.x * other.y - other.x * one.y;
  }
  return twice / 2;
}

}  // namespace

std::vector<Ring> rings_of(std::span<const double> heights, std::uint32_t nx, std::uint32_t ny,
                           double level) {
  const Field field{heights, nx, ny, level};
  Pieces pieces;
  for (int x = -1; x < field.columns(); ++x) {
    for (int y = -1; y < field.rows(); ++y)
      add_pieces(field, x, y, pieces);
  }
  std::vector<Ring> rings;
  while (!pieces.empty()) {
    Ring ring;
    Side at = pieces.begin()->first;
    for (auto piece = pieces.find(at); piece != pieces.end(); piece = pieces.find(at)) {
      ring.vertices.push_back(field.crossing(at));
      at = piece->second;
      pieces.erase(piece);
    }
    const double area = signed_area(ring.vertices);
    ring.is_hole = area < 0;
    ring.area = std::abs(area);
    if (ring.area > 0) rings.push_back(std::move(ring));
  }
  std::stable_sort(rings.begin(), rings.end(),
                   [](const Ring& one, const Ring& other) { return one.area > other.area; });
  return rings;
}

}  // namespace cauce::charts::drawing

#include "charts/drawing/thinned.h"

#include <cmath>

namespace cauce::charts::drawing {

namespace {

// The directions from an anchor in which a line passes all vertices so far within the distance.
// Its edges are at most a quarter turn from its middle, so a cross product tells the side.
class Cone {
 public:
  explicit Cone(double distance) : distance_(distance) {}

  void start(Vertex anchor) {
    anchor_ = anchor;
    open_ = true;
    reach_ = 0;
  }

  // Whether the line to `vertex` passes all that was taken, and goes on away from the anchor.
  bool holds(Vertex vertex) const {
    const Vertex to = from_anchor(vertex);
    if (length(to) < reach_) return false;
    return open_ || (cross(low_, to) >= 0 && cross(to, high_) >= 0 && dot(low_, to) > 0);
  }

  // `vertex` may be left out from now on.
  void take(Vertex vertex) {
    const Vertex to = from_anchor(vertex);
    reach_ = length(to);
    if (reach_ <= distance_) return;
    const double sine = distance_ / reach_;
    const double cosine = std::sqrt(1 - sine * sine);
    const Vertex low{to.x * cosine + to.y * sine, to.y * cosine - to.x * sine};
    const Vertex high{to.x * cosine - to.y * sine, to.y * cosine + to.x * sine};
    if (open_ || cross(low_, low) > 0) low_ = low;
    if (open_ || cross(high, high_) > 0) high_ = high;
    open_ = false;
  }

 private:
  Vertex from_anchor(Vertex vertex) const { return {vertex.x - anchor_.x, vertex.y - anchor_.y}; }
  static double length(Vertex vector) { return std::sqrt(dot(vector, vector)); }
  static double cross(Vertex a, Vertex b) { return a.x * b.y - a.y * b.x; }
  static double dot(Vertex a, Vertex b) { return a.x * b.x + a.y * b.y; }

  double distance_;
  Vertex anchor_{};
  Vertex low_{};
  Vertex high_{};
  double reach_ = 0;  // of the vertex taken last
  bool open_ = true;  // every direction is still allowed
};

}  // namespace

std::vector<Vertex> thinned(const std::vector<Vertex>& vertices, double distance) {
  if (vertices.size() < 3) return vertices;
  std::vector<Vertex> kept{vertices.front()};
  Cone cone{distance};
  cone.start(vertices.front());
  for (std::size_t index = 1; index < vertices.size(); ++index) {
    if (!cone.holds(vertices[index])) {
      kept.push_back(vertices[index - 1]);
      cone.start(vertices[index - 1]);
    }
    cone.take(vertices[index]);
  }
  kept.push_back(vertices.back());
  return kept;
}

}  // namespace cauce::charts::drawing

#include "charts/drawing/thinned.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace cauce::charts::drawing {

namespace {

double distance_to(Vertex point, Vertex from, Vertex to) {
  const double across = to.x - from.x;
  const double down = to.y - from.y;
  const double square = across * across + down * down;
  double along = ((point.x - from.x) * across + (point.y - from.y) * down) / square;
  along = square > 0 ? std::clamp(along, 0.0, 1.0) : 0;
  return std::hypot(point.x - from.x - along * across, point.y - from.y - along * down);
}

// How far the vertices are from the path that is drawn instead of them, at most.
double farthest(const std::vector<Vertex>& vertices, const std::vector<Vertex>& drawn) {
  double most = 0;
  std::size_t part = 0;
  for (const Vertex& vertex : vertices) {
    // The parts follow the vertices in order.
    while (part + 2 < drawn.size() && distance_to(vertex, drawn[part], drawn[part + 1]) >
                                          distance_to(vertex, drawn[part + 1], drawn[part + 2]))
      ++part;
    most = std::max(most, distance_to(vertex, drawn[part], drawn[part + 1]));
  }
  return most;
}

TEST_CASE("a smooth curve keeps within the distance with a fraction of its vertices") {
  std::vector<Vertex> curve;
  for (int at = 0; at <= 511; ++at) {
    const double place = at / 511.0 * 6 - 3;
    curve.push_back({at * 1.2, 300 - 250 * std::exp(-place * place / 2)});
  }
  const std::vector<Vertex> drawn = thinned(curve, 0.02);
  CHECK(drawn.size() < curve.size() / 3);
  CHECK(farthest(curve, drawn) <= 0.02 + 1e-9);
  CHECK(drawn.front().x == curve.front().x);
  CHECK(drawn.back().x == curve.back().x);
}

TEST_CASE("a walk at random loses nothing that is farther away than the distance") {
  std::mt19937_64 random{7};
  std::normal_distribution<double> step{0, 1};
  for (int round = 0; round < 200; ++round) {
    std::vector<Vertex> walk{{0, 0}};
    for (int at = 0; at < 300; ++at)
      walk.push_back({walk.back().x + std::fabs(step(random)), walk.back().y + step(random)});
    CHECK(farthest(walk, thinned(walk, 0.5)) <= 0.5 + 1e-9);
  }
}

TEST_CASE("a straight line is its ends, and a turn back is kept") {
  const std::vector<Vertex> there{{0, 0}, {1, 1}, {2, 2}, {5, 5}};
  CHECK(thinned(there, 0.01).size() == 2);
  const std::vector<Vertex> and_back{{0, 0}, {5, 5}, {3, 3}, {0, 0}};
  const std::vector<Vertex> drawn = thinned(and_back, 0.01);
  REQUIRE(drawn.size() == 3);
  CHECK(drawn[1].x == 5);
}

TEST_CASE("one vertex, two, and the same one many times") {
  CHECK(thinned({{1, 2}}, 1).size() == 1);
  CHECK(thinned({{1, 2}, {3, 4}}, 1).size() == 2);
  CHECK(thinned(std::vector<Vertex>(10, {1, 2}), 1).size() == 2);
  CHECK(thinned({}, 1).empty());
}

}  // namespace

}  // namespace cauce::charts::drawing

#include "recent/aggregate.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace cauce::recent {
namespace {

const Time start = *parse_time("2026-11-21T12:00:00Z");

// One value a second.
std::vector<Point> points_of(const std::vector<record::Value>& values) {
  std::vector<Point> points;
  for (const record::Value& value : values) {
    const auto second = std::chrono::seconds{points.size()};
    points.push_back({start + second, value, record::Quality::good, {}});
  }
  return points;
}

Aggregate minute_of(const std::vector<record::Value>& values) {
  return aggregate_minute(start, points_of(values));
}

// Expected values are from Python's fractions.Fraction, rounded once at the end.
bool close_to(double value, double expected) {
  return std::abs(value - expected) <= 1e-14 * std::abs(expected);
}

}  // namespace

TEST_CASE("a minute has the numbers that exact arithmetic gives") {
  const Aggregate minute = minute_of({21.5, 21.75, -3.25, 1000000.125, 0.1, 0.2, 0.1 + 0.2});
  CHECK(minute.start == start);
  CHECK(minute.count == 7);
  CHECK(minute.min == -3.25);
  CHECK(minute.max == 1000000.125);
  CHECK(close_to(minute.mean, 142862.96071428573));
  CHECK(close_to(minute.deviation, 377961.9628431918));
  CHECK(close_to(minute.m2, 857131472137.6698));
  CHECK(minute.first == 21.5);
  CHECK(minute.last == 0.1 + 0.2);
  CHECK(minute.first_time == start);
  CHECK(minute.last_time == start + std::chrono::seconds{6});
}

TEST_CASE("large values with small differences keep their deviation") {
  const Aggregate minute = minute_of({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
  CHECK(minute.mean == 1e9 + 10);
  CHECK(close_to(minute.deviation, 5.477225575051661));
}

TEST_CASE("one value has no deviation, none has no aggregate") {
  const Aggregate one = minute_of({-7.25});
  CHECK(one.count == 1);
  CHECK(one.mean == -7.25);
  CHECK(one.deviation == 0);
  CHECK(one.first_time == one.last_time);
  CHECK(minute_of({}).count == 0);
}

TEST_CASE("texts and booleans are passed over, bad quality is not") {
  auto points = points_of({std::string{"on"}, 2.0, true, 4.0, false});
  points[3].quality = record::Quality::bad;
  const Aggregate minute = aggregate_minute(start, points);
  CHECK(minute.count == 2);
  CHECK(minute.mean == 3);
  CHECK(minute.first_time == start + std::chrono::seconds{1});
  CHECK(minute.last_time == start + std::chrono::seconds{3});
  CHECK(minute_of({std::string{"on"}, true}).count == 0);
}

TEST_CASE("an hour has the numbers of all values of its minutes, computed exactly") {
  const std::vector<std::vector<record::Value>> values{
      {10.0, 12.5, 11.0}, {}, {1e9 + 1, 1e9 + 2, 1e9 + 4}, {-7.25}, {0.1, 0.1, 0.1, 0.7}};
  std::vector<Aggregate> minutes;
  for (const auto& minute : values) {
    Aggregate aggregate = minute_of(minute);
    const auto shift = std::chrono::minutes{minutes.size()};
    aggregate.start += shift;
    aggregate.first_time += shift;
    aggregate.last_time += shift;
    minutes.push_back(aggregate);
  }
  const Aggregate hour = aggregate_parts(start, minutes);
  CHECK(hour.start == start);
  CHECK(hour.count == 11);
  CHECK(hour.min == -7.25);
  CHECK(hour.max == 1e9 + 4);
  CHECK(close_to(hour.mean, 272727275.84090906));
  CHECK(close_to(hour.deviation, 467099365.99575514));
  CHECK(hour.sketch.count() == 11);
  CHECK(hour.percentile(50) == doctest::Approx(10.0).epsilon(Sketch::relative_error));
  CHECK(hour.percentile(95) == hour.max);
  CHECK(hour.first == 10);
  CHECK(hour.first_time == start);
  CHECK(hour.last == 0.7);
  CHECK(hour.last_time == start + std::chrono::minutes{4} + std::chrono::seconds{3});
  CHECK(aggregate_parts(start, {}).count == 0);
}

TEST_CASE("an hour of one minute is that minute") {
  Aggregate minute = minute_of({1.5, 2.5, 9.75});
  minute.start += std::chrono::minutes{7};
  Aggregate expected = minute;
  expected.start = start;
  CHECK(aggregate_parts(start, {minute}) == expected);
}

TEST_CASE("merging the first parts beforehand changes no bit") {
  std::vector<Aggregate> parts;
  for (int part = 0; part < 15; ++part) {
    parts.push_back(minute_of({0.1 * part, 1e6 / (part + 3), -7.0 * part}));
    parts.back().start += std::chrono::minutes{part};
  }
  const Aggregate whole = aggregate_parts(start, parts);
  for (std::size_t first = 1; first < parts.size(); ++first) {
    const auto middle = parts.begin() + std::ptrdiff_t(first);
    std::vector<Aggregate> fewer{aggregate_parts(start, {parts.begin(), middle})};
    fewer.insert(fewer.end(), middle, parts.end());
    CHECK(aggregate_parts(start, fewer) == whole);
  }
}

TEST_CASE("percentiles do not leave the range of what was measured") {
  CHECK(minute_of({21.37}).percentile(50) == 21.37);
  const Aggregate minute = minute_of({-3.0, -2.99, 0.0, 5.01, 5.0});
  CHECK(minute.percentile(1) == -3.0);
  CHECK(minute.percentile(50) == 0);
  CHECK(minute.percentile(100) == doctest::Approx(5.01).epsilon(Sketch::relative_error));
  CHECK(minute_of({-3.0, 0.0, 5.01}).percentile(100) <= 5.01);
}

TEST_CASE("values at the end of a double's range give no infinity and no NaN") {
  constexpr double end = std::numeric_limits<double>::max();
  for (const auto& values : std::vector<std::vector<record::Value>>{
           {end, -end}, {-end, end, end}, {end, end, end}, {end, -end, end, -end, 1.0}}) {
    const Aggregate minute = minute_of(values);
    const Aggregate hour = aggregate_parts(start, {minute, minute, minute_of({-end, -end})});
    for (const Aggregate& aggregate : {minute, hour}) {
      CHECK(std::isfinite(aggregate.mean));
      CHECK(std::isfinite(aggregate.m2));
      CHECK(std::isfinite(aggregate.deviation));
      CHECK(aggregate.m2 >= 0);
    }
  }
}

}  // namespace cauce::recent

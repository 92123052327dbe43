#include "recent/layout.h"

#include <doctest/doctest.h>

#include <limits>

namespace cauce::recent {
namespace {

constexpr Time start = from_microseconds(1'790'000'040'000'000);

Bytes with(record::Value value) {
  return encode_points(start, {Point{.time = start, .value = std::move(value), .origin = {}}});
}

bool is_damage(const Bytes& bytes) {
  const auto points = decode_points(start, bytes);
  return !points && points.error().outcome == Outcome::corrupt;
}

}  // namespace

TEST_CASE("a boolean is 0 or 1 and anything else is damage") {
  Bytes bytes = with(true);
  CHECK(decode_points(start, bytes)->front().value == record::Value{true});
  CHECK(decode_points(start, with(false))->front().value == record::Value{false});
  bytes.back() = 2;
  CHECK(is_damage(bytes));
}

TEST_CASE("a number that is not finite is damage") {
  using limits = std::numeric_limits<double>;
  CHECK(decode_points(start, with(limits::max()))->front().value == record::Value{limits::max()});
  CHECK(is_damage(with(limits::infinity())));
  CHECK(is_damage(with(-limits::infinity())));
  CHECK(is_damage(with(limits::quiet_NaN())));
}

}  // namespace cauce::recent

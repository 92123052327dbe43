#include "recent/sketch.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace cauce::recent {
namespace {

using Values = std::vector<double>;

Sketch sketch_of(const Values& values) {
  Sketch sketch;
  for (const double value : values)
    sketch.add(value);
  return sketch;
}

Bytes bytes_of(const Sketch& sketch) {
  Bytes bytes;
  put_sketch(bytes, sketch);
  return bytes;
}

double exact(Values values, unsigned percent) {
  std::sort(values.begin(), values.end());
  return values[(values.size() * percent + 99) / 100 - 1];
}

// The stated error, and the rounding of one division on top.
bool within_error(double found, double expected) {
  return std::abs(found - expected) <= Sketch::relative_error * std::abs(expected) * (1 + 1e-12);
}

bool every_percentile_is_right(const Values& values) {
  const Sketch sketch = sketch_of(values);
  for (unsigned percent = 1; percent <= 100; ++percent) {
    if (!within_error(sketch.percentile(percent), exact(values, percent))) return false;
  }
  return true;
}

double unit(SeededRandom& random) {
  return (double(random.below(1u << 30)) + 0.5) / double(1u << 30);
}

Values drawn(std::uint64_t seed, std::size_t count, double (*draw)(SeededRandom&)) {
  SeededRandom random{seed};
  Values values;
  while (values.size() < count)
    values.push_back(draw(random));
  return values;
}

double even(SeededRandom& random) {
  return 20 + 5 * unit(random);
}
double exponential(SeededRandom& random) {
  return -std::log(unit(random));
}
double mixed(SeededRandom& random) {
  if (random.below(10) == 0) return 0;
  return 100 * (unit(random) - 0.5);
}
double negative(SeededRandom& random) {
  return -18 - unit(random);
}
double heavy_tailed(SeededRandom& random) {
  return 1 / std::pow(unit(random), 2);
}
// Nine orders of magnitude: fewer than buckets_max buckets.
double of_any_size(SeededRandom& random) {
  return (random.below(2) == 0 ? 1 : -1) * std::pow(10, 9 * unit(random) - 4);
}

}  // namespace

TEST_CASE("every percentile is within the stated error, whatever the distribution") {
  for (const auto draw : {even, exponential, mixed, negative, heavy_tailed, of_any_size}) {
    for (const std::size_t count : {1, 2, 3, 19, 20, 21, 1000, 20'000}) {
      CAPTURE(count);
      CHECK(every_percentile_is_right(drawn(count, count, draw)));
    }
  }
}

TEST_CASE("numbers at the ends of a double's range keep the error") {
  constexpr double huge = std::numeric_limits<double>::max();
  constexpr double tiny = std::numeric_limits<double>::min();
  CHECK(every_percentile_is_right({huge}));
  CHECK(every_percentile_is_right({-huge, huge}));
  CHECK(every_percentile_is_right({tiny, -tiny, 0.0, huge, -huge, 1.0}));
  CHECK(every_percentile_is_right({std::nextafter(2.0, 0.0), 2.0, std::nextafter(2.0, 3.0)}));
  CHECK(std::isfinite(sketch_of({huge}).percentile(50)));
}

TEST_CASE("zero, minus zero and denormal numbers answer zero") {
  const Sketch sketch = sketch_of({0.0, -0.0, std::numeric_limits<double>::denorm_min(),
                                   -std::numeric_limits<double>::min() / 2});
  CHECK(sketch.count() == 4);
  CHECK(sketch.percentile(1) == 0);
  CHECK(sketch.percentile(100) == 0);
}

TEST_CASE("the bounds of a bucket are as far from its answer as is stated, and no farther") {
  for (const double octave : {1.0, 1024.0, 1.0 / 4096}) {
    const double lower = sketch_of({octave}).percentile(50);
    CHECK(lower / octave - 1 == doctest::Approx(Sketch::relative_error));
    const double upper = octave * 51 / 50;
    CHECK(sketch_of({std::nextafter(upper, 0.0)}).percentile(50) == lower);
    CHECK(sketch_of({upper}).percentile(50) > upper);
  }
}

TEST_CASE("the order of numbers and of merges changes no byte") {
  const Values values = drawn(1, 3000, mixed);
  const Bytes expected = bytes_of(sketch_of(values));
  SeededRandom random{2};
  for (int round = 0; round < 100; ++round) {
    std::vector<Sketch> parts(1 + random.below(20));
    for (const double value : values)
      parts[random.below(parts.size())].add(value);
    while (parts.size() > 1) {
      const std::size_t from = random.below(parts.size());
      const std::size_t to = (from + 1 + random.below(parts.size() - 1)) % parts.size();
      parts[to].merge(parts[from]);
      parts.erase(parts.begin() + std::ptrdiff_t(from));
    }
    CHECK(bytes_of(parts.front()) == expected);
  }
}

TEST_CASE("a merge keeps what each side holds: negative numbers, zeros, positive numbers") {
  Sketch all = sketch_of({-5, -4, 0});
  all.merge(sketch_of({-3, 0, 7, 9}));
  CHECK(all.count() == 7);
  CHECK(bytes_of(all) == bytes_of(sketch_of({-5, -4, -3, 0, 0, 7, 9})));
  all.merge(Sketch{});
  CHECK(all.count() == 7);
}

TEST_CASE("at the limit of buckets nothing is lost; one past it the two nearest to zero are one") {
  Values values;
  for (std::size_t index = 0; index < Sketch::buckets_max; ++index) {
    const int octave = int(index / 50);
    values.push_back(std::ldexp(1 + (double(index % 50) + 0.5) / 50, octave));
  }
  CHECK(every_percentile_is_right(values));
  const Sketch full = sketch_of(values);
  Sketch past = full;
  past.add(1e-30);
  CHECK(past.count() == Sketch::buckets_max + 1);
  CHECK(bytes_of(past).size() <= bytes_of(full).size());
  Sketch merged = full;
  merged.merge(sketch_of({1e-30}));
  CHECK(merged == past);
  // What was nearer to zero answers with the last bucket kept; all others are untouched.
  CHECK(past.percentile(1) == sketch_of({values[19]}).percentile(1));
  CHECK(sketch_of({1e-30}).percentile(1) < past.percentile(1));
  Values negated;
  for (const double value : values)
    negated.push_back(-value);
  CHECK(every_percentile_is_right(negated));
}

TEST_CASE("beyond the limit, too, the order changes no byte") {
  SeededRandom random{3};
  Values values;
  for (int index = 0; index < 6000; ++index) {
    const double size = std::ldexp(1 + unit(random), int(random.below(300)) - 150);
    values.push_back(random.below(2) == 0 ? size : -size);
  }
  const Bytes expected = bytes_of(sketch_of(values));
  for (int round = 0; round < 20; ++round) {
    for (std::size_t left = values.size(); left > 1; --left)
      std::swap(values[left - 1], values[random.below(left)]);
    Sketch merged;
    for (std::size_t from = 0; from < values.size();) {
      const std::size_t to = std::min(values.size(), from + 1 + random.below(900));
      merged.merge(
          sketch_of({values.begin() + std::ptrdiff_t(from), values.begin() + std::ptrdiff_t(to)}));
      from = to;
    }
    CHECK(merged.count() == values.size());
    CHECK(bytes_of(merged) == expected);
  }
}

TEST_CASE("a sketch is read as it was written, and its bytes are those of the documentation") {
  for (const auto draw : {even, exponential, mixed, negative, heavy_tailed, of_any_size}) {
    const Sketch sketch = sketch_of(drawn(4, 500, draw));
    const auto read = Sketch::decode(bytes_of(sketch));
    REQUIRE(read);
    CHECK(*read == sketch);
  }
  CHECK(*Sketch::decode(bytes_of({})) == Sketch{});
  // 1 is bucket 0, and 51,100 after the first there is: 9c 8f 03. 1.02 is the next one.
  CHECK(to_hex(bytes_of(sketch_of({1.0, 0.0, 1.0, 1.02, -2.0}))) ==
        "01"
        "01"
        "ce8f03"
        "00"
        "02"
        "9c8f03"
        "01"
        "00"
        "00");
}

TEST_CASE("bytes that no sketch gives are refused") {
  const Bytes good = bytes_of(sketch_of({1.0, 0.0, 1.0, 1.02, -2.0}));
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(Sketch::decode(BytesView{good}.substr(0, size)));
  }
  CHECK_FALSE(Sketch::decode(good + '\0'));
  for (const char* hex : {
           "80000000",                        // a number longer than it need be
           "000181808080808080808080800000",  // one beyond 64 bits
           "0001"
           "9c9f06"
           "00"
           "00",  // a bucket past the last
           "0002"
           "9b9f06"
           "00"
           "00"
           "00"
           "00",  // one behind the last
           "00"
           "8110",  // 2049 buckets
           "01"
           "01"
           "00"
           "feffffffffffffffff01"
           "00",  // more numbers than 64 bits count
       }) {
    CAPTURE(hex);
    Bytes bytes;
    REQUIRE(from_hex(hex, bytes));
    CHECK_FALSE(Sketch::decode(bytes));
  }
  Bytes last;
  REQUIRE(
      from_hex("000001"
               "9b9f06"
               "00",
               last));
  const auto largest = Sketch::decode(last);
  REQUIRE(largest);
  CHECK(*largest == sketch_of({std::numeric_limits<double>::max()}));
}

}  // namespace cauce::recent

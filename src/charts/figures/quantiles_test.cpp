#include "charts/figures/quantiles.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace cauce::charts::figures {
namespace {

using Values = std::vector<double>;

// The definition: sort, then interpolate between the two ranks.
double plain_quantile(Values values, double probability) {
  std::sort(values.begin(), values.end());
  const double position = double(values.size() - 1) * probability;
  const auto rank = std::size_t(position);
  const double low = values[rank];
  const double high = values[std::min(rank + 1, values.size() - 1)];
  return low + (high - low) * (position - double(rank));
}

Quantiles::Extent extent_of(const Values& values) {
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {values.size(), *low, *high};
}

struct Found {
  std::vector<double> quartiles;
  int passes = 0;
};

Found quartiles_of(const Values& values) {
  Quantiles quantiles{{extent_of(values)}, {0.25, 0.5, 0.75}, 0};
  Found found;
  while (!quantiles.done()) {
    ++found.passes;
    const std::span<const double> all{values};
    const std::size_t half = all.size() / 2;
    quantiles.observe(0, all.first(half));
    quantiles.observe(0, all.subspan(half));
    REQUIRE(quantiles.end_pass());
  }
  for (std::size_t index = 0; index < 3; ++index)
    found.quartiles.push_back(quantiles.value(0, index));
  return found;
}

// The smallest there is: interpolation rounds to it.
constexpr double last_digit = std::numeric_limits<double>::denorm_min();

void check(const Values& values) {
  const Found found = quartiles_of(values);
  for (std::size_t index = 0; index < 3; ++index) {
    const double expected = plain_quantile(values, 0.25 * double(index + 1));
    CHECK(std::fabs(found.quartiles[index] - expected) <= 4e-16 * std::fabs(expected) + last_digit);
  }
}

template <class Make>
Values made(std::size_t count, Make make) {
  Values values;
  for (std::size_t index = 0; index < count; ++index)
    values.push_back(make(index));
  return values;
}

TEST_CASE("quartiles of few values are those of the sorted list") {
  std::mt19937_64 random{1};
  for (std::size_t count = 1; count < 40; ++count) {
    std::uniform_int_distribution<int> small{-5, 5};
    check(made(count, [&](std::size_t) { return small(random) / 4.0; }));
  }
}

TEST_CASE("quartiles of more values than are held at once are exact, whatever they look like") {
  std::mt19937_64 random{2};
  std::normal_distribution<double> normal{0, 1};
  std::uniform_int_distribution<int> whole{0, 9};
  constexpr std::size_t count = 150'000;
  const auto bits = [&](std::size_t) {
    const auto value = std::bit_cast<double>(random() & ~(std::uint64_t{1} << 62));
    return std::isfinite(value) ? value : 0;
  };
  SUBCASE("normal") {
    check(made(count, [&](std::size_t) { return normal(random); }));
  }
  SUBCASE("ten whole numbers") {
    check(made(count, [&](std::size_t) { return double(whole(random)); }));
  }
  SUBCASE("over all magnitudes") {
    check(made(count, bits));
  }
  SUBCASE("next to each other, and one far away") {
    check(made(count, [&](std::size_t at) {
      return at == 0 ? 1e300 : 1 + double(random() % 1000) * std::numeric_limits<double>::epsilon();
    }));
  }
  SUBCASE("two clusters with the median between them") {
    check(made(count, [&](std::size_t at) {
      return double(at % 2) + double(random() % 100'000) * 1e-15;
    }));
  }
  SUBCASE("denormal numbers of both signs") {
    check(made(count, [&](std::size_t) {
      return (double(random() % 1'000'000) - 5e5) * std::numeric_limits<double>::denorm_min();
    }));
  }
  SUBCASE("large whole numbers: times in microseconds") {
    check(made(count, [&](std::size_t) { return 1.7e15 + double(random() % 86'400'000'000); }));
  }
  SUBCASE("almost all of them zero, of both signs") {
    check(made(count, [&](std::size_t at) {
      return at % 1000 == 0 ? normal(random) : (at % 2 == 0 ? 0.0 : -0.0);
    }));
  }
  SUBCASE("the largest range there is") {
    check(made(count, [&](std::size_t at) {
      return at == 0 ? 1.7e308 : (at == 1 ? -1.7e308 : normal(random));
    }));
  }
}

TEST_CASE("two passes find the quartiles of ordinary values") {
  std::mt19937_64 random{3};
  std::normal_distribution<double> normal{20, 5};
  CHECK(quartiles_of(made(500'000, [&](std::size_t) { return normal(random); })).passes == 2);
}

TEST_CASE("values that are not those of the first pass are noticed") {
  const Values before = made(100, [](std::size_t at) { return double(at); });
  Quantiles quantiles{{extent_of(before)}, {0.5}, 0};
  quantiles.observe(0, std::span{before}.first(99));
  const Result<void> passed = quantiles.end_pass();
  REQUIRE_FALSE(passed);
  CHECK(passed.error().outcome == Outcome::conflict);
}

TEST_CASE("groups of one value, of equal values and of none need no pass") {
  const Quantiles quantiles{{{1, 7, 7}, {5, 3, 3}, {}}, {0.25, 0.5}, 0};
  CHECK(quantiles.done());
  CHECK(quantiles.value(0, 0) == 7);
  CHECK(quantiles.value(1, 1) == 3);
}

}  // namespace
}  // namespace cauce::charts::figures

#include "charts/drawing/scale.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "charts/drawing/number_text.h"
#include "charts/drawing/tick_labels.h"

namespace cauce::charts::drawing {

namespace {

const nlohmann::json& golden() {
  static const nlohmann::json ticks = [] {
    std::ifstream file{SHARED_DATA "/charts/ticks_d3.json"};
    return file ? nlohmann::json::parse(file) : nlohmann::json{};
  }();
  return ticks;
}

bool is_absent(const nlohmann::json& expected) {
  if (!expected.is_null()) return false;
  MESSAGE("skipped: no golden ticks at " SHARED_DATA "/charts/ticks_d3.json");
  return true;
}

TEST_CASE("linear ticks are those of d3, to the last bit") {
  if (is_absent(golden())) return;
  for (const auto& one : golden()["linear"]) {
    CAPTURE(one.dump());
    const double low = one["lo"];
    const double high = one["hi"];
    const int count = one["count"];
    CHECK(linear_ticks(low, high, count) == one["ticks"].get<std::vector<double>>());
    double nice_low = low;
    double nice_high = high;
    make_nice(nice_low, nice_high, count);
    CHECK(nice_low == one["nice"][0].get<double>());
    CHECK(nice_high == one["nice"][1].get<double>());
    if (low == high) continue;  // one value, called as it is and not in a step's decimals
    std::vector<std::string> labels;
    const int decimals = decimals_of_step(tick_step(low, high, count));
    for (const double tick : linear_ticks(low, high, count))
      labels.push_back(fixed_text(tick, decimals, Locale::en));
    CHECK(labels == one["labels"].get<std::vector<std::string>>());
  }
}

TEST_CASE("logarithmic ticks are those of d3") {
  if (is_absent(golden())) return;
  for (const auto& one : golden()["log"]) {
    CAPTURE(one.dump());
    const auto expected = one["ticks"].get<std::vector<double>>();
    const auto ticks = logarithmic_ticks(one["lo"], one["hi"], one["count"]);
    REQUIRE(ticks.size() == expected.size());
    for (std::size_t index = 0; index < ticks.size(); ++index)
      CHECK(ticks[index] == doctest::Approx(expected[index]).epsilon(1e-14));
  }
}

TEST_CASE("numbers are grouped as d3 groups them") {
  if (is_absent(golden())) return;
  for (const auto& one : golden()["format"]) {
    CAPTURE(one.dump());
    const double value = one["value"];
    if (std::abs(value) < 1e15) {
      CHECK(number_text(value, 15, Locale::en) == one["grouped"].get<std::string>());
      CHECK(fixed_text(value, 2, Locale::en) == one["fixed2"].get<std::string>());
    }
  }
}

TEST_CASE("ticks of no range, an endless range and too many ticks end") {
  CHECK(linear_ticks(3, 3, 5) == std::vector<double>{3});
  CHECK(linear_ticks(0, INFINITY, 5).empty());
  CHECK(linear_ticks(NAN, 1, 5).empty());
  CHECK(linear_ticks(3e-316, 5e-312, 5).empty());
  CHECK(linear_ticks(0, 1e-289, 5).size() > 2);
  CHECK(linear_ticks(-1.7e308, 1.7e308, 5).empty());
  CHECK(linear_ticks(0, 1, 0).empty());
  CHECK(linear_ticks(1e16, 1e16 + 2, 1000).size() <= 1001);
  CHECK(logarithmic_ticks(0, 10, 5).empty());
}

TEST_CASE("Spanish groups from five digits on and has a decimal comma") {
  CHECK(fixed_text(1234.5, 1, Locale::es) == "1234,5");
  CHECK(fixed_text(12345.67, 2, Locale::es) == "12.345,67");
  CHECK(fixed_text(-1234567, 0, Locale::es) == "\u22121.234.567");
  CHECK(fixed_text(1234.5, 1, Locale::en) == "1,234.5");
  CHECK(fixed_text(-0.001, 2, Locale::en) == "0.00");
  CHECK(count_text(1234, Locale::es) == "1234");
  CHECK(count_text(12345, Locale::es) == "12.345");
}

TEST_CASE("numbers keep so many digits and no zeros behind them") {
  CHECK(number_text(30.450632, 4, Locale::en) == "30.45");
  CHECK(number_text(3706.16, 4, Locale::en) == "3,706");
  CHECK(number_text(20, 4, Locale::en) == "20");
  CHECK(number_text(0.000123456, 3, Locale::en) == "0.000123");
  CHECK(number_text(1.5e18, 3, Locale::es) == "1,5e18");
  CHECK(rounded_text(241'171'386, 4, Locale::en) == "241,200,000");
  CHECK(rounded_text(-99'996.2, 4, Locale::es) == "\u2212100.000");
  CHECK(rounded_text(3706.16, 4, Locale::en) == "3,706");
  CHECK(rounded_text(30.450632, 4, Locale::en) == "30.45");
  CHECK(rounded_text(0, 4, Locale::en) == "0");
  CHECK(rounded_text(1e300, 4, Locale::en) == "1e300");
  CHECK(number_text(2e-9, 3, Locale::en) == "2e\u22129");
  CHECK(number_text(-0.5, 3, Locale::es) == "\u22120,5");
}

TEST_CASE("ticks of both signs keep their distance over any number of powers of ten") {
  using Ticks = std::vector<double>;
  CHECK(symmetric_ticks(-120, 1200, 20) == Ticks{-100, -10, -1, 0, 1, 10, 100, 1000});
  CHECK(symmetric_ticks(-0.5, 1.3e7, 7) == Ticks{0, 100, 1e4, 1e6});
  CHECK(symmetric_ticks(0, 1e300, 5).size() >= 3);
  CHECK(symmetric_ticks(20, 80, 4) == linear_ticks(20, 80, 4));
  const Scale scale{ScaleKind::symmetric, -0.5, 1.3e7, 0, 280};
  const Ticks ticks = symmetric_ticks(-0.5, 1.3e7, 6);
  for (std::size_t index = 1; index < ticks.size(); ++index) {
    CHECK(scale(ticks[index]) - scale(ticks[index - 1]) >= 280 / 6.0);
  }
}

TEST_CASE("a scale puts the ends of its domain on the ends of its range") {
  const Scale scale{ScaleKind::linear, 10, 20, 100, 300};
  CHECK(scale(10) == 100);
  CHECK(scale(20) == 300);
  CHECK(scale(15) == 200);
  const Scale log{ScaleKind::logarithmic, 1, 100, 0, 200};
  CHECK(log(10) == doctest::Approx(100));
  const Scale point{ScaleKind::logarithmic, 1e-307, 1e-307, 0, 200};
  CHECK(point(1e-307) == 100);
}

}  // namespace

}  // namespace cauce::charts::drawing

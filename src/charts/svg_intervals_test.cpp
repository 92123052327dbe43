// Upright bars, and the intervals of means upon bars, recomputed from their SVG.
#include <doctest/doctest.h>

#include <numeric>

#include "charts/figures/sample.h"
#include "charts/svg_reader_test.h"

namespace cauce::charts {
namespace {

const std::vector<std::string> groups{"a", "b", "a", "b", "a", "b", "c", "a", "c", "d"};
const std::vector<std::string> colors{"u", "u", "v", "v", "u", "u", "u", "v", "v", "u"};
const std::vector<double> values{4, -1, 6, -2, 5, -3.5, 2, 7, 2.25, 3};

MemoryTable table() {
  return MemoryTable{{text_cells("g", groups), text_cells("c", colors), number_cells("v", values)}};
}

Request request_of(bool colored, Direction direction = Direction::horizontal) {
  Request request = asked(Kind::bar, "g", "v");
  if (colored) request.color = "c";
  request.direction = direction;
  return request;
}

// 97.5 % quantiles of Student's t, from a printed table.
double t_975(std::size_t n) {
  const std::vector<double> table{0, 12.706205, 4.302653, 3.182446, 2.776445};
  return table.at(n - 1);
}

struct MeanOf {
  double mean = 0, half = 0;
};

MeanOf mean_of(const std::string& group, const std::string& color) {
  std::vector<double> of;
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (groups[row] == group && (color.empty() || colors[row] == color)) of.push_back(values[row]);
  }
  const auto n = double(of.size());
  const double mean = std::accumulate(of.begin(), of.end(), 0.0) / n;
  double squares = 0;
  for (const double value : of)
    squares += (value - mean) * (value - mean);
  return {mean, t_975(of.size()) * std::sqrt(squares / (n - 1) / n)};
}

TEST_CASE("the interval of each mean lies where Student's t says, in both directions") {
  for (const bool colored : {false, true}) {
    for (const Direction direction : {Direction::horizontal, Direction::upright}) {
      const Request request = request_of(colored, direction);
      const auto elements = read(computed(table(), request), request);
      const bool upright = direction == Direction::upright;
      const SvgAxis along = axis_of(elements, upright ? "y" : "x");
      const auto intervals = with_role(elements, "interval");
      // One value has none.
      CHECK(intervals.size() == 3);
      for (const SvgElement& interval : intervals) {
        const std::string group = interval.at(colored ? "data-bar" : "data-group");
        const MeanOf expected = mean_of(group, colored ? interval.at("data-group") : "");
        CHECK(std::abs(interval.number("data-low") - (expected.mean - expected.half)) < 1e-5);
        CHECK(std::abs(interval.number("data-high") - (expected.mean + expected.half)) < 1e-5);
        const double from = interval.number(upright ? "y1" : "x1");
        const double to = interval.number(upright ? "y2" : "x2");
        const auto drawn = [&](double value) {
          return along.pixel(std::clamp(value, along.domain_low, along.domain_high));
        };
        if (colored) continue;
        check_px(from, drawn(interval.number("data-low")));
        check_px(to, drawn(interval.number("data-high")));
      }
    }
  }
}

TEST_CASE("an interval longer than all bars is cut, with arrows and words") {
  const MemoryTable wide{
      {text_cells("g", {"a", "a", "b", "b", "b"}), number_cells("v", {1, 9, 5, 5.1, 5.2})}};
  const Request request = asked(Kind::bar, "g", "v");
  const auto elements = read(computed(wide, request), request);
  const SvgAxis x = axis_of(elements, "x");
  CHECK(with_role(elements, "interval-cut").size() == 4);
  CHECK(x.domain_low > -6);
  CHECK(x.domain_high < 11);
  const std::string footer = with_role(elements, "footer").front().text;
  CHECK(footer.find("1 interval goes on beyond the axis") != std::string::npos);
  for (const SvgElement& interval : with_role(elements, "interval")) {
    CHECK(interval.number("x1") >= x.range_low - 0.01);
    CHECK(interval.number("x2") <= x.range_high + 0.01);
  }
}

TEST_CASE("sums, counts and medians have no interval") {
  for (const Aggregate aggregate : {Aggregate::sum, Aggregate::count, Aggregate::median}) {
    Request request = request_of(false);
    request.aggregate = aggregate;
    CHECK(with_role(read(computed(table(), request), request), "interval").empty());
  }
}

TEST_CASE("upright bars are as high as their values say, each in its band") {
  for (const Aggregate aggregate : {Aggregate::mean, Aggregate::sum}) {
    Request request = request_of(false, Direction::upright);
    request.aggregate = aggregate;
    const auto elements = read(computed(table(), request), request);
    const SvgAxis x = axis_of(elements, "x");
    const SvgAxis y = axis_of(elements, "y");
    CHECK(x.scale == "band");
    const auto bars = with_role(elements, "bar");
    REQUIRE(bars.size() == 4);
    const double band = (x.range_high - x.range_low) / x.domain_high;
    for (const SvgElement& bar : bars) {
      const double value = bar.number("data-value");
      check_px(bar.number("y"), std::min(y.pixel(0), y.pixel(value)));
      check_px(bar.number("height"), std::abs(y.pixel(value) - y.pixel(0)));
      const double middle = bar.number("x") + bar.number("width") / 2;
      check_px(middle, x.range_low + (bar.number("data-index") + 0.5) * band);
      CHECK(bar.number("width") < band);
    }
    CHECK(with_role(elements, "note").size() == 4);
  }
}

TEST_CASE("upright parts stand beside or on each other") {
  for (const Bars bars : {Bars::grouped, Bars::stacked, Bars::shares}) {
    Request request = request_of(true, Direction::upright);
    request.bars = bars;
    request.aggregate = Aggregate::count;
    const auto elements = read(computed(table(), request), request);
    const SvgAxis y = axis_of(elements, "y");
    const auto parts = with_role(elements, "part");
    CHECK(parts.size() == 7);
    for (const SvgElement& part : parts) {
      const double from = y.pixel(part.number("data-from"));
      const double to = y.pixel(part.number("data-to"));
      check_px(part.number("y"), std::min(from, to));
      check_px(part.number("height"), std::abs(to - from));
    }
  }
}

TEST_CASE("upright bars whose names have no room lie on their side, and the footer says so") {
  std::vector<std::string> names;
  std::vector<double> numbers;
  for (int row = 0; row < 14; ++row) {
    names.push_back("a rather long name of a group " + std::to_string(row));
    numbers.push_back(row);
  }
  const MemoryTable long_names{{text_cells("g", names), number_cells("v", numbers)}};
  Request request = asked(Kind::bar, "g", "v");
  request.direction = Direction::upright;
  const auto elements = read(computed(long_names, request), request);
  CHECK(axis_of(elements, "y").scale == "band");
  CHECK(with_role(elements, "bar").size() == 14);
  CHECK(with_role(elements, "footer").front().text.find("bars lie on their side") !=
        std::string::npos);
}

TEST_CASE("the interval of bars drawn as one is that of all their rows") {
  std::vector<std::string> names;
  std::vector<std::string> parts;
  std::vector<double> numbers;
  std::vector<double> of_others;
  for (int row = 0; row < 60; ++row) {
    const int group = row % 12;
    names.push_back(std::string(1, char('a' + group)));
    parts.push_back("colour " + std::to_string(row % 11));
    numbers.push_back(100 - 7 * group + row * row % 13);
  }
  Request request = asked(Kind::bar, "g", "v");
  request.color = "c";
  request.height_px = 2'000;
  const MemoryTable many{
      {text_cells("g", names), text_cells("c", parts), number_cells("v", numbers)}};
  const auto elements = read(computed(many, request), request);
  // The seven colours with most rows have a name; four are one.
  std::map<std::string, std::vector<double>> rows;
  const std::vector<std::string> named{"colour 0", "colour 1", "colour 2", "colour 3",
                                       "colour 4", "colour 5", "colour 6"};
  for (std::size_t row = 0; row < names.size(); ++row) {
    const bool other = std::find(named.begin(), named.end(), parts[row]) == named.end();
    rows[names[row] + (other ? "other 4" : parts[row])].push_back(numbers[row]);
  }
  int checked = 0;
  for (const SvgElement& interval : with_role(elements, "interval")) {
    const auto& of = rows.at(interval.at("data-bar") + interval.at("data-group"));
    const auto n = double(of.size());
    const double mean = std::accumulate(of.begin(), of.end(), 0.0) / n;
    double squares = 0;
    for (const double value : of)
      squares += (value - mean) * (value - mean);
    const double half = t_975(of.size()) * std::sqrt(squares / (n - 1) / n);
    CHECK(std::abs(interval.number("data-high") - mean - half) < 1e-4 * half + 1e-9);
    checked += interval.at("data-group") == "other 4" ? 1 : 0;
  }
  CHECK(checked > 2);
}

}  // namespace
}  // namespace cauce::charts

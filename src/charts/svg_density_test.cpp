// Density curves and bins of whole numbers, recomputed from their SVG.
#include <doctest/doctest.h>

#include <random>

#include "charts/figures/sample.h"
#include "charts/svg_reader_test.h"

namespace cauce::charts {
namespace {

MemoryTable hills(const std::vector<double>& middles, std::size_t rows) {
  std::mt19937_64 random{37};
  std::vector<double> values;
  std::vector<std::string> groups;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t group = row % middles.size();
    values.push_back(std::normal_distribution<double>{middles[group], 1}(random));
    groups.push_back("group " + std::to_string(group));
  }
  return MemoryTable{{number_cells("v", values), text_cells("g", groups)}};
}

TEST_CASE("a curve ends three bandwidths beyond its values and its tails fall to nothing") {
  const Request request = asked(Kind::density, "v", "", "g");
  const Figures figures = computed(hills({0, 3, 9}, 300), request);
  const auto elements = read(figures, request);
  const SvgAxis x = axis_of(elements, "x");
  const SvgAxis y = axis_of(elements, "y");
  const auto& groups = std::get<DensityFigures>(figures.of).groups;
  const auto curves = with_role(elements, "curve");
  const auto tails = with_role(elements, "tail");
  REQUIRE(curves.size() == 3);
  REQUIRE(tails.size() == 6);
  for (std::size_t group = 0; group < 3; ++group) {
    const auto vertices = vertices_of(curves[group]);
    REQUIRE(vertices.size() == 512);
    for (std::size_t point = 0; point < 512; point += 73) {
      const double share = double(point) / 511;
      check_px(vertices[point].first,
               x.pixel(groups[group].x0 + (groups[group].x1 - groups[group].x0) * share));
      check_px(vertices[point].second, y.pixel(groups[group].y[point]));
    }
    const auto before = vertices_of(tails[2 * group]);
    const auto after = vertices_of(tails[2 * group + 1]);
    check_px(before.front().first, vertices.front().first);
    check_px(after.front().second, vertices.back().second);
    for (const auto& tail : {before, after}) {
      CHECK(tail.back().first >= x.range_low - 0.01);
      CHECK(tail.back().first <= x.range_high + 0.01);
      CHECK(y.pixel(0) - tail.back().second < 0.3);
    }
  }
}

TEST_CASE("the name of a curve lies on no surface of another") {
  for (const double apart : {0.5, 1.0, 2.0, 4.0, 8.0}) {
    const Request request = asked(Kind::density, "v", "", "g");
    const auto elements =
        read(computed(hills({0, apart, 2 * apart, 3.5 * apart}, 800), request), request);
    const auto areas = with_role(elements, "area");
    const auto names = with_role(elements, "curve-name");
    CHECK((names.size() == areas.size() || names.empty()));
    for (const SvgElement& name : names) {
      const double left = name.number("x");
      const double right = left + name.number("textLength");
      const double bottom = name.number("y");
      for (const SvgElement& area : areas) {
        if (name.text.starts_with(area.at("data-group"))) continue;
        for (const auto& [at_x, at_y] : vertices_of(area)) {
          CAPTURE(name.text);
          CHECK((at_x < left || at_x > right || at_y > bottom - 3));
        }
      }
    }
    // Names that find no place stand in a legend.
    CHECK(names.size() + with_role(elements, "legend").size() == 4);
  }
}

HistogramFigures bins_of(const std::vector<double>& values, Bins bins = {}) {
  Request request = asked(Kind::histogram, "v");
  request.bins = bins;
  const MemoryTable table{{number_cells("v", values)}};
  return std::get<HistogramFigures>(computed(table, request).of);
}

TEST_CASE("whole numbers have whole bins, one each while they are few") {
  const auto dice = bins_of({1, 2, 2, 3, 6, 6, 6});
  CHECK(dice.low == 0.5);
  CHECK(dice.high == 6.5);
  CHECK(dice.counts == std::vector<std::uint64_t>{1, 2, 1, 0, 0, 3});
  std::vector<double> forty;
  for (int value = -10; value < 30; ++value)
    forty.push_back(value);
  CHECK(bins_of(forty).counts == std::vector<std::uint64_t>(40, 1));
  forty.push_back(30);
  const auto more = bins_of(forty);
  CHECK(more.counts.size() < 40);
  const double width = (more.high - more.low) / double(more.counts.size());
  CHECK(width == std::round(width));
  CHECK(more.low == -10.5);
  CHECK(bins_of({4, 4}).counts == std::vector<std::uint64_t>{2});
}

TEST_CASE("numbers that are not whole, and rules that are asked for, have the bins of numpy") {
  CHECK(bins_of({1, 2, 2.5, 3}).low == 1);
  const auto named = bins_of({1, 2, 2, 3, 6, 6, 6}, {Bins::Rule::automatic, 0});
  CHECK(named.low == 1);
  CHECK(named.high == 6);
  CHECK(bins_of({1, 2e15}).low == 1);
}

}  // namespace
}  // namespace cauce::charts

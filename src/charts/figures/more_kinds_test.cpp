// ECDF, line, heat, histograms by group and the band of a trend line.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "charts/figures/sample.h"

namespace cauce::charts {
namespace {

TEST_CASE("an ECDF steps at every distinct value, and ends at one") {
  const Figures figures =
      computed(MemoryTable{{number_cells("v", {3, 1, 1, missing, 2})}}, asked(Kind::ecdf, "v"));
  const EcdfGroup& group = std::get<EcdfFigures>(figures.of).groups[0];
  CHECK(group.x == std::vector<double>{1, 2, 3});
  CHECK(group.share == std::vector<double>{0.5, 0.75, 1});
  CHECK(figures.missing == 1);
}

TEST_CASE("the ECDF of many values is exact at its places") {
  std::vector<double> values;
  for (int at = 0; at < 5000; ++at)
    values.push_back(double(at * 7919 % 5000));
  for (const FiguresLimits& limits : {FiguresLimits{}, scanning()}) {
    const Figures figures =
        computed(MemoryTable{{number_cells("v", values)}}, asked(Kind::ecdf, "v"), limits);
    const EcdfGroup& group = std::get<EcdfFigures>(figures.of).groups[0];
    REQUIRE(group.x.size() == 1024);
    CHECK(group.share.back() == 1);
    for (std::size_t at = 0; at + 1 < group.x.size(); ++at) {
      const double below = std::ceil(group.x[at]);  // 0, 1, … are there once each
      CHECK(close(group.share[at], below / 5000));
    }
  }
}

TEST_CASE("a line has the mean of each x in order, by colour, and a gap where y is missing") {
  Request request = asked(Kind::line, "t", "v");
  request.color = "s";
  const Figures figures = computed(MemoryTable{{number_cells("t", {3, 1, 1, 2, 2, missing}),
                                                number_cells("v", {30, 10, 20, missing, 7, 8}),
                                                text_cells("s", {"a", "a", "a", "a", "b", "b"})}},
                                   request);
  const auto& line = std::get<LineFigures>(figures.of);
  REQUIRE(line.series.size() == 2);
  const auto& points = line.series[0].points;
  REQUIRE(points.size() == 3);
  CHECK(points[0].x == 1);
  CHECK(points[0].mean == 15);
  CHECK(points[0].min == 10);
  CHECK(points[1].n == 0);
  CHECK(std::isnan(points[1].mean));
  CHECK(points[2].sum == 30);
  CHECK(line.series[1].points.size() == 1);
  CHECK(line.interval == 0);
  CHECK(line.series[0].spacing == 1);
  CHECK(figures.drawn == 4);
  CHECK(figures.missing == 2);
}

TEST_CASE("more x than a line can show are gathered in intervals that lose no row") {
  std::vector<double> t(3000);
  std::iota(t.begin(), t.end(), 0.0);
  FiguresLimits limits = scanning();
  limits.line_points_max = 3000;
  const Request request = asked(Kind::line, "t", "t");
  const MemoryTable table{{number_cells("t", t)}};
  CHECK(std::get<LineFigures>(computed(table, request, limits).of).series[0].points.size() == 3000);
  limits.line_points_max = 2999;
  const Figures figures = computed(table, request, limits);
  const auto& line = std::get<LineFigures>(figures.of);
  CHECK(line.series[0].points.size() == 1024);
  CHECK(close(line.interval, 2999.0 / 1024));
  std::uint64_t rows = 0;
  for (const LinePoint& point : line.series[0].points) {
    CHECK(std::fabs(point.mean - point.x) <= line.interval / 2);
    rows += point.n;
  }
  CHECK(rows == 3000);
}

TEST_CASE("a heat map counts pairs, or aggregates a third column over them") {
  Request request = asked(Kind::heat, "a", "b");
  const MemoryTable table{{text_cells("a", {"x", "y", "x", "x"}),
                           text_cells("b", {"1", "2", "1", "2"}),
                           number_cells("v", {10, 20, 40, missing})}};
  Figures figures = computed(table, request);
  auto heat = std::get<HeatFigures>(figures.of);
  CHECK(heat.x == std::vector<std::string>{"x", "y"});
  CHECK(heat.y == std::vector<std::string>{"1", "2"});
  CHECK(heat.counts == std::vector<std::uint64_t>{2, 1, 0, 1});
  request.color = "v";
  for (const auto aggregate : {Aggregate::mean, Aggregate::median}) {
    request.aggregate = aggregate;
    heat = std::get<HeatFigures>(computed(table, request).of);
    CHECK(heat.values[0] == 25);
    CHECK(std::isnan(heat.values[1]));
    CHECK(heat.values[3] == 20);
  }
  FiguresLimits limits;
  limits.heat_cells_max = 3;
  CHECK(refused({text_cells("a", {"x", "y"}), text_cells("b", {"1", "2"})},
                asked(Kind::heat, "a", "b"), limits) ==
        "2 values of a by 2 of b are more than 3 cells: gather dates with --period, or take "
        "scatter with --cells for numbers");
}

TEST_CASE("a histogram by group counts each group in the bins of all") {
  Request request = asked(Kind::histogram, "v", "", "g");
  request.bins = {Bins::Rule::given, 2};
  const Figures figures = computed(MemoryTable{{number_cells("v", {0, 1, 9, 10, 10}),
                                                text_cells("g", {"a", "b", "a", "b", ""})}},
                                   request);
  const auto& histogram = std::get<HistogramFigures>(figures.of);
  CHECK(histogram.counts == std::vector<std::uint64_t>{2, 2});
  CHECK(histogram.groups == std::vector<std::string>{"a", "b"});
  CHECK(histogram.group_counts == std::vector<std::vector<std::uint64_t>>{{1, 1}, {1, 1}});
  CHECK(figures.missing == 1);
}

TEST_CASE("the band of a trend line is narrowest at the mean and as wide as Student's t says") {
  const Figures figures = computed(
      MemoryTable{{number_cells("x", {0, 1, 2, 3, 4}), number_cells("y", {1, 3, 2, 5, 4})}},
      asked(Kind::scatter, "x", "y"));
  const auto& scatter = std::get<ScatterFigures>(figures.of);
  REQUIRE(scatter.band.size() == 65);
  CHECK(scatter.band.front().x == 0);
  CHECK(scatter.band.back().x == 4);
  // Slope 0.8, residual sum of squares 3.6, t with three degrees of freedom 3.182446.
  const double half = 3.182446305284263 * std::sqrt(3.6 / 3) * std::sqrt(1.0 / 5);
  CHECK(close(scatter.band[32].high - scatter.band[32].low, 2 * half, 1e-9));
  CHECK(close(scatter.band[32].high + scatter.band[32].low, 6, 1e-9));
  const double wide = 3.182446305284263 * std::sqrt(3.6 / 3) * std::sqrt(1.0 / 5 + 4.0 / 10);
  CHECK(close(scatter.band[0].high - scatter.band[0].low, 2 * wide, 1e-9));
}

}  // namespace
}  // namespace cauce::charts

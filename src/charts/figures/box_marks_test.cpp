// What box charts show beside and instead of boxes.
#include <doctest/doctest.h>

#include <numeric>

#include "charts/figures/box_marks.h"
#include "charts/figures/sample.h"

namespace cauce::charts {
namespace {

Request asked_marks(Marks marks) {
  Request request = asked(Kind::box, "", "y", "g");
  request.marks = marks;
  return request;
}

BoxFigures boxes_of(const MemoryTable& table, const Request& request,
                    const FiguresLimits& limits = {}) {
  return std::get<BoxFigures>(computed(table, request, limits).of);
}

Sample sample_of(std::size_t rows) {
  std::mt19937_64 random{19};
  return random_sample(random, rows);
}

TEST_CASE("a violin is the curve that a density chart draws of its group") {
  const Sample sample = sample_of(900);
  for (const Scale scale : {Scale::linear, Scale::symlog}) {
    Request violins = asked_marks(Marks::violin);
    violins.y_scale = scale;
    Request curves = asked(Kind::density, "y", "", "g");
    curves.x_scale = scale;
    for (const FiguresLimits& limits : {FiguresLimits{}, scanning()}) {
      const auto boxes = boxes_of(sample.table(), violins, limits);
      const auto density = std::get<DensityFigures>(computed(sample.table(), curves, limits).of);
      REQUIRE(boxes.violins.size() == density.groups.size());
      REQUIRE(boxes.violins.size() == 4);
      for (std::size_t group = 0; group < boxes.violins.size(); ++group) {
        const DensityGroup& violin = boxes.violins[group];
        CHECK(violin.group == boxes.groups[group].group);
        CHECK(violin.n == boxes.groups[group].n);
        CHECK(violin.bandwidth == density.groups[group].bandwidth);
        CHECK(violin.y == density.groups[group].y);
        CHECK(violin.x0 == density.groups[group].x0);
      }
    }
  }
}

TEST_CASE("groups of four values or fewer have their values as points, whatever the marks") {
  const MemoryTable table{{text_cells("g", {"a", "b", "a", "b", "a", "b", "a", "b", "b", "c"}),
                           number_cells("y", {4, 1, 3, 2, 2, 3, 9, 4, 5, missing})}};
  for (const Marks marks : {Marks::box, Marks::violin}) {
    const auto boxes = boxes_of(table, asked_marks(marks));
    CHECK(boxes.groups[0].points == std::vector<double>{2, 3, 4, 9});
    CHECK(boxes.groups[1].points.empty());
    CHECK(boxes.groups[2].points.empty());
  }
  const auto violins = boxes_of(table, asked_marks(Marks::violin)).violins;
  CHECK(violins[0].degenerate == "4 values are too few for a density");
  CHECK(violins[1].degenerate.empty());
  CHECK(violins[2].degenerate == "no row of this group has a value of y");
}

TEST_CASE("a strip has every value up to its limit, and counts all of them one past it") {
  const Sample sample = sample_of(300);
  FiguresLimits limits;
  const auto all = boxes_of(sample.table(), asked_marks(Marks::strip));
  std::size_t values = 0;
  for (const BoxGroup& box : all.groups) {
    CHECK(box.points.size() == box.n);
    CHECK(std::is_sorted(box.points.begin(), box.points.end()));
    CHECK(box.counts.empty());
    values += box.points.size();
  }
  limits.strip_points_max = values;
  CHECK(boxes_of(sample.table(), asked_marks(Marks::strip), limits).groups[0].points ==
        all.groups[0].points);
  limits.strip_points_max = values - 1;
  const auto counted = boxes_of(sample.table(), asked_marks(Marks::strip), limits);
  for (std::size_t group = 0; group < counted.groups.size(); ++group) {
    const BoxGroup& box = counted.groups[group];
    CHECK(box.points.empty());
    REQUIRE(box.counts.size() == figures::strip_bins);
    CHECK(std::accumulate(box.counts.begin(), box.counts.end(), std::uint64_t{0}) == box.n);
    const double width = (counted.bins_high - counted.bins_low) / figures::strip_bins;
    const auto& points = all.groups[group].points;
    const auto in_first = std::count_if(points.begin(), points.end(), [&](double value) {
      return value < counted.bins_low + width;
    });
    CHECK(box.counts.front() == std::uint64_t(in_first));
  }
}

TEST_CASE("the bins of a strip are those asked for, and all panels have the same") {
  Request request = asked_marks(Marks::strip);
  request.bins = {Bins::Rule::given, 7};
  request.facet = "x";
  const Sample sample{{"a", "a", "b", "b", "b"}, {1, 2, 1, 2, 2}, {0, 7, 3, 3.5, 14}};
  const Figures figures = computed(sample.table(), request);
  const auto& whole = std::get<BoxFigures>(figures.of);
  CHECK(whole.groups[0].counts == std::vector<std::uint64_t>{1, 0, 0, 1, 0, 0, 0});
  CHECK(whole.groups[1].counts == std::vector<std::uint64_t>{0, 2, 0, 0, 0, 0, 1});
  REQUIRE(figures.panels.size() == 2);
  for (const Panel& panel : figures.panels) {
    const auto& of = std::get<BoxFigures>(panel.figures.of);
    CHECK(of.bins_low == 0);
    CHECK(of.bins_high == 14);
    CHECK(of.groups[0].counts.size() == 7);
  }
}

TEST_CASE("violins and strips that cannot be drawn are refused in words") {
  const Sample sample = sample_of(60);
  Request request = asked_marks(Marks::violin);
  const auto columns = [&] {
    return std::vector{text_cells("g", sample.groups), number_cells("x", sample.x),
                       number_cells("y", sample.y)};
  };
  FiguresLimits limits;
  limits.curves_max = 4;
  CHECK_FALSE(boxes_of(sample.table(), request, limits).violins.empty());
  limits.curves_max = 3;
  CHECK(refused(columns(), request, limits) ==
        "g has 4 values, and there are 3 violins at most: choose a column with fewer, or boxes");
  request.bandwidth = {Bandwidth::Rule::given, 0};
  CHECK(refused(columns(), request).find("a bandwidth is above 0, not 0") == 0);
  request = asked_marks(Marks::strip);
  request.bins = {Bins::Rule::given, bins_max + 1};
  CHECK(refused(columns(), request) == "there are 1 to 10,000 bins, not 10,001");
  limits.counts_max = 4 * bins_max;
  request.bins.count = bins_max;
  CHECK(boxes_of(sample.table(), request, limits).groups[0].counts.size() == bins_max);
  --limits.counts_max;
  CHECK(refused(columns(), request, limits).find("are too many counts") != std::string::npos);
  request = asked(Kind::bar, "g");
  request.marks = Marks::strip;
  CHECK(refused(columns(), request).find("bar has no --marks") == 0);
}

}  // namespace
}  // namespace cauce::charts

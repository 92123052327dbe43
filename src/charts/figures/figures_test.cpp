#include "charts/figures.h"

#include <doctest/doctest.h>

#include <numeric>

#include "charts/figures/sample.h"

namespace cauce::charts {
namespace {

using columns::Type;
using columns::memory::boolean_cells;
using columns::memory::Retype;
using columns::memory::time_cells;

TEST_CASE("the counts of cells sum to the rows that have both values, colour or not") {
  std::mt19937_64 random{17};
  const Sample sample = random_sample(random, 300);
  Request request = asked(Kind::scatter, "x", "y");
  request.cells = charts::Cells{11, 3};
  std::uint64_t valid = 0;
  for (std::size_t row = 0; row < 300; ++row) {
    valid += !std::isnan(sample.x[row]) && !std::isnan(sample.y[row]) ? 1 : 0;
  }
  for (const char* color : {"", "g", "y"}) {
    request.color = color;
    const Figures figures = computed(sample.table(), request);
    const auto& scatter = std::get<ScatterFigures>(figures.of);
    CHECK(std::accumulate(scatter.counts.begin(), scatter.counts.end(), std::uint64_t{0}) == valid);
    CHECK(figures.drawn == valid);
    CHECK(figures.drawn + figures.missing == figures.rows);
  }
}

TEST_CASE("rows without a colour are a category of their own") {
  Request request = asked(Kind::scatter, "x", "y");
  request.color = "g";
  const Sample sample{{"a", "", "a"}, {1, 2, 3}, {1, 4, 9}};
  const Figures figures = computed(sample.table(), request);
  const auto& scatter = std::get<ScatterFigures>(figures.of);
  CHECK(scatter.categories == std::vector<std::string>{"a", ""});
  CHECK(scatter.category_rows == std::vector<std::uint64_t>{2, 1});
  CHECK(scatter.points.size() == 3);
}

TEST_CASE("a numeric colour gives each cell the mean of its rows") {
  Request request = asked(Kind::scatter, "x", "y");
  request.color = "c";
  request.cells = charts::Cells{2, 1};
  const Figures figures =
      computed(MemoryTable{{number_cells("x", {0, 0, 9, 9}), number_cells("y", {1, 2, 3, 4}),
                            number_cells("c", {10, 20, missing, missing})}},
               request);
  const auto& scatter = std::get<ScatterFigures>(figures.of);
  CHECK(scatter.cell_color_means[0] == 15);
  CHECK(std::isnan(scatter.cell_color_means[1]));
  CHECK(scatter.counts == std::vector<std::uint64_t>{2, 2});
}

TEST_CASE("points are drawn up to points_max, counts per cell from one more") {
  FiguresLimits limits;
  limits.points_max = 3;
  Sample sample{{"a", "a", "a"}, {1, 2, 3}, {1, 4, 9}};
  const Request request = asked(Kind::scatter, "x", "y");
  const Figures few = computed(sample.table(), request, limits);
  CHECK(std::get<ScatterFigures>(few.of).points.size() == 3);
  CHECK(std::get<ScatterFigures>(few.of).counts.empty());
  sample = {{"a", "a", "a", "a"}, {1, 2, 3, 4}, {1, 4, 9, 16}};
  const Figures more = computed(sample.table(), request, limits);
  const auto& scatter = std::get<ScatterFigures>(more.of);
  CHECK(scatter.points.empty());
  CHECK(scatter.nx == 360);
  CHECK(scatter.ny == 220);
  CHECK(std::accumulate(scatter.counts.begin(), scatter.counts.end(), std::uint64_t{0}) == 4);
}

TEST_CASE("groups are named as they were written and come in order of first appearance") {
  const MemoryTable table{{columns::memory::written_number_cells("k", {"8", "4.0", "8", "4"}),
                           number_cells("y", {1, 2, 3, 4})}};
  Figures figures = computed(table, asked(Kind::bar, "k", "y"));
  const auto& bars = std::get<BarFigures>(figures.of).groups;
  REQUIRE(bars.size() == 3);
  CHECK(bars[0].group == "8");
  CHECK(bars[1].group == "4.0");
  CHECK(bars[2].group == "4");
  CHECK(bars[0].sum == 4);
}

TEST_CASE("dates and booleans group, and count as numbers") {
  const std::vector<TableCells> columns{
      time_cells("day", Type::date, {0, 8.64e10, missing}, {"1970-01-01", "1970-01-02", ""}),
      boolean_cells("on", {true, false, true}), number_cells("y", {1, 2, 3})};
  Figures figures = computed(MemoryTable{columns}, asked(Kind::bar, "on", "y"));
  CHECK(std::get<BarFigures>(figures.of).groups[0].group == "true");
  figures = computed(MemoryTable{columns}, asked(Kind::bar, "day", "y"));
  CHECK(std::get<BarFigures>(figures.of).groups[1].group == "1970-01-02");
  CHECK(std::get<BarFigures>(figures.of).missing_key == 1);
  figures = computed(MemoryTable{columns}, asked(Kind::scatter, "day", "on"));
  CHECK(std::get<ScatterFigures>(figures.of).n == 2);
  CHECK(figures.schema == columns::Schema{{"day", Type::date}, {"on", Type::boolean}});
}

TEST_CASE("bars without values count rows") {
  const Sample sample{{"a", "b", "", "a"}, {1, missing, 3, 4}, {1, 2, 3, 4}};
  const Figures figures = computed(sample.table(), asked(Kind::bar, "g"));
  const auto& bars = std::get<BarFigures>(figures.of);
  CHECK(bars.aggregate == Aggregate::count);
  CHECK(bars.groups[0].count == 2);
  CHECK(bars.groups[1].count == 1);
  CHECK(bars.missing_key == 1);
  CHECK(figures.drawn == 3);
  CHECK(figures.missing == 1);
}

TEST_CASE("bars that show means need one scan when no other statistic is asked for") {
  const Sample sample{{"a", "b", "a"}, {1, 2, 3}, {1, 2, 5}};
  MemoryTable table = sample.table();
  Request request = asked(Kind::bar, "g", "y");
  request.every_statistic = false;
  const Result<Figures> figures = compute_figures(table, request, scanning());
  REQUIRE(figures);
  CHECK(std::get<BarFigures>(figures->of).groups[0].mean == 3);
  CHECK(table.scans_begun() == 1);
}

TEST_CASE("infinite values are excluded and counted, not drawn") {
  const double endless = std::numeric_limits<double>::infinity();
  const Sample sample{{"a", "a", "a", "a"}, {1, 2, 3, 4}, {1, endless, missing, 3}};
  const Figures figures = computed(sample.table(), asked(Kind::box, "", "y"));
  CHECK(figures.rows == 4);
  CHECK(figures.drawn == 2);
  CHECK(figures.missing == 1);
  CHECK(figures.excluded == 1);
  CHECK(std::get<BoxFigures>(figures.of).groups[0].max == 3);
}

TEST_CASE("a column that turns out to have another type makes the chart start over") {
  MemoryTable table{{text_cells("code", {"7", "8", "x", "8"}), number_cells("y", {1, 2, 3, 4})},
                    {2, Retype{0, Type::number, 2}}};
  const Result<Figures> figures = compute_figures(table, asked(Kind::bar, "code", "y"));
  REQUIRE(figures);
  const auto& bars = std::get<BarFigures>(figures->of).groups;
  REQUIRE(bars.size() == 3);
  CHECK(bars[1].count == 2);
  CHECK(figures->rows == 4);
  CHECK(figures->schema[0].type == Type::text);
}

TEST_CASE("a column that turns out to be text is refused where numbers are needed") {
  MemoryTable table{{text_cells("code", {"7", "8", "x"})}, {2, Retype{0, Type::number, 2}}};
  const Result<Figures> figures = compute_figures(table, asked(Kind::density, "code"));
  REQUIRE_FALSE(figures);
  CHECK(figures.error().message ==
        "code is text, and density needs numbers there: take a column of numbers, or count its "
        "values with bars (bar --x)");
}

TEST_CASE("groups that cannot have a curve say why, the others have theirs") {
  const Sample sample{{"a", "a", "b", "c", "c", "d"}, {1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 4, missing}};
  const Figures figures = computed(sample.table(), asked(Kind::density, "y", "", "g"));
  const auto& curves = std::get<DensityFigures>(figures.of).groups;
  REQUIRE(curves.size() == 4);
  CHECK(curves[0].degenerate.empty());
  CHECK(curves[0].y.size() == 512);
  CHECK(curves[1].degenerate == "y has one value, 3: a density curve needs two");
  CHECK(curves[2].degenerate == "all 2 values of y are 4: they have no density curve");
  CHECK(curves[3].degenerate == "no row of this group has a value of y");
}

TEST_CASE("a curve of binned values is within 1e-5 of the exact one") {
  std::mt19937_64 random{18};
  std::student_t_distribution<double> heavy{3};
  std::vector<double> values(6'000);
  for (double& value : values)
    value = heavy(random);
  FiguresLimits exact;
  exact.rug_max = values.size();
  const Request request = asked(Kind::density, "v");
  const auto table = [&] { return MemoryTable{{number_cells("v", values)}}; };
  const Figures one = computed(table(), request, exact);
  const Figures other = computed(table(), request);
  const auto& expected = std::get<DensityFigures>(one.of).groups[0].y;
  const auto& binned = std::get<DensityFigures>(other.of).groups[0].y;
  CHECK(std::get<DensityFigures>(other.of).groups[0].rug.empty());
  const double peak = *std::max_element(expected.begin(), expected.end());
  for (std::size_t at = 0; at < expected.size(); ++at) {
    CHECK(std::fabs(expected[at] - binned[at]) <= 1e-5 * peak);
  }
}

TEST_CASE("more groups than the limit are refused with what to do") {
  FiguresLimits limits;
  limits.groups_max = 2;
  const Sample two{{"a", "b", "a"}, {1, 2, 3}, {1, 2, 3}};
  computed(two.table(), asked(Kind::box, "", "y", "g"), limits);
  CHECK(refused({text_cells("g", {"a", "b", "c"}), number_cells("y", {1, 2, 3})},
                asked(Kind::box, "", "y", "g"),
                limits) == "g has more than 2 different values: choose a column with fewer");
}

TEST_CASE("a rule that asks for more bins than can be drawn gets the limit and says so") {
  std::vector<double> values{1e9};
  for (int at = 0; at < 1000; ++at)
    values.push_back(at % 10);
  Request request = asked(Kind::histogram, "v");
  request.bins.rule = Bins::Rule::freedman_diaconis;
  const Figures figures = computed(MemoryTable{{number_cells("v", values)}}, request);
  const auto& histogram = std::get<HistogramFigures>(figures.of);
  CHECK(histogram.counts.size() == 10'000);
  CHECK(histogram.bins_asked > 1e8);
  request.bins = {Bins::Rule::given, 10'001};
  CHECK(refused({number_cells("v", values)}, request) == "there are 1 to 10,000 bins, not 10,001");
}

TEST_CASE("a chart that cannot be made says what it needs") {
  const std::vector<TableCells> cars{
      number_cells("Horsepower", {130, 165}), text_cells("Origin", {"USA", "Japan"}),
      number_cells("Doors", {4, 4}), number_cells("Empty", {missing, missing})};
  CHECK(refused(cars, asked(Kind::scatter, "Horsepower")) ==
        "scatter needs --x and --y: it takes --x and --y with two columns of numbers or dates, "
        "and --color to tell groups apart");
  CHECK(refused(cars, asked(Kind::box, "", "horse_power")) ==
        "no column horse_power; did you mean Horsepower?");
  CHECK(refused(cars, asked(Kind::scatter, "Horsepower", "Origin")) ==
        "Origin is text, and scatter needs numbers there: take a column of numbers, or draw bars "
        "that count the rows of each value (bar --x)");
  CHECK(refused(cars, asked(Kind::scatter, "Horsepower", "Horsepower")) ==
        "scatter of Horsepower against itself is a line: take another column for --y, or draw a "
        "histogram of it");
  CHECK(refused(cars, asked(Kind::density, "Doors")) ==
        "all 2 values of Doors are 4: they have no density curve; bars would count them");
  CHECK(refused(cars, asked(Kind::histogram, "Empty")) ==
        "none of the 2 rows has a value of Empty: there is nothing to draw");
  CHECK(refused(cars, asked(Kind::box, "Origin", "Horsepower")) ==
        "box has no --x: it takes --y with a column of numbers, and --by for a box of each group");
  CHECK(refused({number_cells("v", {})}, asked(Kind::histogram, "v")) ==
        "the table has no rows: there is nothing to draw");
}

}  // namespace
}  // namespace cauce::charts

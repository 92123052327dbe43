// Densities of two columns and pair plots, recomputed from their SVG.
#include <doctest/doctest.h>

#include <random>

#include "charts/drawing/contours.h"
#include "charts/drawing/surfaces.h"
#include "charts/figures/sample.h"
#include "charts/svg_reader_test.h"

namespace cauce::charts {
namespace {

MemoryTable cloud_of(std::size_t rows) {
  std::mt19937_64 random{31};
  std::normal_distribution<double> normal;
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> z;
  std::vector<std::string> groups;
  for (std::size_t row = 0; row < rows; ++row) {
    const bool left = row % 3 == 0;
    x.push_back((left ? -4 : 2) + normal(random));
    y.push_back((left ? 3 : 0) + 0.5 * x.back() + normal(random));
    z.push_back(normal(random));
    groups.push_back(left ? "left" : "right");
  }
  return MemoryTable{
      {number_cells("x", x), number_cells("y", y), number_cells("z", z), text_cells("g", groups)}};
}

// At any place of the grid, between its nodes.
double density_at(const SurfaceFigures& surface, double x, double y) {
  const auto place = [](double value, double low, double high, std::uint32_t nodes) {
    return std::clamp((value - low) / (high - low) * double(nodes - 1), 0.0, double(nodes - 1));
  };
  const double at_x = place(x, surface.x_low, surface.x_high, surface.nx);
  const double at_y = place(y, surface.y_low, surface.y_high, surface.ny);
  const auto left = std::min(std::size_t(at_x), std::size_t{surface.nx} - 2);
  const auto below = std::min(std::size_t(at_y), std::size_t{surface.ny} - 2);
  const auto node = [&](std::size_t column, std::size_t row) {
    return surface.density[column * surface.ny + row];
  };
  const double right_part = at_x - double(left);
  const double upper_part = at_y - double(below);
  return (node(left, below) * (1 - right_part) + node(left + 1, below) * right_part) *
             (1 - upper_part) +
         (node(left, below + 1) * (1 - right_part) + node(left + 1, below + 1) * right_part) *
             upper_part;
}

double value_at(const SvgAxis& axis, double pixel) {
  return axis.domain_low + (pixel - axis.range_low) / (axis.range_high - axis.range_low) *
                               (axis.domain_high - axis.domain_low);
}

TEST_CASE("along a contour the density is its level, and it holds the share that it says") {
  const Request request = asked(Kind::density, "x", "y");
  const Figures figures = computed(cloud_of(900), request);
  const auto& surface = std::get<SurfaceFigures>(figures.of);
  const auto elements = read(figures, request);
  const SvgAxis x = axis_of(elements, "x");
  const SvgAxis y = axis_of(elements, "y");
  const auto contours = with_role(elements, "contour");
  REQUIRE(contours.size() >= 7);
  const double peak = *std::max_element(surface.density.begin(), surface.density.end());
  double all = 0;
  for (const double height : surface.density)
    all += height;
  for (const SvgElement& contour : contours) {
    const double level = contour.number("data-value");
    for (const auto& [at_x, at_y] : vertices_of(contour)) {
      const double height = density_at(surface, value_at(x, at_x), value_at(y, at_y));
      CHECK(std::abs(height - level) < 0.01 * peak);
    }
    double mass = 0;
    for (const double height : surface.density)
      mass += height >= level ? height : 0;
    CHECK(std::abs(mass / all - contour.number("data-share")) < 0.01);
  }
  CHECK(surface.points.size() == 900);
}

TEST_CASE("exact and binned sums of kernels agree to a thousandth of the peak") {
  const Request request = asked(Kind::density, "x", "y");
  FiguresLimits binned;
  binned.rug_max = 799;
  FiguresLimits exact;
  exact.rug_max = 800;
  const auto one = std::get<SurfaceFigures>(computed(cloud_of(800), request, exact).of);
  const auto other = std::get<SurfaceFigures>(computed(cloud_of(800), request, binned).of);
  CHECK(one.points.size() == 800);
  CHECK(other.points.empty());
  REQUIRE(one.density.size() == other.density.size());
  const double peak = *std::max_element(one.density.begin(), one.density.end());
  double mass = 0;
  for (std::size_t node = 0; node < one.density.size(); ++node) {
    CHECK(std::abs(one.density[node] - other.density[node]) < 1e-3 * peak);
    mass += one.density[node];
  }
  const double cell =
      (one.x_high - one.x_low) / (one.nx - 1) * (one.y_high - one.y_low) / (one.ny - 1);
  CHECK(std::abs(mass * cell - 1) < 0.01);
}

TEST_CASE("a ring around a hill is filled, one around a pit in it is a hole") {
  std::vector<double> heights(30 * 30);
  for (int x = 0; x < 30; ++x) {
    for (int y = 0; y < 30; ++y) {
      const double far = std::hypot(x - 14.5, y - 14.5);
      heights[std::size_t(x) * 30 + std::size_t(y)] = far < 4 ? 0.2 : far < 10 ? 1 : 0;
    }
  }
  const auto rings = drawing::rings_of(heights, 30, 30, 0.5);
  REQUIRE(rings.size() == 2);
  CHECK_FALSE(rings[0].is_hole);
  CHECK(rings[1].is_hole);
  CHECK(rings[0].area > 280);
  CHECK(rings[1].area < 70);
  // A hill that reaches the edge is closed along it.
  const std::vector<double> flat(16, 1.0);
  const auto whole = drawing::rings_of(flat, 4, 4, 0.5);
  REQUIRE(whole.size() == 1);
  CHECK(whole[0].area == doctest::Approx(9));
  CHECK(drawing::rings_of(flat, 4, 4, 2).empty());
}

TEST_CASE("at a saddle the regions are joined or apart as the middle says") {
  const std::vector<double> joined{1, 0.4, 0.4, 1};
  CHECK(drawing::rings_of(joined, 2, 2, 0.5).size() == 1);
  const std::vector<double> apart{1, -1, -1, 1};
  CHECK(drawing::rings_of(apart, 2, 2, 0.5).size() == 2);
}

TEST_CASE("a density of two columns that cannot be is refused in words") {
  const auto columns = [] {
    return std::vector{number_cells("x", {1, 2, 3}), number_cells("y", {2, 2, 2}),
                       text_cells("g", {"a", "b", "c"})};
  };
  CHECK(refused(columns(), asked(Kind::density, "x", "y")).find("all 3 values of y are 2") == 0);
  CHECK(refused(columns(), asked(Kind::density, "x", "x")).find("against itself") !=
        std::string::npos);
  CHECK(refused(columns(), asked(Kind::density, "x", "g")).find("g is text") == 0);
}

Request pairs_of(std::vector<std::string> columns, const std::string& color = "") {
  Request request = asked(Kind::pairs, "");
  request.columns = std::move(columns);
  request.color = color;
  return request;
}

SvgAxis axis_of_panel(const std::vector<SvgElement>& elements, const std::string& name,
                      const std::string& panel) {
  std::vector<SvgElement> of_panel;
  for (const SvgElement& element : elements) {
    if (element.has("data-axis") && element.at("data-panel") == panel) of_panel.push_back(element);
  }
  return axis_of(of_panel, name);
}

TEST_CASE("each panel of a pair plot shows its two columns") {
  const Request request = pairs_of({"x", "y", "z"}, "g");
  const Figures figures = computed(cloud_of(60), request);
  const auto& pairs = std::get<PairsFigures>(figures.of);
  const auto elements = read(figures, request);
  CHECK(with_role(elements, "panel").size() == 3);
  CHECK(with_role(elements, "correlation").size() == 3);
  std::string panel;
  std::map<std::string, std::size_t> points;
  for (const SvgElement& element : elements) {
    if (element.at("data-role") == "points") panel = element.at("data-panel");
    if (element.name != "use") continue;
    ++points[panel];
    check_px(element.number("x"),
             axis_of_panel(elements, "x", panel).pixel(element.number("data-x")));
    check_px(element.number("y"),
             axis_of_panel(elements, "y", panel).pixel(element.number("data-y")));
  }
  CHECK(points == std::map<std::string, std::size_t>{{"3", 60}, {"6", 60}, {"7", 60}});
  for (const SvgElement& steps : with_role(elements, "steps")) {
    const SvgAxis x = axis_of_panel(elements, "x", steps.at("data-panel"));
    const SvgAxis y = axis_of_panel(elements, "y", steps.at("data-panel"));
    const std::vector<double> counts = numbers_of(steps.at("data-values"));
    const std::size_t column = std::size_t(steps.number("data-panel")) / 4;
    const PairsColumn& of = pairs.columns[column];
    const auto vertices = vertices_of(steps);
    for (std::size_t bin = 0; bin < counts.size(); ++bin) {
      const double width = (of.high - of.low) / double(counts.size());
      check_px(vertices[2 * bin + 1].first, x.pixel(of.low + width * double(bin)));
      check_px(vertices[2 * bin + 1].second, y.pixel(counts[bin]));
    }
  }
}

TEST_CASE("pair plots of small multiples have one scale for each column, and show their own rows") {
  Request request = pairs_of({"x", "y"});
  request.facet = "g";
  const Figures figures = computed(cloud_of(60), request);
  REQUIRE(figures.panels.size() > 1);
  const auto& whole = std::get<PairsFigures>(figures.of);
  const auto elements = read(figures, request);
  std::size_t points = 0;
  for (std::size_t index = 0; index < figures.panels.size(); ++index) {
    CAPTURE(index);
    const auto& own = std::get<PairsFigures>(figures.panels[index].figures.of);
    CHECK(own.bins == whole.bins);
    CHECK(own.columns[0].low == whole.columns[0].low);
    CHECK(own.columns[1].high == whole.columns[1].high);
    Request alone = pairs_of({"x", "y"});
    alone.where = {{"g", Condition::Compare::equal, {figures.panels[index].name}}};
    const auto same = std::get<PairsFigures>(computed(cloud_of(60), alone).of);
    CHECK(own.n == same.n);
    CHECK(own.values == same.values);
    CHECK(own.pearson == same.pearson);
    // The third of the four panels of a pair plot holds its points.
    const std::string panel = std::to_string(index) + ".2";
    const SvgAxis x = axis_of_panel(elements, "x", panel);
    const SvgAxis y = axis_of_panel(elements, "y", panel);
    CHECK(x.domain_low == axis_of_panel(elements, "x", "0.2").domain_low);
    CHECK(y.domain_high == axis_of_panel(elements, "y", "0.2").domain_high);
    std::string at;
    for (const SvgElement& element : elements) {
      if (element.at("data-role") == "points") at = element.at("data-panel");
      if (element.name != "use" || at != panel) continue;
      ++points;
      check_px(element.number("x"), x.pixel(element.number("data-x")));
      check_px(element.number("y"), y.pixel(element.number("data-y")));
    }
  }
  CHECK(points == 60);
  CHECK(with_role(elements, "correlation").size() == figures.panels.size());
}

TEST_CASE("a pair plot counts every row, as points to its limit and in cells one past it") {
  FiguresLimits limits;
  limits.points_max = 180;
  const Request request = pairs_of({"x", "y", "z"}, "g");
  const auto points = std::get<PairsFigures>(computed(cloud_of(60), request, limits).of);
  CHECK(points.values.size() == 180);
  CHECK(points.counts.empty());
  const auto cells = std::get<PairsFigures>(computed(cloud_of(61), request, limits).of);
  CHECK(cells.values.empty());
  REQUIRE(cells.counts.size() == 3);
  for (const auto& counts : cells.counts) {
    std::uint64_t rows = 0;
    for (const std::uint64_t count : counts)
      rows += count;
    CHECK(rows == 61);
  }
  const auto elements = read(computed(cloud_of(61), request, limits), request);
  CHECK(elements.size() > 10);
}

TEST_CASE("an SVG of many pairs stays small, and one without room says so") {
  const std::vector<std::string> all{"x", "y", "z"};
  for (const std::size_t rows : {600, 6'000, 60'000}) {
    const Request request = pairs_of(all, "g");
    const auto svg = render(computed(cloud_of(rows), request), request, Format::svg);
    REQUIRE(svg);
    CHECK(svg->size() < 300'000);
  }
  Request request = pairs_of(all);
  request.width_px = request.height_px = 160;
  CHECK(with_role(read(computed(cloud_of(60), request), request), "words").size() >= 1);
}

}  // namespace
}  // namespace cauce::charts

// The colour, shape and area of points, recomputed from their SVG.
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "charts/figures/sample.h"
#include "charts/svg_reader_test.h"

namespace cauce::charts {
namespace {

const std::vector<std::string> origins{"USA", "Japan", "USA", "Europe", "Japan", "USA", ""};
const std::vector<std::string> cylinders{"8", "4", "6", "4", "6", "8", "4"};
const std::vector<double> sizes{10, 20, 0, 40, missing, 5, 90};

MemoryTable table() {
  return MemoryTable{{number_cells("x", {1, 2, 3, 4, 5, 6, 7}),
                      number_cells("y", {7, 5, 6, 1, 2, 4, 3}), number_cells("s", sizes),
                      number_cells("t", {-1, 2, 3, 4, 5, 6, 7}), text_cells("o", origins),
                      text_cells("c", cylinders)}};
}

Request request_of(const std::string& color, const std::string& shape, const std::string& size) {
  Request request = asked(Kind::scatter, "x", "y");
  request.color = color;
  request.shape = shape;
  request.size = size;
  return request;
}

std::vector<SvgElement> uses_of(const std::vector<SvgElement>& elements) {
  std::vector<SvgElement> uses;
  for (const SvgElement& element : elements) {
    if (element.name == "use") uses.push_back(element);
  }
  return uses;
}

// Half the width of what a point looks like.
double drawn_radius(const std::vector<SvgElement>& elements, const SvgElement& use) {
  for (const SvgElement& element : elements) {
    if (element.has("id") && "#" + element.at("id") == use.at("href"))
      return numbers_of(element.at("d")).at(2);
  }
  FAIL("no look " << use.at("href"));
  return 0;
}

TEST_CASE("the area of a point is proportional to its size, and every row is drawn") {
  const Request request = request_of("", "", "s");
  const auto elements = read(computed(table(), request), request);
  const auto uses = uses_of(elements);
  REQUIRE(uses.size() == sizes.size());
  double before = 1e9;
  int without = 0;
  for (const SvgElement& use : uses) {
    if (use.at("data-size").empty()) {
      ++without;
      continue;
    }
    const double radius = drawn_radius(elements, use);
    // The largest one, 90, has a radius of 14; none is smaller than 1.
    CHECK(std::abs(radius - std::max(1.0, 14 * std::sqrt(use.number("data-size") / 90))) < 0.35);
    CHECK(std::abs(radius - use.number("data-radius")) < 0.01);
    CHECK(radius <= before);
    before = radius;
  }
  CHECK(without == 1);
  CHECK(with_role(elements, "footer").front().text.find("1 small ring: a row without s") !=
        std::string::npos);
  // The key has circles of sizes that its labels say.
  const auto marks = with_role(elements, "legend-mark");
  const auto labels = with_role(elements, "legend");
  REQUIRE(marks.size() == labels.size());
  REQUIRE(marks.size() >= 1);
  CHECK(labels.front().text.starts_with("s: "));
  for (std::size_t index = 0; index < marks.size(); ++index) {
    const double size = numbers_of(labels[index].text).front();
    const double radius = numbers_of(marks[index].at("d")).at(2);
    CHECK(std::abs(radius - 14 * std::sqrt(size / 90)) < 0.02);
  }
}

TEST_CASE("colour, shape and size go together, and each point has its own") {
  const Request request = request_of("o", "c", "s");
  const auto elements = read(computed(table(), request), request);
  std::map<double, const SvgElement*> found;
  const auto uses = uses_of(elements);
  for (const SvgElement& use : uses)
    found[use.number("data-x")] = &use;
  REQUIRE(found.size() == 7);
  for (std::size_t row = 0; row < origins.size(); ++row) {
    const SvgElement& use = *found.at(double(row + 1));
    CHECK(use.at("data-group") == origins[row]);
    CHECK(use.at("data-shape") == cylinders[row]);
    CHECK(use.number("data-size") == (std::isnan(sizes[row]) ? 0 : sizes[row]));
  }
}

TEST_CASE("the eight largest shapes are told apart, all others are rings and counted") {
  std::vector<double> x;
  std::vector<std::string> shapes;
  for (int shape = 0; shape < 12; ++shape) {
    for (int row = 0; row < 14 - shape; ++row) {
      x.push_back(double(x.size()));
      shapes.push_back("s" + std::to_string(shape));
    }
  }
  const MemoryTable many{{number_cells("x", x), number_cells("y", x), text_cells("c", shapes)}};
  const Request request = request_of("", "c", "");
  const auto elements = read(computed(many, request), request);
  std::map<std::string, std::set<std::string>> outlines;
  std::size_t others = 0;
  for (const SvgElement& use : uses_of(elements)) {
    outlines[use.at("data-shape")].insert(use.at("href"));
    others += use.at("data-shape") == "other 5" ? 1 : 0;
  }
  CHECK(outlines.size() == 8);
  std::set<std::string> different;
  for (const auto& [shape, looks] : outlines) {
    CHECK(looks.size() == 1);
    different.insert(*looks.begin());
  }
  CHECK(different.size() == 8);
  CHECK(others == 7 + 6 + 5 + 4 + 3);
  bool told = false;
  for (const SvgElement& label : with_role(elements, "legend"))
    told = told || label.text == "other 5 (25)";
  CHECK(told);
}

TEST_CASE("cells say that they show neither size nor shape; shapes alone become panels") {
  for (const Locale locale : {Locale::en, Locale::es}) {
    Request request = request_of("o", "c", "s");
    request.cells = Cells{4, 3};
    request.locale = locale;
    const auto elements = read(computed(table(), request), request);
    const std::string footer = with_role(elements, "footer").front().text;
    CHECK(footer.find(locale == Locale::es ? "no muestran s y c" : "do not show s and c") !=
          std::string::npos);
  }
  Request request = request_of("", "c", "");
  request.cells = Cells{4, 3};
  const Figures figures = computed(table(), request);
  CHECK(std::get<ScatterFigures>(figures.of).categories == std::vector<std::string>{"8", "4", "6"});
  CHECK(with_role(read(figures, request), "panel").size() == 3);
}

TEST_CASE("cells say how large one is and do not touch the edges of the plot") {
  Request request = request_of("", "", "");
  request.cells = Cells{4, 3};
  const Figures figures = computed(table(), request);
  const auto elements = read(figures, request);
  CHECK(with_role(elements, "subtitle").front().text.starts_with("4 × 3 cells of 1.5 × 2; "));
  const auto cells = std::find_if(elements.begin(), elements.end(),
                                  [](const SvgElement& one) { return one.has("data-nx"); });
  REQUIRE(cells != elements.end());
  const SvgAxis x = axis_of(elements, "x");
  CHECK(cells->number("x") > x.range_low + 2);
  CHECK(cells->number("x") + cells->number("width") < x.range_high - 2);
  request.locale = Locale::es;
  CHECK(with_role(read(figures, request), "subtitle")
            .front()
            .text.starts_with("4 × 3 celdas de 1,5 × 2; "));
  request.x_scale = Scale::log;
  CHECK(with_role(read(computed(table(), request), request), "subtitle")
            .front()
            .text.starts_with("4 × 3 celdas; "));
}

TEST_CASE("a category has the same look in every panel") {
  std::vector<double> x;
  std::vector<std::string> colors;
  std::vector<std::string> shapes;
  std::vector<std::string> panels;
  for (int row = 0; row < 240; ++row) {
    x.push_back(row);
    colors.push_back("c" + std::to_string(row * row % 11));
    shapes.push_back("s" + std::to_string(row % 10));
    panels.push_back(row % 7 < 3 ? "one" : "two");
  }
  const MemoryTable faceted{{number_cells("x", x), number_cells("y", x), text_cells("o", colors),
                             text_cells("c", shapes), text_cells("f", panels)}};
  Request request = request_of("o", "c", "");
  request.facet = "f";
  const auto elements = read(computed(faceted, request), request);
  std::map<std::string, std::set<std::string>> looks;
  for (const SvgElement& use : uses_of(elements)) {
    for (const SvgElement& element : elements) {
      if (!element.has("id") || "#" + element.at("id") != use.at("href")) continue;
      looks[use.at("data-group").substr(0, 5) + use.at("data-shape")].insert(element.at("d") +
                                                                             element.at("fill"));
    }
  }
  CHECK(looks.size() > 20);
  for (const auto& [name, different] : looks) {
    CAPTURE(name);
    CHECK(different.size() == 1);
  }
}

TEST_CASE("the least numbers that there are have their places on a logarithmic axis") {
  Request request = asked(Kind::scatter, "x", "y");
  request.x_scale = charts::Scale::log;
  for (const double least : {6.79e-313, 4.94e-324}) {
    CAPTURE(least);
    const MemoryTable small{{number_cells("x", {least, 1.4e-309}), number_cells("y", {1, 2})}};
    const auto elements = read(computed(small, request), request);
    const auto points = uses_of(elements);
    REQUIRE(points.size() == 2);
    CHECK(points[0].number("x") >= 0);
    CHECK(points[0].number("x") < points[1].number("x"));
    CHECK(points[1].number("x") <= 720);
    CHECK(points[1].number("data-x") == doctest::Approx(1.4e-309).epsilon(1e-6));
  }
  const MemoryTable alone{{number_cells("x", {4.94e-324}), number_cells("y", {1})}};
  for (const SvgElement& point : uses_of(read(computed(alone, request), request)))
    CHECK(std::isfinite(point.number("x")));
}

TEST_CASE("the largest numbers that there are have their places on a symmetric axis") {
  Request request = asked(Kind::scatter, "x", "y");
  request.x_scale = charts::Scale::symlog;
  const MemoryTable table{
      {number_cells("x", {-1.7e308, 0, 1.7e308}), number_cells("y", {1, 2, 3})}};
  const auto points = uses_of(read(computed(table, request), request));
  REQUIRE(points.size() == 3);
  CHECK(points[0].number("x") >= 0);
  CHECK(points[0].number("x") < points[1].number("x"));
  CHECK(points[1].number("x") < points[2].number("x"));
  CHECK(points[2].number("x") <= 720);
}

TEST_CASE("sizes that have no area are refused in words") {
  const auto columns = [] {
    return std::vector{number_cells("x", {1, 2}), number_cells("y", {2, 3}),
                       number_cells("t", {-1, 2}), text_cells("o", {"a", "b"})};
  };
  CHECK(refused(columns(), request_of("", "", "t")) ==
        "t goes down to -1, and no area is below 0: take it for --color, or leave these rows out "
        "with --where");
  CHECK(refused(columns(), request_of("", "", "o")).find("o is text") == 0);
  CHECK(refused(columns(), request_of("", "q", "")).find("no column q") == 0);
  Request request = asked(Kind::bar, "o");
  request.shape = "o";
  CHECK(refused(columns(), request).find("bar has no --shape") == 0);
}

}  // namespace
}  // namespace cauce::charts

// Small multiples from the table to the picture: what a panel holds, what panels share, and what is
// said of those that are not there.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "charts/figures/sample.h"
#include "charts/figures_record.h"
#include "charts/render.h"
#include "charts/svg_reader_test.h"

namespace cauce::charts {

namespace {

MemoryTable penguins() {
  std::mt19937_64 random{3};
  std::normal_distribution<double> normal{0, 1};
  std::vector<std::string> species;
  std::vector<std::string> island;
  std::vector<double> length;
  std::vector<double> mass;
  const std::vector<std::string> names{"Adelie", "Chinstrap", "Gentoo"};
  const std::vector<std::string> islands{"Biscoe", "Dream", "Torgersen", ""};
  for (std::size_t row = 0; row < 240; ++row) {
    const std::size_t kind = row % 3;
    species.push_back(names[kind]);
    // The last island has one species, and each has another number of rows.
    const std::size_t place = row % 20 == 0 ? 3 : row % 7 == 0 ? 2 : row % 4 == 0 ? 1 : 0;
    island.push_back(place == 2 && kind != 0 ? islands[0] : islands[place]);
    length.push_back(180 + 12 * double(kind) + 5 * normal(random));
    mass.push_back(row % 50 == 0 ? missing : 3000 + 900 * double(kind) + 300 * normal(random));
  }
  return MemoryTable{{text_cells("species", species), text_cells("island", island),
                      number_cells("length", length), number_cells("mass", mass)}};
}

Request facetted(Request request) {
  request.facet = "island";
  return request;
}

std::vector<Request> of_every_kind() {
  Request coloured = asked(Kind::scatter, "length", "mass");
  coloured.color = "species";
  Request counted = coloured;
  counted.cells = Cells{12, 9};
  Request log = asked(Kind::density, "length", "", "species");
  log.x_scale = Scale::log;
  std::vector<Request> requests{coloured,
                                counted,
                                asked(Kind::bar, "species", "mass"),
                                asked(Kind::bar, "species"),
                                asked(Kind::box, "", "mass", "species"),
                                asked(Kind::density, "length", "", "species"),
                                log,
                                asked(Kind::histogram, "length")};
  for (Request& request : requests)
    request = facetted(request);
  return requests;
}

std::vector<SvgElement> drawn(const Figures& figures, const Request& request) {
  const auto svg = render(figures, request, Format::svg);
  REQUIRE_MESSAGE(svg, (svg ? "" : svg.error().message));
  const auto elements = read_svg(*svg);
  REQUIRE(!elements.empty());
  return elements;
}

std::vector<std::string> texts(const std::vector<SvgElement>& elements, const std::string& role) {
  std::vector<std::string> found;
  for (const SvgElement& element : elements) {
    if (element.at("data-role") == role) found.push_back(element.text);
  }
  return found;
}

struct PanelAxis {
  std::string name, domain, panel;
  double low, high;  // pixels
};

std::vector<PanelAxis> axes_of(const std::vector<SvgElement>& elements) {
  std::vector<PanelAxis> axes;
  for (const SvgElement& element : elements) {
    if (!element.has("data-panel") || !element.has("data-axis")) continue;
    const std::string range = element.at("data-range");
    const double one = std::strtod(range.c_str(), nullptr);
    const double other = std::strtod(range.c_str() + range.find(',') + 1, nullptr);
    axes.push_back({element.at("data-axis"), element.at("data-domain"), element.at("data-panel"),
                    std::min(one, other), std::max(one, other)});
  }
  return axes;
}

}  // namespace

TEST_CASE("rows of a panel that a log axis has no place for are counted as such") {
  const MemoryTable table{{number_cells("length", {1, 10, -1, -2, 100}),
                           text_cells("island", {"Dream", "Dream", "Biscoe", "Biscoe", "Dream"})}};
  Request request = facetted(asked(Kind::histogram, "length"));
  request.x_scale = Scale::log;
  const Figures figures = computed(table, request);
  CHECK(figures.rows == 5);
  CHECK(figures.drawn == 3);
  CHECK(figures.not_positive == 2);
  CHECK(figures.filtered == 0);
  CHECK(figures.panels.size() == 2);
}

TEST_CASE("the panels of every kind hold all rows, and the whole is what they are together") {
  for (const Request& request : of_every_kind()) {
    CAPTURE(int(request.kind));
    const Figures whole = computed(penguins(), request);
    REQUIRE(whole.panels.size() == 4);
    CHECK(whole.panels[0].name == "Biscoe");
    CHECK(whole.panels[3].name.empty());
    std::uint64_t rows = 0;
    std::uint64_t shown = 0;
    for (const Panel& panel : whole.panels) {
      rows += panel.figures.rows;
      shown += panel.figures.drawn;
    }
    CHECK(rows == 240);
    CHECK(whole.rows == 240);
    CHECK(shown == whole.drawn);
    Request plain = request;
    plain.facet = "";
    CHECK(computed(penguins(), plain).drawn == whole.drawn);
  }
}

TEST_CASE("a panel is the chart of its rows alone") {
  for (Request request : of_every_kind()) {
    if (request.kind == Kind::histogram || request.cells) continue;
    CAPTURE(int(request.kind));
    const Figures whole = computed(penguins(), request);
    request.facet = "";
    request.where = {{"island", Condition::Compare::equal, {"Dream"}}};
    Figures alone = computed(penguins(), request);
    alone.filtered = 0;
    alone.schema = whole.panels[1].figures.schema;
    CHECK(to_bytes(alone) == to_bytes(whole.panels[1].figures));
  }
}

TEST_CASE("panels of bins and of cells have those of the whole, and add up to it") {
  const Figures bins = computed(penguins(), facetted(asked(Kind::histogram, "length")));
  const auto& all = std::get<HistogramFigures>(bins.of);
  std::vector<std::uint64_t> sums(all.counts.size());
  for (const Panel& panel : bins.panels) {
    const auto& part = std::get<HistogramFigures>(panel.figures.of);
    CHECK(part.low == all.low);
    CHECK(part.high == all.high);
    REQUIRE(part.counts.size() == sums.size());
    for (std::size_t bin = 0; bin < sums.size(); ++bin)
      sums[bin] += part.counts[bin];
  }
  CHECK(sums == all.counts);
  Request request = facetted(asked(Kind::scatter, "length", "mass"));
  FiguresLimits limits;
  limits.points_max = 100;
  const Figures cells = computed(penguins(), request, limits);
  const auto& whole = std::get<ScatterFigures>(cells.of);
  REQUIRE(!whole.counts.empty());
  sums.assign(whole.counts.size(), 0);
  for (const Panel& panel : cells.panels) {
    const auto& part = std::get<ScatterFigures>(panel.figures.of);
    CHECK(part.x_low == whole.x_low);
    CHECK(part.y_high == whole.y_high);
    REQUIRE(part.counts.size() == sums.size());
    for (std::size_t cell = 0; cell < sums.size(); ++cell)
      sums[cell] += part.counts[cell];
  }
  CHECK(sums == whole.counts);
}

TEST_CASE("there are 24 panels, and rows beyond them are counted in the footer") {
  for (const std::size_t values : {panels_max, panels_max + 1}) {
    std::vector<std::string> names;
    std::vector<double> numbers;
    for (std::size_t row = 0; row < 3 * values - 1; ++row) {
      names.push_back("g" + std::to_string(row % values));
      numbers.push_back(double(row));
    }
    Request request = asked(Kind::histogram, "x");
    request.facet = "g";
    const Figures figures =
        computed(MemoryTable{{text_cells("g", names), number_cells("x", numbers)}}, request);
    CHECK(figures.panels.size() == panels_max);
    CHECK(figures.rows == names.size());
    CHECK(figures.values_without_panel == values - panels_max);
    // The last value has two rows, all others three.
    CHECK(figures.without_panel == (values - panels_max) * 2);
    CHECK(figures.drawn == names.size() - figures.without_panel);
    const std::string footer = texts(drawn(figures, request), "footer").front();
    CHECK((footer.find("2 of 1 more value of g without a panel") != std::string::npos) ==
          (values > panels_max));
  }
}

TEST_CASE("numbers ascend from panel to panel, and a filter keeps its own count") {
  Request request = asked(Kind::histogram, "x");
  request.facet = "g";
  request.where = {{"x", Condition::Compare::less, {"90"}}};
  const Figures figures = computed(MemoryTable{{number_cells("g", {10, 9, 10, 100, 9, missing}),
                                                number_cells("x", {1, 2, 3, 4, 5, 99})}},
                                   request);
  std::vector<std::string> names;
  for (const Panel& panel : figures.panels)
    names.push_back(panel.name);
  CHECK(names == std::vector<std::string>{"9", "10", "100"});
  CHECK(figures.filtered == 1);
  CHECK(figures.rows == 5);
}

TEST_CASE("a panel without a chart says why, and the others are drawn") {
  Request request = asked(Kind::density, "x");
  request.facet = "g";
  const Figures figures = computed(
      MemoryTable{{text_cells("g", {"a", "a", "a", "b", "b"}), number_cells("x", {1, 2, 4, 7, 7})}},
      request);
  REQUIRE(figures.panels.size() == 2);
  CHECK(figures.panels[0].degenerate.empty());
  CHECK(figures.panels[1].degenerate.find("all 2 values of x are 7") != std::string::npos);
  const auto elements = drawn(figures, request);
  CHECK(!texts(elements, "words").empty());
  CHECK(texts(elements, "curve").size() == 1);
  CHECK(to_json(figures).find("\"panels\":[{\"panel\":\"a\"") != std::string::npos);
}

TEST_CASE("all panels have the same axes and sizes, none overlaps another, all have titles") {
  for (const Request& request : of_every_kind()) {
    CAPTURE(int(request.kind));
    const Figures figures = computed(penguins(), request);
    const auto elements = drawn(figures, request);
    const std::vector<PanelAxis> axes = axes_of(elements);
    CHECK(axes.size() == 8);
    for (const PanelAxis& axis : axes) {
      for (const PanelAxis& other : axes) {
        if (axis.name != other.name) continue;
        CHECK(axis.domain == other.domain);
        CHECK(std::abs((axis.high - axis.low) - (other.high - other.low)) < 0.03);
      }
    }
    CHECK(texts(elements, "panel").size() == 4);
    for (const SvgElement& element : elements) {
      const std::string role = element.at("data-role");
      if (role == "bin" || role == "bar" || role == "box" || role == "curve" || role == "points")
        CHECK(element.has("data-panel"));
    }
  }
}

TEST_CASE("a group has one colour in all panels") {
  for (const Request& request : of_every_kind()) {
    if (request.kind != Kind::density && request.kind != Kind::box) continue;
    const auto elements = drawn(computed(penguins(), request), request);
    std::map<std::string, std::string> strokes;
    std::size_t marks = 0;
    for (const SvgElement& element : elements) {
      const std::string role = element.at("data-role");
      if (role != "curve" && role != "box") continue;
      ++marks;
      const auto [found, added] = strokes.emplace(element.at("data-group"), element.at("stroke"));
      CHECK(found->second == element.at("stroke"));
    }
    CHECK(strokes.size() == 3);
    CHECK(marks > 6);
  }
}

TEST_CASE("figures with panels survive being written and read, and damage is found") {
  for (const Request& request : of_every_kind()) {
    const Figures figures = computed(penguins(), request);
    const Bytes bytes = to_bytes(figures);
    const auto read = figures_from_bytes(bytes);
    REQUIRE(read);
    CHECK(to_bytes(*read) == bytes);
    CHECK(to_json(*read) == to_json(figures));
    for (std::size_t count = 0; count < bytes.size(); count += 97)
      CHECK_FALSE(figures_from_bytes(BytesView(bytes).substr(0, count)));
  }
}

TEST_CASE("the alternative text tells every panel and its rows") {
  Request request = facetted(asked(Kind::histogram, "length"));
  const Figures figures = computed(penguins(), request);
  const std::string english = alternative_text(figures, request);
  CHECK(english.find("One panel for each island. Biscoe (") != std::string::npos);
  CHECK(english.find("Torgersen (") != std::string::npos);
  request.locale = Locale::es;
  CHECK(alternative_text(figures, request).find("Un panel para cada island. Biscoe (") !=
        std::string::npos);
}

}  // namespace cauce::charts

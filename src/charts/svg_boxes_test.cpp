// Violins and strips, recomputed from their SVG.
#include <doctest/doctest.h>

#include <random>

#include "charts/figures/sample.h"
#include "charts/svg_reader_test.h"

namespace cauce::charts {
namespace {

Request request_of(Marks marks) {
  Request request = asked(Kind::box, "", "y", "g");
  request.marks = marks;
  return request;
}

// The place of a band on the axis of bands, from the top.
double middle_of(const SvgAxis& bands, double index) {
  return bands.range_low + (index + 0.5) / bands.domain_high * (bands.range_high - bands.range_low);
}

Sample sample_of(std::size_t rows) {
  std::mt19937_64 random{23};
  return random_sample(random, rows);
}

double density_at(const DensityGroup& group, double value) {
  const double place = (value - group.x0) / (group.x1 - group.x0) * double(group.y.size() - 1);
  const auto left = std::size_t(place);
  return group.y[left] + (group.y[left + 1] - group.y[left]) * (place - double(left));
}

TEST_CASE("a violin is as thick as its density, from the lowest to the highest value") {
  const Request request = request_of(Marks::violin);
  const Figures figures = computed(sample_of(400).table(), request);
  const auto& boxes = std::get<BoxFigures>(figures.of);
  const auto elements = read(figures, request);
  const SvgAxis x = axis_of(elements, "x");
  const SvgAxis bands = axis_of(elements, "y");
  const double band = (bands.range_high - bands.range_low) / bands.domain_high;
  const auto violins = with_role(elements, "violin");
  REQUIRE(violins.size() == 4);
  double thickest = 0;
  for (const SvgElement& violin : violins) {
    const auto box = std::find_if(boxes.groups.begin(), boxes.groups.end(), [&](const auto& one) {
      return one.group == violin.at("data-group");
    });
    const DensityGroup& density = boxes.violins[std::size_t(box - boxes.groups.begin())];
    const std::vector<double> values = numbers_of(violin.at("data-values"));
    const auto vertices = vertices_of(violin);
    REQUIRE(vertices.size() == 2 * values.size());
    CHECK(violin.number("data-min") == box->min);
    const double middle = middle_of(bands, violin.number("data-index"));
    const double full = violin.number("data-thick") * band / 2;
    for (std::size_t index = 0; index < values.size(); ++index) {
      const double share = double(index) / double(values.size() - 1);
      const double value = box->min + (box->max - box->min) * share;
      check_px(vertices[index].first, x.pixel(value));
      CHECK(std::abs(values[index] - density_at(density, value)) < 1e-5 * values[index]);
      const double half = values[index] / violin.number("data-peak") * full;
      check_px(vertices[index].second, middle - half);
      check_px(vertices[vertices.size() - 1 - index].second, middle + half);
      thickest = std::max(thickest, values[index] / violin.number("data-peak"));
    }
  }
  CHECK(thickest > 0.99);
  CHECK(thickest < 1.0001);
  CHECK(with_role(elements, "median").size() == 4);
  for (const SvgElement& box : with_role(elements, "box")) {
    check_px(box.number("x"), x.pixel(box.number("data-q1")));
    check_px(box.number("x") + box.number("width"), x.pixel(box.number("data-q3")));
  }
}

std::vector<SvgElement> uses_of(const std::vector<SvgElement>& elements) {
  std::vector<SvgElement> uses;
  for (const SvgElement& element : elements) {
    if (element.name == "use") uses.push_back(element);
  }
  return uses;
}

TEST_CASE("every value of a strip is a point at its place, within its band") {
  const Request request = request_of(Marks::strip);
  const Figures figures = computed(sample_of(250).table(), request);
  const auto elements = read(figures, request);
  const SvgAxis x = axis_of(elements, "x");
  const SvgAxis bands = axis_of(elements, "y");
  std::map<std::string, std::vector<double>> found;
  for (const SvgElement& use : uses_of(elements)) {
    check_px(use.number("x"), x.pixel(use.number("data-x")));
    check_px(use.number("y"), middle_of(bands, use.number("data-y") - 0.5));
    found[use.at("data-group")].push_back(use.number("data-x"));
  }
  for (const BoxGroup& box : std::get<BoxFigures>(figures.of).groups) {
    std::vector<double>& values = found[box.group];
    std::sort(values.begin(), values.end());
    CHECK(values == box.points);
  }
}

TEST_CASE("a strip is the same whatever the order of its rows") {
  const Sample sample = sample_of(250);
  std::vector<std::size_t> order(sample.y.size());
  for (std::size_t row = 0; row < order.size(); ++row)
    order[row] = order.size() - 1 - row;
  const Request request = request_of(Marks::strip);
  const auto places_of = [&](const Sample& of) {
    std::vector<std::string> places;
    for (const SvgElement& use : uses_of(read(computed(of.table(), request), request)))
      places.push_back(use.at("data-group") + " " + use.at("x") + " " + use.at("y"));
    std::sort(places.begin(), places.end());
    return places;
  };
  CHECK(places_of(sample) == places_of(sample.picked(order)));
}

TEST_CASE("a strip of too many values has steps as thick as their counts") {
  Request request = request_of(Marks::strip);
  FiguresLimits limits;
  limits.strip_points_max = 10;
  const Figures figures = computed(sample_of(250).table(), request, limits);
  const auto& boxes = std::get<BoxFigures>(figures.of);
  const auto elements = read(figures, request);
  const SvgAxis x = axis_of(elements, "x");
  const SvgAxis bands = axis_of(elements, "y");
  const double band = (bands.range_high - bands.range_low) / bands.domain_high;
  CHECK(uses_of(elements).empty());
  const auto steps = with_role(elements, "counts");
  REQUIRE(steps.size() == 4);
  for (const SvgElement& step : steps) {
    const auto box = std::find_if(boxes.groups.begin(), boxes.groups.end(), [&](const auto& one) {
      return one.group == step.at("data-group");
    });
    const std::vector<double> values = numbers_of(step.at("data-values"));
    REQUIRE(std::vector<double>(box->counts.begin(), box->counts.end()) == values);
    const auto vertices = vertices_of(step);
    REQUIRE(vertices.size() == 4 * values.size());
    const double from = step.number("data-from");
    const double width = (step.number("data-to") - from) / double(values.size());
    const double middle = middle_of(bands, step.number("data-index"));
    for (std::size_t bin = 0; bin < values.size(); ++bin) {
      const double half =
          values[bin] / step.number("data-peak") * step.number("data-thick") * band / 2;
      check_px(vertices[2 * bin].first, x.pixel(from + width * double(bin)));
      check_px(vertices[2 * bin + 1].first, x.pixel(from + width * double(bin + 1)));
      check_px(vertices[2 * bin].second, middle - half);
      check_px(vertices[2 * bin + 1].second, middle - half);
    }
  }
}

TEST_CASE("a group of few values shows them on its box, and instead of its violin") {
  const MemoryTable table{{text_cells("g", {"a", "b", "a", "b", "a", "b", "b", "b", "c", "c"}),
                           number_cells("y", {4, 1, 3, 2, 2, 3, 4, 5, 6, 6})}};
  for (const Marks marks : {Marks::box, Marks::violin}) {
    const Request request = request_of(marks);
    const auto elements = read(computed(table, request), request);
    CHECK(uses_of(elements).size() == 5);
    CHECK(with_role(elements, "box").size() == (marks == Marks::box ? 3 : 1));
    CHECK(with_role(elements, "violin").size() == (marks == Marks::box ? 0 : 1));
    const std::string footer = with_role(elements, "footer").front().text;
    CAPTURE(footer);
    CHECK(footer.find(marks == Marks::box
                          ? "each value a point"
                          : "2 groups of up to 4 values: points, too few for a violin") !=
          std::string::npos);
  }
}

TEST_CASE("an SVG of many violins or strips stays small") {
  std::vector<std::string> groups;
  std::vector<double> values;
  std::mt19937_64 random{29};
  for (int row = 0; row < 40'000; ++row) {
    groups.push_back("group " + std::to_string(row % 150));
    values.push_back(std::normal_distribution<double>{double(row % 7), 2}(random));
  }
  const MemoryTable table{{text_cells("g", groups), number_cells("y", values)}};
  for (const Marks marks : {Marks::violin, Marks::strip}) {
    Request request = request_of(marks);
    for (const int height : {440, 3'000}) {
      request.height_px = height;
      const auto svg = render(computed(table, request), request, Format::svg);
      REQUIRE(svg);
      CHECK(svg->size() < 300'000);
    }
  }
}

}  // namespace
}  // namespace cauce::charts

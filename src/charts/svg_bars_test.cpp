// Bars by colour and histograms by group, recomputed from their SVG.
#include <doctest/doctest.h>

#include <numeric>

#include "charts/figures/sample.h"
#include "charts/svg_reader_test.h"

namespace cauce::charts {
namespace {

const std::vector<std::string> origins{"USA", "Japan", "USA", "Europe", "Japan", "USA", "Europe"};
const std::vector<std::string> cylinders{"8", "4", "6", "4", "6", "8", ""};
const std::vector<double> values{10, 20, -4, 7, 5, 8, 3};

Request bars_request(Bars bars, Aggregate aggregate) {
  Request request = asked(Kind::bar, "origin", "v");
  request.color = "cylinders";
  request.bars = bars;
  request.aggregate = aggregate;
  return request;
}

MemoryTable cars() {
  return MemoryTable{{text_cells("origin", origins), text_cells("cylinders", cylinders),
                      number_cells("v", values)}};
}

double value_of(const std::string& origin, const std::string& color, Aggregate aggregate) {
  double sum = 0;
  int n = 0;
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (origins[row] != origin) continue;
    if ((cylinders[row].empty() ? "no value" : cylinders[row]) != color) continue;
    sum += values[row];
    ++n;
  }
  return aggregate == Aggregate::sum ? sum : sum / n;
}

TEST_CASE("bars side by side are as long as their values say, each colour in its place") {
  for (const Aggregate aggregate : {Aggregate::sum, Aggregate::mean, Aggregate::median}) {
    const Request request = bars_request(Bars::grouped, aggregate);
    const auto elements = read(computed(cars(), request), request);
    const SvgAxis x = axis_of(elements, "x");
    const auto parts = with_role(elements, "part");
    CHECK(parts.size() == 6);
    for (const SvgElement& part : parts) {
      const double value = value_of(part.at("data-bar"), part.at("data-group"), aggregate);
      CHECK(part.number("data-value") == value);
      check_px(part.number("x"), std::min(x.pixel(0), x.pixel(value)));
      check_px(part.number("width"), std::abs(x.pixel(value) - x.pixel(0)));
      for (const SvgElement& other : parts) {
        if (&other == &part) break;
        CHECK((part.number("y") >= other.number("y") + other.number("height") ||
               other.number("y") >= part.number("y") + part.number("height")));
      }
    }
  }
}

TEST_CASE("stacked parts begin where the one before ends, those below zero on the other side") {
  const Request request = bars_request(Bars::stacked, Aggregate::sum);
  const auto elements = read(computed(cars(), request), request);
  const SvgAxis x = axis_of(elements, "x");
  std::map<std::string, std::pair<double, double>> ends;
  for (const SvgElement& part : with_role(elements, "part")) {
    const double value = part.number("data-value");
    auto& [left, right] = ends[part.at("data-bar")];
    double& end = value < 0 ? left : right;
    check_px(part.number("x"), x.pixel(std::min(end, end + value)));
    check_px(part.number("width"), std::abs(x.pixel(value) - x.pixel(0)));
    end += value;
  }
  CHECK(ends["USA"] == std::pair{-4.0, 18.0});
  CHECK(ends["Japan"] == std::pair{0.0, 25.0});
}

TEST_CASE("shares of a bar are together as long as the axis") {
  Request request = bars_request(Bars::shares, Aggregate::count);
  request.y.clear();
  const auto elements = read(computed(cars(), request), request);
  const SvgAxis x = axis_of(elements, "x");
  CHECK(x.domain_high == 100);
  std::map<std::string, double> widths;
  for (const SvgElement& part : with_role(elements, "part"))
    widths[part.at("data-bar")] += part.number("width");
  CHECK(widths.size() == 3);
  for (const auto& [name, width] : widths)
    CHECK(std::abs(width - (x.pixel(100) - x.pixel(0))) < 0.05);
}

TEST_CASE("a part below zero has no share, and the refusal names it") {
  const Request request = bars_request(Bars::shares, Aggregate::sum);
  const std::string words = refused({text_cells("origin", origins),
                                     text_cells("cylinders", cylinders), number_cells("v", values)},
                                    request);
  CHECK(words ==
        "6 of USA adds up to -4 and has no share of a whole: take --bars stacked or grouped");
}

TEST_CASE("of many bars and colours the smallest are drawn as one, and none is lost") {
  std::vector<std::string> keys;
  std::vector<std::string> colors;
  for (int key = 0; key < 50; ++key) {
    for (int color = 0; color < 12; ++color) {
      for (int row = 0; row <= key % 7 + color % 3; ++row) {
        keys.push_back("key " + std::to_string(key));
        colors.push_back("colour " + std::to_string(color));
      }
    }
  }
  Request request = asked(Kind::bar, "k");
  request.color = "c";
  request.aggregate = Aggregate::count;
  const MemoryTable table{{text_cells("k", keys), text_cells("c", colors)}};
  for (const Bars bars : {Bars::grouped, Bars::stacked, Bars::shares}) {
    request.bars = bars;
    const auto parts = with_role(read(computed(table, request), request), "part");
    double rows = 0;
    std::map<std::string, int> groups;
    for (const SvgElement& part : parts) {
      rows += part.number("data-rows");
      ++groups[part.at("data-group")];
    }
    CHECK(rows == double(keys.size()));
    CHECK(groups.size() == 8);
    CHECK(groups.contains("other 5"));
  }
}

TEST_CASE("the median of the bars drawn as one is that of their rows, colour by colour") {
  std::vector<std::string> keys;
  std::vector<std::string> colors;
  std::vector<double> numbers;
  std::vector<double> of_other_a;
  for (int key = 0; key < 5; ++key) {
    for (int row = 0; row < 9; ++row) {
      keys.push_back(std::to_string(key));
      colors.push_back(row % 2 == 0 ? "a" : "b");
      numbers.push_back(100 - 10 * key + row * row % 7);
      if (key >= 2 && row % 2 == 0) of_other_a.push_back(numbers.back());
    }
  }
  Request request = asked(Kind::bar, "k", "v");
  request.color = "c";
  request.aggregate = Aggregate::median;
  request.top = 2;
  const MemoryTable table{
      {text_cells("k", keys), text_cells("c", colors), number_cells("v", numbers)}};
  const auto bars = std::get<BarFigures>(computed(table, request).of);
  std::sort(of_other_a.begin(), of_other_a.end());
  CHECK(of_other_a.size() == 15);
  CHECK(bars.other.parts[0].median == of_other_a[7]);
}

TEST_CASE("the steps of each group have the heights of its counts") {
  Request request = asked(Kind::histogram, "v", "", "g");
  request.bins = {Bins::Rule::given, 5};
  const MemoryTable table{
      {number_cells("v", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 3, 3, 3}),
       text_cells("g", {"a", "a", "a", "a", "b", "b", "b", "b", "b", "b", "b", "b", "b", "a"})}};
  const auto elements = read(computed(table, request), request);
  const SvgAxis x = axis_of(elements, "x");
  const SvgAxis y = axis_of(elements, "y");
  const auto outlines = with_role(elements, "steps");
  REQUIRE(outlines.size() == 2);
  CHECK(outlines[0].at("data-values") == "2 3 0 0 0");
  CHECK(outlines[1].at("data-values") == "0 2 2 2 3");
  for (const SvgElement& outline : outlines) {
    const std::vector<double> counts = numbers_of(outline.at("data-values"));
    const auto vertices = vertices_of(outline);
    REQUIRE(vertices.size() == 2 * counts.size() + 2);
    check_px(vertices.front().second, y.pixel(0));
    for (std::size_t bin = 0; bin < counts.size(); ++bin) {
      check_px(vertices[2 * bin + 1].first, x.pixel(2.0 * double(bin)));
      check_px(vertices[2 * bin + 2].first, x.pixel(2.0 * double(bin + 1)));
      check_px(vertices[2 * bin + 1].second, y.pixel(counts[bin]));
      check_px(vertices[2 * bin + 2].second, y.pixel(counts[bin]));
    }
  }
}

TEST_CASE("of fifty groups in a histogram the smallest stand together in grey") {
  std::vector<double> numbers;
  std::vector<std::string> groups;
  for (int row = 0; row < 3000; ++row) {
    numbers.push_back(row % 101);
    groups.push_back("group " + std::to_string(row * row % 50));
  }
  const Request request = asked(Kind::histogram, "v", "", "g");
  const MemoryTable table{{number_cells("v", numbers), text_cells("g", groups)}};
  const auto outlines = with_role(read(computed(table, request), request), "steps");
  CHECK(outlines.size() == 8);
  double rows = 0;
  for (const SvgElement& outline : outlines)
    rows += outline.number("data-n");
  CHECK(rows == 3000);
}

}  // namespace
}  // namespace cauce::charts

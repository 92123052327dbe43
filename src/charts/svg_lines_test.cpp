// Lines, cumulative shares, heat maps and trend lines, recomputed from their SVG.
#include <doctest/doctest.h>

#include <numeric>

#include "charts/drawing/end_labels.h"
#include "charts/figures/sample.h"
#include "charts/svg_reader_test.h"

namespace cauce::charts {
namespace {

constexpr double day = 86'400e6;  // microseconds

TableCells dates(const std::vector<int>& days) {
  std::vector<std::string> texts;
  std::vector<double> moments;
  for (const int number : days) {
    texts.push_back("2026-01-" + std::string(number < 10 ? "0" : "") + std::to_string(number));
    moments.push_back(20'454 * day + number * day);
  }
  return columns::memory::time_cells("day", columns::Type::date, moments, texts);
}

// Each part of a line or a band as what it says it shows.
void check_line(const SvgElement& line, const SvgAxis& x, const SvgAxis& y) {
  const std::vector<double> at = numbers_of(line.at("data-x"));
  const std::vector<double> values = numbers_of(line.at("data-y"));
  const auto vertices = vertices_of(line);
  REQUIRE(vertices.size() == at.size());
  REQUIRE(values.size() == at.size());
  for (std::size_t index = 0; index < at.size(); ++index) {
    check_px(vertices[index].first, x.pixel(at[index]));
    check_px(vertices[index].second, y.pixel(values[index]));
  }
}

TEST_CASE("a line goes through its values, and breaks where one is missing") {
  const Request request = asked(Kind::line, "t", "v");
  const MemoryTable table{
      {number_cells("t", {1, 2, 3, 4, 5, 6}), number_cells("v", {5, 7, missing, 6, 9, 2})}};
  const auto elements = read(computed(table, request), request);
  const auto lines = with_role(elements, "line");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].at("data-x") == "1 2");
  CHECK(lines[1].at("data-y") == "6 9 2");
  for (const SvgElement& line : lines)
    check_line(line, axis_of(elements, "x"), axis_of(elements, "y"));
  CHECK(with_role(elements, "line-point").size() == 5);
  CHECK(with_role(elements, "band").empty());
}

TEST_CASE("a regular series breaks at a gap longer than a weekend, an irregular one nowhere") {
  const Request request = asked(Kind::line, "day", "v");
  const std::vector<double> values{1, 2, 3, 4, 5, 6, 7};
  const auto series = [&](const std::vector<int>& days) {
    const Figures figures =
        computed(MemoryTable{{dates(days), number_cells("v", values)}}, request);
    return std::get<LineFigures>(figures.of).series[0];
  };
  CHECK(series({1, 2, 3, 6, 7, 8, 9}).breaks.empty());
  CHECK(series({1, 2, 3, 4, 8, 9, 10}).breaks == std::vector<std::uint32_t>{4});
  CHECK(series({1, 2, 3, 4, 8, 9, 10}).spacing == day);
  CHECK(series({1, 3, 4, 11, 12, 13, 31}).breaks.empty());
}

TEST_CASE("a band reaches from the lowest to the highest value of each x") {
  const Request request = asked(Kind::line, "t", "v");
  const MemoryTable table{
      {number_cells("t", {1, 1, 2, 2, 2, 3}), number_cells("v", {5, 7, 1, 2, 6, 9})}};
  const auto elements = read(computed(table, request), request);
  const SvgAxis x = axis_of(elements, "x");
  const SvgAxis y = axis_of(elements, "y");
  const auto lines = with_role(elements, "line");
  REQUIRE(lines.size() == 1);
  check_line(lines[0], x, y);
  CHECK(lines[0].at("data-y") == "6 3 9");
  const auto bands = with_role(elements, "band");
  REQUIRE(bands.size() == 1);
  CHECK(bands[0].at("data-low") == "5 1 9");
  CHECK(bands[0].at("data-high") == "7 6 9");
  const auto vertices = vertices_of(bands[0]);
  REQUIRE(vertices.size() == 6);
  const double expected[] = {7, 6, 9, 9, 1, 5};
  for (std::size_t index = 0; index < 6; ++index)
    check_px(vertices[index].second, y.pixel(expected[index]));
}

TEST_CASE("each colour is a line of its own, named at its end; the smallest of many are grey") {
  std::vector<double> at;
  std::vector<double> values;
  std::vector<std::string> names;
  for (int series = 0; series < 11; ++series) {
    for (int point = 0; point < 5 + series; ++point) {
      at.push_back(point);
      values.push_back(series + point * 0.1);
      names.push_back("s" + std::to_string(series));
    }
  }
  Request request = asked(Kind::line, "t", "v");
  request.color = "s";
  const MemoryTable table{
      {number_cells("t", at), number_cells("v", values), text_cells("s", names)}};
  const auto elements = read(computed(table, request), request);
  const auto lines = with_role(elements, "line");
  CHECK(lines.size() == 11);
  for (const SvgElement& line : lines)
    check_line(line, axis_of(elements, "x"), axis_of(elements, "y"));
  CHECK(with_role(elements, "curve-name").size() == 8);
  const auto footers = with_role(elements, "footer");
  REQUIRE(footers.size() == 1);
  CHECK(footers[0].text.find("3 smaller series in grey") != std::string::npos);
}

TEST_CASE("names at the ends of lines keep their distance and their order") {
  using drawing::EndLabel;
  std::vector<EndLabel> labels;
  for (const double y : {50.0, 51.0, 10.0, 52.0, 300.0})
    labels.push_back({"n", {}, {0, y}});
  drawing::spread_labels(labels, 15, 20, 200);
  CHECK(labels[2].middle == 20);
  CHECK(labels[4].middle == 200);
  CHECK(labels[1].middle == doctest::Approx(51));
  CHECK(labels[0].middle == doctest::Approx(36));
  CHECK(labels[3].middle == doctest::Approx(66));
}

TEST_CASE("a cumulative share steps up at every value") {
  const Request request = asked(Kind::ecdf, "v");
  const MemoryTable table{{number_cells("v", {3, 1, 1, 2, 8})}};
  const auto elements = read(computed(table, request), request);
  const SvgAxis x = axis_of(elements, "x");
  const SvgAxis y = axis_of(elements, "y");
  const auto curves = with_role(elements, "ecdf");
  REQUIRE(curves.size() == 1);
  CHECK(curves[0].at("data-x") == "1 2 3 8");
  CHECK(curves[0].at("data-share") == "0.4 0.6 0.8 1");
  const auto vertices = vertices_of(curves[0]);
  REQUIRE(vertices.size() == 10);
  const double steps[] = {1, 2, 3, 8};
  const double shares[] = {0, 40, 60, 80, 100};
  for (std::size_t step = 0; step < 4; ++step) {
    check_px(vertices[1 + 2 * step].first, x.pixel(steps[step]));
    check_px(vertices[1 + 2 * step].second, y.pixel(shares[step]));
    check_px(vertices[2 + 2 * step].first, x.pixel(steps[step]));
    check_px(vertices[2 + 2 * step].second, y.pixel(shares[step + 1]));
  }
}

TEST_CASE("the picture of many curves of many values stays small") {
  std::vector<double> values;
  std::vector<std::string> groups;
  for (int row = 0; row < 60'000; ++row) {
    values.push_back(std::fmod(row * 0.618034, 1) * 100 + row % 40);
    groups.push_back("group " + std::to_string(row % 40));
  }
  const Request request = asked(Kind::ecdf, "v", "", "g");
  const MemoryTable table{{number_cells("v", values), text_cells("g", groups)}};
  const auto svg = render(computed(table, request), request, Format::svg);
  REQUIRE(svg);
  CHECK(svg->size() < 300'000);
  CHECK(svg->find("20 smaller groups not drawn") != std::string::npos);
  CHECK(svg->find("12 smaller groups in grey") != std::string::npos);
}

TEST_CASE("the cells of a heat map stand where their pair is") {
  Request request = asked(Kind::heat, "a", "b");
  request.color = "v";
  const MemoryTable table{{text_cells("a", {"10", "9", "9", "10", "9"}),
                           text_cells("b", {"x", "y", "x", "x", "y"}),
                           number_cells("v", {1, 5, 7, 4, 6})}};
  const auto elements = read(computed(table, request), request);
  const SvgAxis x = axis_of(elements, "x");
  const SvgAxis y = axis_of(elements, "y");
  const auto cells = with_role(elements, "cell");
  REQUIRE(cells.size() == 3);  // there is no 10 with y
  std::map<std::string, double> values;
  for (const SvgElement& cell : cells) {
    values[cell.at("data-x") + cell.at("data-y")] = cell.number("data-value");
    const double column = cell.number("data-index-x");
    const double row = cell.number("data-index-y");
    check_px(cell.number("x") - 0.5, x.pixel(column));
    check_px(cell.number("x") + cell.number("width") + 0.5, x.pixel(column + 1));
    check_px(cell.number("y") - 0.5, y.pixel(row));
    check_px(cell.number("y") + cell.number("height") + 0.5, y.pixel(row + 1));
    CHECK(column == (cell.at("data-x") == "9" ? 0 : 1));
  }
  CHECK(values == std::map<std::string, double>{{"10x", 2.5}, {"9x", 7}, {"9y", 5.5}});
}

TEST_CASE("long numbers of a colour bar leave half of a small chart to its cells") {
  Request request = asked(Kind::heat, "a", "b");
  request.color = "v";
  request.width_px = 160;
  const MemoryTable table{{text_cells("a", {"p", "q"}), text_cells("b", {"x", "y"}),
                           number_cells("v", {-66'926'478'731'691.0, 0})}};
  const auto elements = read(computed(table, request), request);
  const SvgAxis x = axis_of(elements, "x");
  CHECK(x.pixel(2) - x.pixel(0) >= 30);
  for (const SvgElement& cell : with_role(elements, "cell"))
    CHECK(cell.number("width") > 0);
  CHECK(with_role(elements, "tick").empty());
  CHECK(with_role(elements, "footer").back().text.find("left out") != std::string::npos);
  request.width_px = 333;
  CHECK_FALSE(with_role(read(computed(table, request), request), "tick").empty());
}

TEST_CASE("a trend line lies where its slope says, in its band") {
  Request request = asked(Kind::scatter, "x", "y");
  request.trend = Trend::linear;
  const std::vector<double> x{1, 2, 3, 4, 5, 6};
  const std::vector<double> y{2.1, 3.9, 6.2, 7.7, 10.4, 11.6};
  const MemoryTable table{{number_cells("x", x), number_cells("y", y)}};
  for (const bool cells : {false, true}) {
    if (cells) request.cells = Cells{8, 6};
    const auto elements = read(computed(table, request), request);
    const SvgAxis across = axis_of(elements, "x");
    const SvgAxis up = axis_of(elements, "y");
    const auto trends = with_role(elements, "trend");
    REQUIRE(trends.size() == 1);
    // Least squares by its definition: x is 3.5 in the mean, and its squares add up to 17.5.
    double slope = 0;
    for (std::size_t row = 0; row < 6; ++row)
      slope += (x[row] - 3.5) * y[row] / 17.5;
    const double mean = std::accumulate(y.begin(), y.end(), 0.0) / 6;
    check_px(trends[0].number("x1"), across.pixel(1));
    check_px(trends[0].number("y1"), up.pixel(mean - 2.5 * slope));
    check_px(trends[0].number("x2"), across.pixel(6));
    check_px(trends[0].number("y2"), up.pixel(mean + 2.5 * slope));
    const auto bands = with_role(elements, "trend-band");
    REQUIRE(bands.size() == 1);
    const auto low = numbers_of(bands[0].at("data-low"));
    const auto high = numbers_of(bands[0].at("data-high"));
    REQUIRE(low.size() == 65);
    CHECK(low[32] < mean);
    CHECK(high[32] > mean);
    const auto vertices = vertices_of(bands[0]);
    check_px(vertices[32].second, up.pixel(high[32]));
  }
  request.trend = Trend::none;
  CHECK(with_role(read(computed(table, request), request), "trend").empty());
}

TEST_CASE("boxes and bars of dates stand in the order of time") {
  const std::vector<int> days{9, 30, 9, 2, 2, 30, 2};
  const std::vector<double> values{5, 1, 6, 3, 3, 2, 4};
  const MemoryTable table{{dates(days), number_cells("v", values)}};
  const std::vector<std::string> expected{"2026-01-02", "2026-01-09", "2026-01-30"};
  for (const Request& request : {asked(Kind::box, "", "v", "day"), asked(Kind::bar, "day", "v")}) {
    const auto marks = with_role(read(computed(table, request), request),
                                 request.kind == Kind::box ? "box" : "bar");
    std::vector<std::string> found;
    for (const SvgElement& mark : marks)
      found.push_back(mark.at("data-group"));
    CHECK(found == expected);
  }
}

TEST_CASE("boxes of numbers ascend") {
  const std::vector<double> cylinders{8, 10, 4, 8, 10, 4};
  const std::vector<double> values{9, 1, 3, 8, 2, 4};
  const MemoryTable table{{number_cells("cylinders", cylinders), number_cells("v", values)}};
  const Request request = asked(Kind::box, "", "v", "cylinders");
  std::vector<std::string> found;
  for (const SvgElement& mark : with_role(read(computed(table, request), request), "box"))
    found.push_back(mark.at("data-group"));
  CHECK(found == std::vector<std::string>{"4", "8", "10"});
}

TEST_CASE("dates that have no room as bars are refused in words, not gathered into one") {
  std::vector<double> moments;
  std::vector<std::string> texts;
  for (int number = 0; number < 90; ++number) {
    moments.push_back((20'454 + number) * day);
    texts.push_back("day " + std::to_string(number));
  }
  Request request = asked(Kind::bar, "day");
  request.aggregate = Aggregate::count;
  const MemoryTable table{
      {columns::memory::time_cells("day", columns::Type::date, moments, texts)}};
  const auto elements = read(computed(table, request), request);
  CHECK(with_role(elements, "bar").empty());
  REQUIRE(!with_role(elements, "words").empty());
  CHECK(with_role(elements, "words")[0].text.find("90 dates have no room") == 0);
  CHECK(with_role(elements, "footer")[0].text == "none of the 90 rows drawn");
  request.height_px = 1'200;
  CHECK(with_role(read(computed(table, request), request), "bar").size() == 90);
}

TEST_CASE("many dates are thin bars in the order of time, with as many names as have room") {
  std::vector<int> days(31);
  std::iota(days.begin(), days.end(), 1);
  Request request = asked(Kind::bar, "day");
  request.aggregate = Aggregate::count;
  request.height_px = 300;
  const MemoryTable table{{dates(days)}};
  const auto elements = read(computed(table, request), request);
  const auto bars = with_role(elements, "bar");
  REQUIRE(bars.size() == 31);
  CHECK(bars[30].at("data-group") == "2026-01-31");
  CHECK(with_role(elements, "category").size() == 16);
}

TEST_CASE("the panels of a heat map have the same names in the same places") {
  Request request = asked(Kind::heat, "a", "b");
  request.facet = "f";
  const MemoryTable table{{text_cells("a", {"p", "q", "p", "q", "q"}),
                           text_cells("b", {"x", "y", "y", "x", "y"}),
                           text_cells("f", {"1", "1", "1", "2", "1"})}};
  std::map<std::string, std::string> columns;
  for (const SvgElement& cell : with_role(read(computed(table, request), request), "cell")) {
    const auto [place, added] = columns.try_emplace(cell.at("data-x"), cell.at("data-index-x"));
    CHECK(place->second == cell.at("data-index-x"));
  }
  CHECK(columns == std::map<std::string, std::string>{{"q", "0"}, {"p", "1"}});
}

TEST_CASE("the parts of bars have the same colours in all panels, and none is lost") {
  std::vector<std::string> keys;
  std::vector<std::string> colors;
  std::vector<std::string> panels;
  for (int row = 0; row < 400; ++row) {
    keys.push_back("k" + std::to_string(row % 3));
    colors.push_back("c" + std::to_string(row * row % 11));
    panels.push_back(row % 5 == 0 ? "few" : "many");
  }
  Request request = asked(Kind::bar, "k");
  request.color = "c";
  request.facet = "f";
  request.aggregate = Aggregate::count;
  request.bars = Bars::stacked;
  const MemoryTable table{
      {text_cells("k", keys), text_cells("c", colors), text_cells("f", panels)}};
  std::map<std::string, std::string> fills;
  double rows = 0;
  for (const SvgElement& part : with_role(read(computed(table, request), request), "part")) {
    rows += part.number("data-rows");
    const auto [place, added] = fills.try_emplace(part.at("data-group"), part.at("fill"));
    CHECK(place->second == part.at("fill"));
  }
  CHECK(rows == 400);
}

}  // namespace
}  // namespace cauce::charts

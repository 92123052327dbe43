// What stands around the marks: annotations, limits, units, an order, colours of one's own, one
// group that stands out.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "charts/annotation.h"
#include "charts/figures/sample.h"
#include "charts/options.h"
#include "charts/render.h"
#include "charts/svg_reader_test.h"

namespace cauce::charts {

namespace {

MemoryTable cars() {
  return MemoryTable{
      {number_cells("mpg", {18, 15, 16, 24, 27, 25, 31, 35}),
       number_cells("weight", {3504, 3693, 3436, 2372, 2130, 2672, 1773, 1613}),
       text_cells("origin", {"USA", "USA", "USA", "Japan", "Japan", "Europe", "Japan", "Europe"})}};
}

using Given = std::vector<std::pair<std::string, std::string>>;

Request request_with(Kind kind, const Given& given) {
  Request request;
  request.kind = kind;
  for (const auto& [name, value] : given) {
    const auto set = set_option(request, name, value);
    REQUIRE_MESSAGE(set, (set ? "" : set.error().message));
  }
  return request;
}

std::vector<SvgElement> drawn(const Request& request) {
  const auto svg = render(computed(cars(), request), request, Format::svg);
  REQUIRE_MESSAGE(svg, (svg ? "" : svg.error().message));
  const auto elements = read_svg(*svg);
  REQUIRE(!elements.empty());
  return elements;
}

std::string refusal(const Request& request) {
  const auto svg = render(computed(cars(), request), request, Format::svg);
  REQUIRE(!svg);
  CHECK(svg.error().outcome == Outcome::invalid);
  return svg.error().message;
}

std::vector<SvgElement> of_role(const std::vector<SvgElement>& elements, const std::string& role) {
  std::vector<SvgElement> found;
  std::copy_if(elements.begin(), elements.end(), std::back_inserter(found),
               [&](const SvgElement& element) { return element.at("data-role") == role; });
  return found;
}

std::vector<std::string> texts(const std::vector<SvgElement>& elements, const std::string& role) {
  std::vector<std::string> found;
  for (const SvgElement& element : of_role(elements, role))
    found.push_back(element.text);
  return found;
}

// The pixel of a value on a linear axis, by its domain and range.
double pixel(const std::vector<SvgElement>& elements, const std::string& name, double value) {
  for (const SvgElement& element : elements) {
    if (element.at("data-axis") != name) continue;
    double numbers[4] = {};
    std::size_t index = 0;
    for (const char* const attribute : {"data-domain", "data-range"}) {
      const std::string text = element.at(attribute);
      numbers[index++] = std::strtod(text.c_str(), nullptr);
      numbers[index++] = std::strtod(text.c_str() + text.find(',') + 1, nullptr);
    }
    return numbers[2] +
           (value - numbers[0]) / (numbers[1] - numbers[0]) * (numbers[3] - numbers[2]);
  }
  FAIL("no axis " << name);
  return 0;
}

const Given scatter{{"x", "weight"}, {"y", "mpg"}, {"color", "origin"}};

Given with(Given given, const Given& more) {
  given.insert(given.end(), more.begin(), more.end());
  return given;
}

}  // namespace

TEST_CASE("an annotation is a place on an axis and words") {
  const auto line = parse_annotation("y = 30: Target: at least");
  REQUIRE(line);
  CHECK(*line == Annotation{'y', {"30", "30"}, "Target: at least"});
  const auto band = parse_annotation(" x=2026-02-01 10:30 to 2026-03-15:Trial");
  CHECK(!band);
  const auto spaced = parse_annotation("x = 2026-02-01 10:30 to 2026-03-15: Trial");
  REQUIRE(spaced);
  CHECK(*spaced == Annotation{'x', {"2026-02-01 10:30", "2026-03-15"}, "Trial"});
  REQUIRE(parse_annotation("y = -1.5e3"));
  for (const char* const wrong :
       {"", "y", "z = 3", "y = ", "y = many: Target", "y = 3 to: Target", "y = inf", "= 3"})
    CHECK_MESSAGE(!parse_annotation(wrong), wrong);
  CHECK(parse_annotation("y = 1: " + std::string(annotation_bytes_max - 7, 'l')));
  CHECK(!parse_annotation("y = 1: " + std::string(annotation_bytes_max - 6, 'l')));
}

TEST_CASE("a chart has sixteen annotations and not one more") {
  Request request;
  for (std::size_t count = 0; count < annotations_max; ++count)
    CHECK(set_option(request, "annotate", "y = 1"));
  CHECK(!set_option(request, "annotate", "y = 1"));
  CHECK(request.annotations.size() == annotations_max);
}

TEST_CASE("lines and bands lie where their values say, with their words") {
  const auto elements = drawn(
      request_with(Kind::scatter, with(scatter, {{"annotate", "y = 30: Target"},
                                                 {"annotate", "x = 2000 to 2500: Light cars"}})));
  const auto lines = of_role(elements, "annotation-line");
  REQUIRE(lines.size() == 1);
  CHECK(std::abs(lines[0].number("y1") - pixel(elements, "y", 30)) < 0.02);
  CHECK(lines[0].number("y1") == lines[0].number("y2"));
  const auto bands = of_role(elements, "annotation-band");
  REQUIRE(bands.size() == 1);
  CHECK(std::abs(bands[0].number("x") - pixel(elements, "x", 2000)) < 0.02);
  CHECK(std::abs(bands[0].number("x") + bands[0].number("width") - pixel(elements, "x", 2500)) <
        0.02);
  CHECK(texts(elements, "annotation") == std::vector<std::string>{"Target", "Light cars"});
}

TEST_CASE("an axis reaches as far as what is annotated on it") {
  const auto elements =
      drawn(request_with(Kind::bar, {{"x", "origin"}, {"y", "mpg"}, {"annotate", "y = 60: Goal"}}));
  const auto lines = of_role(elements, "annotation-line");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].number("x1") == lines[0].number("x2"));
  CHECK(std::abs(lines[0].number("x1") - pixel(elements, "x", 60)) < 0.02);
}

TEST_CASE("an annotation that its axis has no place for is refused in words") {
  CHECK(refusal(request_with(Kind::scatter, with(scatter, {{"annotate", "y = 2026-01-01"}}))) ==
        "mpg has no place for 2026-01-01: it is an axis of numbers");
  CHECK(refusal(request_with(Kind::bar, {{"x", "origin"}, {"annotate", "x = 3"}})) ==
        "origin has no place for 3: it is an axis of names");
}

TEST_CASE("rows outside of an axis' limits are left out and counted, and the axis ends there") {
  const Request request = request_with(
      Kind::scatter, with(scatter, {{"x-limits", "2000 to 3500"}, {"y-limits", "to 26"}}));
  const Figures figures = computed(cars(), request);
  CHECK(figures.rows == 8);
  CHECK(figures.outside == 5);
  CHECK(figures.drawn == 3);
  const auto elements = drawn(request);
  CHECK(std::abs(pixel(elements, "x", 2000) - 0) > 1);
  for (const SvgElement& element : elements) {
    if (element.at("data-axis") == "x") CHECK(element.at("data-domain") == "2000,3500");
  }
  CHECK(texts(elements, "footer")
            .front()
            .find("3 of 8 rows drawn, 5 outside of the limits of an axis left out") !=
        std::string::npos);
}

TEST_CASE("bins and cells go from limit to limit") {
  const Figures bins = computed(
      cars(),
      request_with(Kind::histogram, {{"x", "mpg"}, {"bins", "4"}, {"x-limits", "10 to 30"}}));
  const auto& histogram = std::get<HistogramFigures>(bins.of);
  CHECK(histogram.low == 10);
  CHECK(histogram.high == 30);
  CHECK(histogram.counts == std::vector<std::uint64_t>{0, 3, 1, 2});
  const Figures log = computed(
      cars(),
      request_with(
          Kind::histogram,
          {{"x", "weight"}, {"bins", "2"}, {"x-scale", "log"}, {"x-limits", "1000 to 10000"}}));
  CHECK(std::get<HistogramFigures>(log.of).low == 3);
  CHECK(std::get<HistogramFigures>(log.of).high == 4);
}

TEST_CASE("limits that an axis cannot have are refused in words") {
  const auto refused_with = [](Kind kind, const Given& given) {
    MemoryTable table = cars();
    const auto figures = compute_figures(table, request_with(kind, given));
    REQUIRE(!figures);
    return figures.error().message;
  };
  CHECK(refused_with(Kind::histogram, {{"x", "mpg"}, {"x-limits", "30 to 10"}}) ==
        "the axis of mpg cannot go from 30 to 10: write the lower end first");
  CHECK(refused_with(Kind::bar, {{"x", "origin"}, {"y", "mpg"}, {"y-limits", "0 to 3"}}) ==
        "bar takes no --y-limits: its axes show all there is; --where leaves rows out");
  CHECK(refused_with(Kind::histogram, {{"x", "mpg"}, {"x-limits", "2026-01-01 to"}}) ==
        "mpg is a column of type number: its axis cannot end at \"2026-01-01\"");
  CHECK(
      refused_with(Kind::histogram, {{"x", "mpg"}, {"x-scale", "log"}, {"x-limits", "-5 to -1"}}) ==
      "the log axis of mpg cannot end at -1: write an end above 0");
}

TEST_CASE("one group keeps its colour and lies in front, the others are grey") {
  const auto plain = drawn(request_with(Kind::box, {{"y", "mpg"}, {"by", "origin"}}));
  const auto elements =
      drawn(request_with(Kind::box, {{"y", "mpg"}, {"by", "origin"}, {"highlight", "Japan"}}));
  const auto boxes = of_role(elements, "box");
  REQUIRE(boxes.size() == 3);
  CHECK(boxes.back().at("data-group") == "Japan");
  CHECK(boxes[0].at("stroke") == boxes[1].at("stroke"));
  CHECK(boxes[2].at("stroke") != boxes[0].at("stroke"));
  for (const SvgElement& box : of_role(plain, "box")) {
    if (box.at("data-group") == "Japan") CHECK(box.at("stroke") == boxes[2].at("stroke"));
  }
}

TEST_CASE("a group that is not drawn cannot stand out") {
  CHECK(refusal(request_with(Kind::scatter, with(scatter, {{"highlight", "Jpan"}}))) ==
        "this chart draws no group \"Jpan\" that could stand out: write the name of one as the "
        "table has it");
}

TEST_CASE("a palette is one to eight colours, drawn as they are, faint ones named") {
  Request request;
  CHECK(set_option(request, "palette", "#d95f02"));
  CHECK(request.palette == std::vector<Rgb>{{0xd9, 0x5f, 0x02}});
  std::string colours = "#010203";
  for (std::size_t count = 1; count < palette_max; ++count)
    colours += ",#FFfe00";
  CHECK(set_option(request, "palette", colours));
  CHECK(request.palette.size() == palette_max);
  CHECK(!set_option(request, "palette", colours + ",#000000"));
  for (const char* const wrong : {"", "red", "#12345", "#1234567", "#12345g", "#123456,",
                                  "#123456;#123456", "123456", "#-12345"})
    CHECK_MESSAGE(!set_option(request, "palette", wrong), wrong);
  const auto elements =
      drawn(request_with(Kind::bar, {{"x", "origin"}, {"y", "mpg"}, {"palette", "#ffee00"}}));
  CHECK(of_role(elements, "bar").front().at("fill") == "#ffee00");
  CHECK(texts(elements, "footer").front().find("#ffee00: contrast 1.2 to 1, below 3") !=
        std::string::npos);
}

TEST_CASE("bars and boxes stand by value, by name or as the table has them") {
  const auto names = [](Kind kind, const std::string& order) {
    const std::string group = kind == Kind::bar ? "x" : "by";
    return texts(drawn(request_with(kind, {{group, "origin"}, {"y", "mpg"}, {"order", order}})),
                 "category");
  };
  for (const Kind kind : {Kind::bar, Kind::box}) {
    CHECK(names(kind, "value") == std::vector<std::string>{"Europe", "Japan", "USA"});
    CHECK(names(kind, "name") == std::vector<std::string>{"Europe", "Japan", "USA"});
    CHECK(names(kind, "given") == std::vector<std::string>{"USA", "Japan", "Europe"});
  }
}

TEST_CASE("units stand behind the names of axes, words of one's own begin the footer") {
  const auto elements = drawn(request_with(
      Kind::scatter, with(scatter, {{"x-unit", "lb"}, {"y-unit", "mi/gal"}, {"footer", "Draft"}})));
  CHECK(texts(elements, "axis-label") == std::vector<std::string>{"Mpg (mi/gal)", "Weight (lb)"});
  CHECK(texts(elements, "footer").front().starts_with("Draft · all 8 rows drawn"));
  const auto bars =
      drawn(request_with(Kind::bar, {{"x", "origin"}, {"y", "mpg"}, {"y-unit", "mi/gal"}}));
  CHECK(texts(bars, "footer").front().find("Mpg in mi/gal") != std::string::npos);
  CHECK(refusal(request_with(Kind::bar, {{"x", "origin"}, {"x-unit", "lb"}})) ==
        "bar has no numbers along x: --x-unit is for an axis of numbers");
}

TEST_CASE("characters that no font has are counted in the footer") {
  // Private use: no font of this world has them.
  const auto elements = drawn(request_with(
      Kind::bar, {{"x", "origin"}, {"title", "A\U000F0000\U000F0001"}, {"source", "\U000F0002"}}));
  CHECK(texts(elements, "footer").front().find("3 characters that no installed font has") !=
        std::string::npos);
  const auto spanish =
      drawn(request_with(Kind::bar, {{"x", "origin"}, {"title", "\U000F0000"}, {"locale", "es"}}));
  CHECK(texts(spanish, "footer").front().find("1 carácter que ninguna fuente instalada tiene") !=
        std::string::npos);
  const auto plain = drawn(request_with(Kind::bar, {{"x", "origin"}, {"title", "Año, Ωμέγα, Ы"}}));
  CHECK(texts(plain, "footer").front().find("installed font") == std::string::npos);
}

TEST_CASE("what cannot be drawn is told in the language of the chart") {
  MemoryTable table{
      {text_cells("g", {"a", "a", "a", "b", "c", "c"}), number_cells("x", {1, 2, 4, 7, 8.5, 8.5})}};
  const Request request = request_with(Kind::density, {{"x", "x"}, {"by", "g"}, {"locale", "es"}});
  const auto svg = render(computed(std::move(table), request), request, Format::svg);
  REQUIRE(svg);
  CHECK(svg->find("x tiene un solo valor, 7: una curva de densidad necesita dos") != Bytes::npos);
  CHECK(svg->find("los 2 valores de x son 8,5: no tienen curva de densidad") != Bytes::npos);
  CHECK(svg->find("density curve") == Bytes::npos);
}

}  // namespace cauce::charts

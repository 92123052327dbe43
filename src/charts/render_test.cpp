#include "charts/render.h"

#include <doctest/doctest.h>

namespace cauce::charts {

namespace {

Figures bars(std::vector<BarGroup> groups) {
  BarFigures figures;
  figures.groups = std::move(groups);
  return {.rows = 406,
          .drawn = 398,
          .missing = 8,
          .excluded = 0,
          .schema = {},
          .of = figures,
          .panels = {}};
}

BarGroup bar(std::string name, double mean, std::uint64_t count) {
  BarGroup group;
  group.group = std::move(name);
  group.mean = mean;
  group.count = group.rows = count;
  return group;
}

Figures cars() {
  return bars({bar("USA", 20.08, 249), bar("Europe", 27.89, 70), bar("Japan", 30.45, 79)});
}

Request cars_request() {
  Request request;
  request.kind = Kind::bar;
  request.x = "Origin";
  request.y = "Miles_per_Gallon";
  request.source = "cars.csv";
  return request;
}

std::string drawn(const Figures& figures, const Request& request, Format format) {
  const auto bytes = render(figures, request, format);
  REQUIRE(bytes);
  return *bytes;
}

TEST_CASE("the same figures become PNG, SVG and PDF") {
  CHECK(drawn(cars(), cars_request(), Format::png).starts_with("\x89PNG\r\n\x1a\n"));
  CHECK(drawn(cars(), cars_request(), Format::svg).starts_with("<svg "));
  CHECK(drawn(cars(), cars_request(), Format::pdf).starts_with("%PDF-"));
}

TEST_CASE("a chart says what it shows and how many rows") {
  const std::string svg = drawn(cars(), cars_request(), Format::svg);
  CHECK(svg.find(">Mean miles per gallon by origin<") != std::string::npos);
  CHECK(svg.find("cars.csv · 398 of 406 rows drawn, 8 with missing values left out") !=
        std::string::npos);
  CHECK(svg.find("data-group=\"Japan\" data-index=\"0\" data-value=\"30.45\" data-n=\"79\"") !=
        std::string::npos);
}

TEST_CASE("a chart speaks Spanish") {
  Request request = cars_request();
  request.locale = Locale::es;
  const std::string svg = drawn(cars(), request, Format::svg);
  CHECK(svg.find(">Media de miles per gallon según origin<") != std::string::npos);
  CHECK(svg.find(">30,45 · n = 79<") != std::string::npos);
  CHECK(alternative_text(cars(), request).find("Japan 30,45 (n 79)") != std::string::npos);
}

TEST_CASE("a title cannot leave its element") {
  Request request = cars_request();
  request.title = "</title><script>alert('x')</script>\x01\xff\xe2\x80\xae";
  const std::string svg = drawn(cars(), request, Format::svg);
  CHECK(svg.find("<script") == std::string::npos);
  CHECK(svg.find('\x01') == std::string::npos);
  CHECK(svg.find('\xff') == std::string::npos);
  CHECK(svg.find("&lt;script&gt;") != std::string::npos);
}

TEST_CASE("sides and ratio have limits on both ends") {
  Request request = cars_request();
  for (const int side : {side_px_min, side_px_max}) {
    request.width_px = request.height_px = side;
    CHECK(render(cars(), request, Format::png));
  }
  for (const int side : {side_px_min - 1, side_px_max + 1}) {
    request.width_px = side;
    request.height_px = 440;
    CHECK(!render(cars(), request, Format::png));
    request.width_px = 720;
    request.height_px = side;
    CHECK(!render(cars(), request, Format::png));
  }
  request.height_px = 440;
  for (const int ratio : {0, 4}) {
    request.ratio = ratio;
    CHECK(!render(cars(), request, Format::png));
  }
}

TEST_CASE("characters that no installed font has are counted for the caller") {
  Request request = cars_request();
  std::uint64_t without_font = 9;
  CHECK(render(cars(), request, Format::png, without_font));
  CHECK(without_font == 0);
  request.title = "Two private characters: \U0010fffd\U0010fffd";
  CHECK(render(cars(), request, Format::svg, without_font));
  CHECK(without_font == 2);
  const auto counted = characters_without_font(cars(), request);
  REQUIRE(counted);
  CHECK(*counted == 2);
  request.highlight = "nobody";
  CHECK_FALSE(characters_without_font(cars(), request));
}

TEST_CASE("a chart without anything to draw has words") {
  const std::string svg = drawn(bars({}), cars_request(), Format::svg);
  CHECK(svg.find("No group has a value that could be drawn.") != std::string::npos);
}

}  // namespace

}  // namespace cauce::charts

#include "charts/svg_reader_test.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "charts/render.h"

namespace cauce::charts {

namespace {

Request request_of(Kind kind) {
  Request request;
  request.kind = kind;
  request.x = kind == Kind::box ? "" : "Flipper_Length (mm)";
  request.y =
      kind == Kind::histogram || kind == Kind::density || kind == Kind::ecdf ? "" : "Body Mass (g)";
  if (kind == Kind::box || kind == Kind::density) request.by = "Species";
  request.source = "penguins.csv";
  return request;
}

using Random = std::mt19937_64;

double uniform(Random& random, double low, double high) {
  return std::uniform_real_distribution{low, high}(random);
}

std::size_t below(Random& random, std::size_t end) {
  return std::uniform_int_distribution<std::size_t>{0, end - 1}(random);
}

std::string random_text(Random& random) {
  static const std::vector<std::string> words{"Adelie",
                                              "Chinstrap",
                                              "a",
                                              "Wüstenrennmaus",
                                              "<b>&amp;\"'",
                                              "北京市",
                                              "مرحبا بالعالم",
                                              "ราคา",
                                              "\U0001F427\U0001F427",
                                              "\x01\x1b",
                                              "\xff\xfe",
                                              "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301",
                                              "\u202eabc",
                                              "of_the",
                                              "iiiiiiiiiiiiiiiiiiiiiiii",
                                              "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMM",
                                              "1,234.5",
                                              "</text>",
                                              "\n\t",
                                              "Σίσυφος",
                                              "Ы",
                                              "\U0010ffff",
                                              "]]>"};
  std::string text;
  const std::size_t count = below(random, 12) == 0 ? 400 : below(random, 6);
  for (std::size_t index = 0; index < count; ++index)
    text += words[below(random, words.size())] + (below(random, 4) == 0 ? "" : " ");
  return text;
}

double random_value(Random& random) {
  const double size = std::pow(10, uniform(random, -6, 9));
  return below(random, 6) == 0 ? 0 : uniform(random, -1, 1) * size;
}

void add_parts(Random& random, BarFigures& figures) {
  figures.bars = Bars(below(random, 3));
  for (std::size_t count = 1 + below(random, 12); count > 0; --count)
    figures.colors.push_back(random_text(random));
  for (BarGroup& group : figures.groups) {
    for (const std::string& color : figures.colors) {
      BarGroup part;
      part.group = color;
      part.count = part.rows = below(random, 1'000);
      part.sum = part.mean = part.median =
          figures.bars == Bars::shares ? uniform(random, 0, 100) : random_value(random);
      group.parts.push_back(part);
    }
  }
}

BarFigures random_bars(Random& random) {
  BarFigures figures;
  figures.aggregate = Aggregate(below(random, 4));
  for (std::size_t count = below(random, 60); count > 0; --count) {
    BarGroup group;
    group.group = random_text(random);
    group.count = group.rows = below(random, 1'000'000);
    group.sum = group.mean = group.median = random_value(random);
    if (below(random, 9) == 0) group.degenerate = "no values";
    figures.groups.push_back(group);
  }
  if (below(random, 2) == 0) add_parts(random, figures);
  return figures;
}

BoxFigures random_boxes(Random& random) {
  BoxFigures figures;
  figures.marks = Marks(below(random, 3));
  for (std::size_t count = below(random, 40); count > 0; --count) {
    BoxGroup group;
    group.group = random_text(random);
    std::vector<double> values;
    for (int index = 0; index < 7; ++index)
      values.push_back(random_value(random));
    std::sort(values.begin(), values.end());
    group.n = group.rows = below(random, 500);
    group.min = values[0];
    group.whisker_low = values[1];
    group.q1 = values[2];
    group.median = values[3];
    group.q3 = values[4];
    group.whisker_high = values[5];
    group.max = values[6];
    group.outliers = {group.min, group.max};
    group.outlier_count = 2;
    if (figures.marks == Marks::strip) group.points = values;
    figures.groups.push_back(group);
  }
  return figures;
}

DensityFigures random_densities(Random& random) {
  DensityFigures figures;
  for (std::size_t count = below(random, 14); count > 0; --count) {
    DensityGroup group;
    group.group = random_text(random);
    group.n = group.rows = below(random, 300);
    const double middle = uniform(random, -100, 100);
    const double width = uniform(random, 1, 40);
    group.bandwidth = width / 3;
    group.x0 = middle - 3 * width;
    group.x1 = middle + 3 * width;
    for (int index = 0; index < 512; ++index) {
      const double z = (index / 511.0 - 0.5) * 6;
      group.y.push_back(std::exp(-z * z / 2) / width / 2.5);
    }
    if (below(random, 3) == 0) group.rug = {middle, middle + 1};
    if (below(random, 7) == 0) group.degenerate = "all values are the same";
    figures.groups.push_back(group);
  }
  return figures;
}

HistogramFigures random_histogram(Random& random) {
  HistogramFigures figures;
  figures.low = random_value(random);
  figures.high = figures.low + std::abs(random_value(random));
  const std::size_t bins = below(random, 5) == 0 ? 2'000 : below(random, 40);
  for (std::size_t bin = 0; bin < bins; ++bin)
    figures.counts.push_back(below(random, 100'000));
  if (below(random, 2) == 0) return figures;
  for (std::size_t count = 1 + below(random, 12); count > 0; --count) {
    figures.groups.push_back(random_text(random));
    std::vector<std::uint64_t>& counts = figures.group_counts.emplace_back();
    for (std::size_t bin = 0; bin < bins; ++bin)
      counts.push_back(below(random, 100'000));
  }
  return figures;
}

ScatterFigures random_scatter(Random& random) {
  ScatterFigures figures;
  figures.x_low = random_value(random);
  figures.x_high = figures.x_low + std::abs(random_value(random));
  figures.y_low = random_value(random);
  figures.y_high = figures.y_low + std::abs(random_value(random));
  for (std::size_t count = 1 + below(random, 12); count > 0; --count)
    figures.categories.push_back(random_text(random));
  figures.category_rows.resize(figures.categories.size(), 5);
  figures.n = below(random, 60);
  if (below(random, 3) == 0) {
    figures.nx = 4;
    figures.ny = 3;
    figures.counts.assign(12 * figures.categories.size(), 7);
    return figures;
  }
  for (std::size_t index = 0; index < figures.n; ++index) {
    figures.points.push_back({uniform(random, figures.x_low, figures.x_high + 1e-9),
                              uniform(random, figures.y_low, figures.y_high + 1e-9),
                              std::uint32_t(below(random, figures.categories.size())), 0,
                              std::abs(random_value(random))});
  }
  return figures;
}

EcdfFigures random_ecdf(Random& random) {
  EcdfFigures figures;
  for (std::size_t count = below(random, 14); count > 0; --count) {
    EcdfGroup group;
    group.group = random_text(random);
    const std::size_t steps = below(random, 80);
    for (std::size_t step = 0; step < steps; ++step) {
      group.x.push_back(random_value(random));
      group.share.push_back(double(step + 1) / double(steps));
    }
    std::sort(group.x.begin(), group.x.end());
    group.n = group.rows = steps;
    figures.groups.push_back(group);
  }
  return figures;
}

LineFigures random_lines(Random& random) {
  LineFigures figures;
  figures.aggregate = Aggregate(below(random, 3));
  const std::uint64_t rows_max = 1 + below(random, 3);
  for (std::size_t count = below(random, 14); count > 0; --count) {
    LineSeries series;
    series.color = random_text(random);
    double x = random_value(random);
    for (std::size_t points = below(random, 60); points > 0; --points) {
      x += uniform(random, 0.1, 5);
      LinePoint point{x};
      point.n = below(random, rows_max + 1);
      const double nan = std::nan("");
      point.mean = point.sum = point.n == 0 ? nan : random_value(random);
      point.min = point.mean - std::abs(point.mean);
      point.max = point.mean + 1;
      series.points.push_back(point);
    }
    if (series.points.size() > 5) series.breaks = {3};
    figures.series.push_back(series);
  }
  return figures;
}

HeatFigures random_heat(Random& random) {
  HeatFigures figures;
  figures.aggregate = Aggregate(below(random, 4));
  for (std::size_t count = 1 + below(random, 40); count > 0; --count)
    figures.x.push_back(random_text(random));
  for (std::size_t count = 1 + below(random, 40); count > 0; --count)
    figures.y.push_back(random_text(random));
  const bool counts = below(random, 2) == 0;
  for (std::size_t cell = 0; cell < figures.x.size() * figures.y.size(); ++cell) {
    figures.counts.push_back(below(random, 1'000));
    if (!counts) figures.values.push_back(random_value(random));
  }
  return figures;
}

PairsFigures random_pairs(Random& random) {
  PairsFigures figures;
  figures.n = 1 + below(random, 40);
  figures.bins = 6;
  for (std::size_t count = 1 + below(random, 9); count > 0; --count) {
    figures.categories.push_back(random_text(random));
    figures.category_rows.push_back(below(random, 1'000));
  }
  const std::size_t columns = 2 + below(random, pairs_columns_max - 1);
  const bool points = below(random, 2) == 0;
  for (std::size_t column = 0; column < columns; ++column) {
    const double low = random_value(random);
    figures.columns.push_back({random_text(random), low, low + std::abs(random_value(random)), {}});
    for (std::size_t bin = 0; bin < 6 * figures.categories.size(); ++bin)
      figures.columns.back().counts.push_back(below(random, 50));
  }
  for (std::size_t row = 0; points && row < figures.n; ++row) {
    for (const PairsColumn& column : figures.columns)
      figures.values.push_back(uniform(random, column.low, column.high + 1e-9));
    figures.category_of.push_back(std::uint32_t(below(random, figures.categories.size())));
  }
  figures.cells = 4;
  for (std::size_t pair = 0; pair < columns * (columns - 1) / 2; ++pair) {
    figures.pearson.push_back(below(random, 9) == 0 ? std::nan("") : uniform(random, -1, 1));
    if (!points) figures.counts.push_back(std::vector<std::uint64_t>(16, below(random, 9)));
  }
  return figures;
}

// Two hills.
SurfaceFigures random_surface(Random& random) {
  SurfaceFigures figures;
  figures.n = below(random, 5'000);
  figures.nx = figures.ny = 64;
  figures.x_low = random_value(random);
  figures.x_high = figures.x_low + std::abs(random_value(random)) + 1;
  figures.y_low = random_value(random);
  figures.y_high = figures.y_low + std::abs(random_value(random)) + 1;
  const double middle = uniform(random, 16, 48);
  for (int x = 0; x < 64; ++x) {
    for (int y = 0; y < 64; ++y) {
      const double one = std::hypot(x - middle, y - 32);
      const double other = std::hypot(x - 20, y - 50);
      figures.density.push_back(std::exp(-one * one / 60) + 0.7 * std::exp(-other * other / 30));
    }
  }
  return figures;
}

Kinds random_figures(Random& random, Kind kind) {
  switch (kind) {
    case Kind::scatter: return random_scatter(random);
    case Kind::bar: return random_bars(random);
    case Kind::box: return random_boxes(random);
    case Kind::density: return random_densities(random);
    case Kind::histogram: return random_histogram(random);
    case Kind::ecdf: return random_ecdf(random);
    case Kind::line: return random_lines(random);
    case Kind::heat: return random_heat(random);
    case Kind::pairs: return random_pairs(random);
  }
  return {};
}

struct TextBox {
  double left, top, right, bottom;
  std::string role, text;
};

// By the metrics that Inter has: capitals and digits reach 0.73 of the size above the baseline,
// letters 0.2 below; accents and other scripts reach into the leading.
std::vector<TextBox> text_boxes(const std::vector<SvgElement>& elements) {
  std::vector<TextBox> boxes;
  for (const SvgElement& element : elements) {
    if (element.name != "text") continue;
    const double size = element.number("font-size");
    const double x = element.number("x");
    const double y = element.number("y");
    boxes.push_back({x, y - 0.74 * size, x + element.number("textLength"), y + 0.21 * size,
                     element.at("data-role"), element.text});
  }
  return boxes;
}

void check_boxes(const std::vector<TextBox>& boxes, const Request& request) {
  for (std::size_t index = 0; index < boxes.size(); ++index) {
    const TextBox& box = boxes[index];
    CAPTURE(box.role);
    CAPTURE(box.text.substr(0, 60));
    CHECK(box.left >= 0);
    CHECK(box.top >= 0);
    CHECK(box.right <= request.width_px);
    CHECK(box.bottom <= request.height_px);
    for (std::size_t other = 0; other < index; ++other) {
      const TextBox& before = boxes[other];
      CAPTURE(before.role);
      CAPTURE(before.text.substr(0, 60));
      const bool apart = box.left >= before.right - 0.05 || before.left >= box.right - 0.05 ||
                         box.top >= before.bottom - 0.05 || before.top >= box.bottom - 0.05;
      CHECK(apart);
    }
  }
}

void check_texts(int seed) {
  CAPTURE(seed);
  Random random{std::uint64_t(seed)};
  const auto kind = Kind(below(random, 9));
  Request request = request_of(kind);
  CAPTURE(int(kind));
  if (below(random, 2) == 0) request.title = random_text(random);
  if (below(random, 3) == 0) request.source = random_text(random);
  if (below(random, 3) == 0) request.x = request.x.empty() ? "" : random_text(random) + "x";
  if (below(random, 3) == 0) request.y = request.y.empty() ? "" : random_text(random) + "y";
  const bool coloured = kind == Kind::scatter || kind == Kind::bar || kind == Kind::line ||
                        kind == Kind::heat || kind == Kind::pairs;
  if (coloured && below(random, 2) == 0) request.color = "c";
  if (kind == Kind::scatter && below(random, 3) == 0) request.size = "s";
  request.locale = Locale(below(random, 2));
  request.theme = Theme(below(random, 3));
  request.width_px = int(std::pow(10, uniform(random, std::log10(160.0), std::log10(1600.0))));
  request.height_px = int(std::pow(10, uniform(random, std::log10(160.0), std::log10(1600.0))));
  CAPTURE(request.width_px);
  CAPTURE(request.height_px);
  Figures figures;
  figures.rows = below(random, 10'000'000'000);
  figures.drawn = below(random, figures.rows + 1);
  figures.missing = figures.rows - figures.drawn;
  figures.of = random_figures(random, kind);
  if (kind == Kind::density && below(random, 3) == 0) {
    figures.of = random_surface(random);
    request.by.clear();
    request.y = "Body Mass (g)";
  }
  request.direction = Direction(below(random, 2));
  check_boxes(text_boxes(read(figures, request)), request);
}

TEST_CASE("no text overlaps another or is clipped, whatever the titles, names and sizes") {
  const int rounds = std::getenv("CAUCE_ROUNDS") ? std::atoi(std::getenv("CAUCE_ROUNDS")) : 300;
  for (int seed = 0; seed < rounds; ++seed)
    check_texts(seed);
  // Panel titles beside the ticks of the row above.
  for (const int seed : {590, 891})
    check_texts(seed);
}

TEST_CASE("bars are as long as their values say") {
  Random random{7};
  for (int round = 0; round < 20; ++round) {
    Figures figures;
    figures.of = random_bars(random);
    const auto elements = read(figures, request_of(Kind::bar));
    const auto bars = with_role(elements, "bar");
    if (bars.empty()) continue;
    const SvgAxis x = axis_of(elements, "x");
    for (const SvgElement& bar : bars) {
      const double value = bar.number("data-value");
      check_px(bar.number("x"), std::min(x.pixel(0), x.pixel(value)));
      check_px(bar.number("width"), std::abs(x.pixel(value) - x.pixel(0)));
    }
  }
}

TEST_CASE("boxes, medians, whiskers and outliers lie where their values say") {
  Random random{8};
  for (int round = 0; round < 20; ++round) {
    Figures figures;
    BoxFigures boxes_of_round = random_boxes(random);
    boxes_of_round.marks = Marks::box;
    figures.of = boxes_of_round;
    const auto elements = read(figures, request_of(Kind::box));
    const auto boxes = with_role(elements, "box");
    if (boxes.empty()) continue;
    const SvgAxis x = axis_of(elements, "x");
    for (const SvgElement& box : boxes) {
      check_px(box.number("x"), x.pixel(box.number("data-q1")));
      check_px(box.number("x") + box.number("width"), x.pixel(box.number("data-q3")));
    }
    for (const SvgElement& median : with_role(elements, "median"))
      check_px(median.number("x1"), x.pixel(median.number("data-value")));
    for (const SvgElement& whisker : with_role(elements, "whisker"))
      check_px(whisker.number("x2"), x.pixel(whisker.number("data-value")));
    for (const SvgElement& outlier : with_role(elements, "outlier"))
      check_px(outlier.number("data-cx"), x.pixel(outlier.number("data-value")));
  }
}

TEST_CASE("bins and points lie where their values say") {
  Figures figures;
  HistogramFigures histogram;
  histogram.low = 10;
  histogram.high = 40;
  histogram.counts = {5, 0, 12};
  figures.of = histogram;
  auto elements = read(figures, request_of(Kind::histogram));
  SvgAxis x = axis_of(elements, "x");
  SvgAxis y = axis_of(elements, "y");
  const auto bins = with_role(elements, "bin");
  CHECK(bins.size() == 2);
  for (const SvgElement& bin : bins) {
    check_px(bin.number("x") - 0.5, x.pixel(bin.number("data-from")));
    check_px(bin.number("x") + bin.number("width") + 0.5, x.pixel(bin.number("data-to")));
    check_px(bin.number("y"), y.pixel(bin.number("data-value")));
  }
  ScatterFigures scatter;
  scatter.n = 3;
  scatter.x_low = -1;
  scatter.x_high = 2;
  scatter.y_low = 0;
  scatter.y_high = 3;  // logarithms: 1 to 1000
  scatter.categories = {""};
  scatter.category_rows = {3};
  scatter.points = {{-1, 0, 0, 0}, {0.5, 1.5, 0, 0}, {2, 3, 0, 0}};
  figures.of = scatter;
  Request request = request_of(Kind::scatter);
  request.y_scale = Scale::log;
  elements = read(figures, request);
  x = axis_of(elements, "x");
  y = axis_of(elements, "y");
  CHECK(y.scale == "log");
  int points = 0;
  for (const SvgElement& element : elements) {
    if (element.name != "use") continue;
    ++points;
    check_px(element.number("x"), x.pixel(element.number("data-x")));
    check_px(element.number("y"), y.pixel(element.number("data-y")));
  }
  CHECK(points == 3);
}

}  // namespace

}  // namespace cauce::charts

// What must not change when rows are shuffled, split, doubled or given in another unit, and what
// plain loops over small random tables answer.
#include <doctest/doctest.h>

#include <map>
#include <numeric>

#include "charts/figures/sample.h"

namespace cauce::charts {
namespace {

std::map<std::string, std::vector<double>> sorted_groups(const Sample& sample) {
  std::map<std::string, std::vector<double>> groups;
  for (std::size_t row = 0; row < sample.y.size(); ++row) {
    if (sample.groups[row].empty()) continue;
    std::vector<double>& values = groups[sample.groups[row]];
    if (!std::isnan(sample.y[row])) values.push_back(sample.y[row]);
  }
  for (auto& [name, values] : groups)
    std::sort(values.begin(), values.end());
  return groups;
}

double plain_quantile(const std::vector<double>& sorted, double probability) {
  const double position = double(sorted.size() - 1) * probability;
  const auto rank = std::size_t(position);
  const double high = sorted[std::min(rank + 1, sorted.size() - 1)];
  return sorted[rank] + (high - sorted[rank]) * (position - double(rank));
}

TEST_CASE("boxes of random tables are those of the sorted values") {
  std::mt19937_64 random{11};
  for (std::size_t rows = 5; rows < 120; rows += 3) {
    const Sample sample = random_sample(random, rows);
    const auto expected = sorted_groups(sample);
    const FiguresLimits limits = rows % 2 == 0 ? FiguresLimits{} : scanning();
    const Figures figures = computed(sample.table(), asked(Kind::box, "", "y", "g"), limits);
    const auto& boxes = std::get<BoxFigures>(figures.of).groups;
    REQUIRE(boxes.size() == expected.size());
    for (const BoxGroup& box : boxes) {
      const std::vector<double>& values = expected.at(box.group);
      CHECK(box.n == values.size());
      if (values.empty()) {
        CHECK_FALSE(box.degenerate.empty());
        continue;
      }
      const double q1 = plain_quantile(values, 0.25);
      const double q3 = plain_quantile(values, 0.75);
      CHECK(close(box.q1, q1));
      CHECK(close(box.median, plain_quantile(values, 0.5)));
      CHECK(close(box.q3, q3));
      std::vector<double> outliers;
      double low = q1;
      double high = q3;
      for (const double value : values) {
        if (value < q1 - 1.5 * (q3 - q1) || value > q3 + 1.5 * (q3 - q1)) {
          outliers.push_back(value);
        } else {
          low = std::min(low, value);
          high = std::max(high, value);
        }
      }
      CHECK(box.outliers == outliers);
      CHECK(box.outlier_count == outliers.size());
      CHECK(close(box.whisker_low, low));
      CHECK(close(box.whisker_high, high));
    }
  }
}

TEST_CASE("bars of random tables are those of plain loops") {
  std::mt19937_64 random{12};
  for (std::size_t rows = 5; rows < 120; rows += 3) {
    const Sample sample = random_sample(random, rows);
    const auto expected = sorted_groups(sample);
    const FiguresLimits limits = rows % 2 == 0 ? FiguresLimits{} : scanning();
    const Figures figures = computed(sample.table(), asked(Kind::bar, "g", "y"), limits);
    const auto& bars = std::get<BarFigures>(figures.of);
    CHECK(bars.missing_key ==
          std::uint64_t(std::count(sample.groups.begin(), sample.groups.end(), "")));
    for (const BarGroup& bar : bars.groups) {
      const std::vector<double>& values = expected.at(bar.group);
      CHECK(bar.rows ==
            std::uint64_t(std::count(sample.groups.begin(), sample.groups.end(), bar.group)));
      CHECK(bar.count == values.size());
      if (values.empty()) continue;
      const double sum = std::accumulate(values.begin(), values.end(), 0.0);
      CHECK(close(bar.sum, sum, 1e-11));
      CHECK(close(bar.mean, sum / double(values.size()), 1e-11));
      CHECK(close(bar.median, plain_quantile(values, 0.5)));
      CHECK(bar.min == values.front());
      CHECK(bar.max == values.back());
      double squares = 0;
      for (const double value : values)
        squares += (value - bar.mean) * (value - bar.mean);
      if (values.size() > 1) {
        CHECK(close(bar.deviation, std::sqrt(squares / double(values.size() - 1))));
      }
    }
  }
}

// Everything that a chart shows, with groups by name, as numbers side by side.
std::vector<double> numbers_of(const Figures& figures) {
  std::map<std::string, std::vector<double>> groups;
  if (const auto* boxes = std::get_if<BoxFigures>(&figures.of)) {
    for (const BoxGroup& box : boxes->groups) {
      groups[box.group] = {box.min, box.q1,          box.median,       box.q3,
                           box.max, box.whisker_low, box.whisker_high, box.mean};
      groups[box.group].insert(groups[box.group].end(), box.outliers.begin(), box.outliers.end());
    }
  } else if (const auto* bars = std::get_if<BarFigures>(&figures.of)) {
    for (const BarGroup& bar : bars->groups) {
      groups[bar.group] = {bar.mean, bar.median, bar.min, bar.max};
    }
  } else if (const auto* curves = std::get_if<DensityFigures>(&figures.of)) {
    for (const DensityGroup& curve : curves->groups) {
      groups[curve.group] = {curve.x0, curve.x1};
      groups[curve.group].insert(groups[curve.group].end(), curve.rug.begin(), curve.rug.end());
    }
  } else if (const auto* histogram = std::get_if<HistogramFigures>(&figures.of)) {
    groups[""] = {histogram->low, histogram->high};
  }
  std::vector<double> numbers;
  for (const auto& [name, of] : groups)
    numbers.insert(numbers.end(), of.begin(), of.end());
  return numbers;
}

std::vector<Request> one_of_each_kind() {
  Request cells = asked(Kind::scatter, "x", "y");
  cells.cells = charts::Cells{7, 5};
  return {asked(Kind::box, "", "y", "g"), asked(Kind::bar, "g", "y"),
          asked(Kind::density, "y", "", "g"), asked(Kind::histogram, "y"), cells};
}

TEST_CASE("the order of the rows does not change what is drawn") {
  std::mt19937_64 random{13};
  const Sample sample = random_sample(random, 400);
  std::vector<std::size_t> order(400);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), random);
  for (const Request& request : one_of_each_kind()) {
    const Figures before = computed(sample.table(), request);
    const Figures after = computed(sample.picked(order).table(), request);
    CHECK(before.drawn == after.drawn);
    CHECK(before.missing == after.missing);
    const std::vector<double> one = numbers_of(before);
    const std::vector<double> other = numbers_of(after);
    REQUIRE(one.size() == other.size());
    for (std::size_t at = 0; at < one.size(); ++at)
      CHECK(close(one[at], other[at], 1e-13));
    if (const auto* scatter = std::get_if<ScatterFigures>(&before.of)) {
      const auto& shuffled = std::get<ScatterFigures>(after.of);
      CHECK(scatter->counts == shuffled.counts);
      CHECK(close(scatter->slope, shuffled.slope));
      CHECK(close(scatter->pearson, shuffled.pearson));
    }
  }
}

TEST_CASE("the size of the blocks in which rows arrive does not change what is drawn") {
  std::mt19937_64 random{14};
  const Sample sample = random_sample(random, 300);
  for (const Request& request : one_of_each_kind()) {
    const Figures split = computed(sample.table({1, {}}), request);
    const std::vector<double> one = numbers_of(computed(sample.table(), request));
    const std::vector<double> other = numbers_of(split);
    REQUIRE(one.size() == other.size());
    for (std::size_t at = 0; at < one.size(); ++at)
      CHECK(close(one[at], other[at], 1e-13));
  }
}

TEST_CASE("another unit moves every number by the same scale and shift") {
  std::mt19937_64 random{15};
  const Sample sample = random_sample(random, 500);
  Sample fahrenheit = sample;
  for (double& value : fahrenheit.y)
    value = value * 1024 + 65'536;
  for (const Request& request : one_of_each_kind()) {
    const std::vector<double> one = numbers_of(computed(sample.table(), request));
    const std::vector<double> other = numbers_of(computed(fahrenheit.table(), request));
    REQUIRE(one.size() == other.size());
    for (std::size_t at = 0; at < one.size(); ++at) {
      CHECK(close(one[at] * 1024 + 65'536, other[at], 1e-11));
    }
  }
}

TEST_CASE("rows that are all there twice double the counts and leave the rest") {
  std::mt19937_64 random{16};
  const Sample sample = random_sample(random, 200);
  std::vector<std::size_t> twice;
  for (std::size_t row = 0; row < 200; ++row)
    twice.insert(twice.end(), {row, row});
  Request request = asked(Kind::scatter, "x", "y");
  request.cells = charts::Cells{9, 4};
  const Figures once = computed(sample.table(), request);
  const Figures doubled = computed(sample.picked(twice).table(), request);
  const auto& one = std::get<ScatterFigures>(once.of);
  const auto& two = std::get<ScatterFigures>(doubled.of);
  REQUIRE(one.counts.size() == two.counts.size());
  for (std::size_t cell = 0; cell < one.counts.size(); ++cell) {
    CHECK(2 * one.counts[cell] == two.counts[cell]);
  }
  CHECK(close(one.slope, two.slope));
  CHECK(close(one.pearson, two.pearson));
  CHECK(2 * once.missing == doubled.missing);
}

}  // namespace
}  // namespace cauce::charts

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "charts/figures/sample.h"

namespace cauce::charts {
namespace {

BarFigures bars_of(const std::vector<TableCells>& columns, const Request& request,
                   const FiguresLimits& limits = {}) {
  return std::get<BarFigures>(computed(MemoryTable{columns}, request, limits).of);
}

// Twelve rows of three groups and two colours, one row without a colour.
std::vector<TableCells> sales() {
  return {text_cells("shop", {"b", "a", "b", "c", "a", "b", "b"}),
          text_cells("kind", {"x", "x", "y", "x", "y", "", "x"}),
          number_cells("sold", {1, 2, 3, 4, 5, 6, 8})};
}

TEST_CASE("a colour splits each bar, and the parts add up to it") {
  Request request = asked(Kind::bar, "shop", "sold");
  request.color = "kind";
  request.aggregate = Aggregate::sum;
  for (const FiguresLimits& limits : {FiguresLimits{}, scanning()}) {
    const BarFigures bars = bars_of(sales(), request, limits);
    CHECK(bars.colors == std::vector<std::string>{"x", "y", ""});
    REQUIRE(bars.groups.size() == 3);
    CHECK(bars.groups[0].group == "b");
    CHECK(bars.groups[0].sum == 18);
    CHECK(bars.groups[0].median == 4.5);
    CHECK(bars.groups[0].parts[0].sum == 9);
    CHECK(bars.groups[0].parts[0].median == 4.5);
    CHECK(bars.groups[0].parts[1].sum == 3);
    CHECK(bars.groups[0].parts[2].sum == 6);
    CHECK(bars.groups[2].parts[1].count == 0);
    for (const BarGroup& bar : bars.groups) {
      double sum = 0;
      std::uint64_t rows = 0;
      for (const BarGroup& part : bar.parts) {
        sum += part.sum;
        rows += part.rows;
      }
      CHECK(sum == bar.sum);
      CHECK(rows == bar.rows);
    }
  }
}

TEST_CASE("beyond the top the smallest bars are one, with the numbers of all their rows") {
  Request request = asked(Kind::bar, "k", "v");
  request.top = 2;
  request.aggregate = Aggregate::sum;
  const std::vector<TableCells> columns{text_cells("k", {"a", "b", "c", "d", "a", "d"}),
                                        number_cells("v", {1, 20, 3, 10, 1, 5})};
  const BarFigures bars = bars_of(columns, request);
  CHECK(bars.groups.size() == 4);
  CHECK(bars.shown == std::vector<std::uint32_t>{1, 3});
  CHECK(bars.others == 2);
  CHECK(bars.other.rows == 3);
  CHECK(bars.other.sum == 5);
  CHECK(bars.other.median == 1);
  CHECK(bars.other.max == 3);
  request.top = 3;
  CHECK(bars_of(columns, request).others == 0);
  CHECK(bars_of(columns, request).shown.size() == 4);
  request.top = 0;
  CHECK(bars_of(columns, request).shown.size() == 4);
}

TEST_CASE("a mean has an interval of 95 %, wide for few values and absent for one") {
  const BarFigures bars =
      bars_of({text_cells("k", {"a", "a", "a", "b"}), number_cells("v", {1, 2, 3, 7})},
              asked(Kind::bar, "k", "v"));
  // t with two degrees of freedom is 4.302653; the standard error 1 / sqrt(3).
  CHECK(close(bars.groups[0].interval_low, 2 - 4.302652729911275 / std::sqrt(3.0), 1e-9));
  CHECK(close(bars.groups[0].interval_high, 2 + 4.302652729911275 / std::sqrt(3.0), 1e-9));
  CHECK(std::isnan(bars.groups[1].interval_low));
}

TEST_CASE("what does not add up is not stacked") {
  Request request = asked(Kind::bar, "shop", "sold");
  request.bars = Bars::stacked;
  CHECK(refused(sales(), request) == "stacked bars and shares need --color: it names their parts");
  request.color = "kind";
  CHECK(refused(sales(), request) ==
        "means and medians do not add up to a whole: take --aggregate sum or count, or --bars "
        "grouped");
  request.aggregate = Aggregate::count;
  CHECK(bars_of(sales(), request).bars == Bars::stacked);
}

TEST_CASE("more parts of bars than the limit are refused") {
  Request request = asked(Kind::bar, "shop", "sold");
  request.color = "kind";
  FiguresLimits limits;
  limits.parts_max = 9;
  CHECK(bars_of(sales(), request, limits).groups.size() == 3);
  limits.parts_max = 8;
  CHECK(refused(sales(), request, limits) ==
        "3 values of shop by 3 of kind are more than 8 parts of bars: choose columns with fewer");
}

}  // namespace
}  // namespace cauce::charts

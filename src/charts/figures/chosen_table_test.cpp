#include "charts/figures/chosen_table.h"

#include <doctest/doctest.h>

#include <cmath>

#include "charts/figures/calendar.h"
#include "charts/figures/sample.h"

namespace cauce::charts {
namespace {

using columns::Type;
using columns::memory::boolean_cells;
using columns::memory::time_cells;

constexpr double day = 86'400e6;

MemoryTable cars() {
  return MemoryTable{{text_cells("origin", {"USA", "Japan", "", "USA"}),
                      number_cells("power", {130, 65, 90, missing}),
                      time_cells("made", Type::date, {0, 31 * day, 32 * day, missing},
                                 {"1970-01-01", "1970-02-01", "1970-02-02", ""}),
                      boolean_cells("sold", {true, false, true, true})}};
}

// How many rows of the cars fulfil the conditions.
std::uint64_t fulfilling(const std::vector<std::string>& conditions) {
  Request request = asked(Kind::bar, "sold");
  for (const std::string& text : conditions)
    request.where.push_back(*parse_condition(text));
  MemoryTable table = cars();
  const Result<Figures> figures = compute_figures(table, request);
  if (!figures) return 0;
  CHECK(figures->rows + figures->filtered == 4);
  return figures->rows;
}

TEST_CASE("a condition compares numbers as numbers, dates as dates and text as text") {
  CHECK(fulfilling({"power > 65"}) == 2);
  CHECK(fulfilling({"power >= 65.0"}) == 3);
  CHECK(fulfilling({"power != 90"}) == 2);
  CHECK(fulfilling({"power in 90, 130"}) == 2);
  CHECK(fulfilling({"power is missing"}) == 1);
  CHECK(fulfilling({"power is present"}) == 3);
  CHECK(fulfilling({"origin = USA"}) == 2);
  CHECK(fulfilling({"origin != USA"}) == 1);
  CHECK(fulfilling({"origin in Japan, USA"}) == 3);
  CHECK(fulfilling({"origin is missing"}) == 1);
  CHECK(fulfilling({"made >= 1970-02-01"}) == 2);
  CHECK(fulfilling({"made < 1970-02"}) == 1);
  CHECK(fulfilling({"sold = true"}) == 3);
  CHECK(fulfilling({"origin = USA", "power > 100"}) == 1);
}

std::string refused_where(const std::string& condition) {
  Request request = asked(Kind::bar, "sold");
  request.where.push_back(*parse_condition(condition));
  MemoryTable table = cars();
  const Result<Figures> figures = compute_figures(table, request);
  REQUIRE_FALSE(figures);
  return figures.error().message;
}

TEST_CASE("a condition that cannot be meant is refused") {
  CHECK(refused_where("power > fast") ==
        "power is a column of type number: it cannot be compared with \"fast\"");
  CHECK(refused_where("made > 130") ==
        "made is a column of type date: it cannot be compared with \"130\"");
  CHECK(refused_where("powr > 1") == "no column powr; did you mean power?");
  CHECK(refused_where("power > 1000") ==
        "the table has no rows: there is nothing to draw (4 rows do not fulfil the conditions)");
}

TEST_CASE("sixteen conditions are taken, seventeen are not") {
  Request request = asked(Kind::bar, "sold");
  request.where.assign(conditions_max, *parse_condition("power is present"));
  MemoryTable table = cars();
  CHECK(compute_figures(table, request));
  request.where.push_back(request.where.front());
  CHECK_FALSE(compute_figures(table, request));
}

TEST_CASE("a log scale leaves out what is not positive and counts it") {
  Request request = asked(Kind::histogram, "v");
  request.x_scale = Scale::log;
  request.bins = {Bins::Rule::given, 3};
  const Figures figures =
      computed(MemoryTable{{number_cells("v", {1, 10, 1000, 0, -5, missing})}}, request);
  const auto& histogram = std::get<HistogramFigures>(figures.of);
  CHECK(figures.rows == 6);
  CHECK(figures.drawn == 3);
  CHECK(figures.not_positive == 2);
  CHECK(figures.missing == 1);
  CHECK(histogram.low == 0);
  CHECK(histogram.high == 3);
  CHECK(histogram.counts == std::vector<std::uint64_t>{1, 1, 1});
}

TEST_CASE("a symlog scale shows zero and both signs, a box keeps its values on a log scale") {
  Request request = asked(Kind::histogram, "v");
  request.x_scale = Scale::symlog;
  request.bins = {Bins::Rule::given, 2};
  Figures figures = computed(MemoryTable{{number_cells("v", {-99, 0, 99})}}, request);
  CHECK(std::get<HistogramFigures>(figures.of).low == -2);
  CHECK(figures.not_positive == 0);
  request = asked(Kind::box, "", "v");
  request.y_scale = Scale::log;
  figures = computed(MemoryTable{{number_cells("v", {1, 10, 100, -1})}}, request);
  CHECK(std::get<BoxFigures>(figures.of).groups[0].median == 10);
  CHECK(figures.not_positive == 1);
}

TEST_CASE("scales are refused where there is no axis of numbers") {
  Request request = asked(Kind::bar, "origin", "power");
  request.y_scale = Scale::log;
  MemoryTable table = cars();
  CHECK(compute_figures(table, request).error().message ==
        "bar takes no --y-scale: bars begin at 0 and show numbers by their length");
}

TEST_CASE("dates are gathered into days, weeks, months and years") {
  Request request = asked(Kind::bar, "made");
  request.period = Period::month;
  const Figures figures = computed(cars(), request);
  const auto& bars = std::get<BarFigures>(figures.of);
  REQUIRE(bars.groups.size() == 2);
  CHECK(bars.groups[0].group == "1970-01");
  CHECK(bars.groups[1].group == "1970-02");
  CHECK(bars.groups[1].count == 2);
  CHECK(bars.missing_key == 1);
}

std::string name_at(const char* moment, Period period) {
  return figures::period_name(*figures::period_start(*figures::parse_moment(moment), period),
                              period);
}

TEST_CASE("weeks begin on Monday and belong to the year of their Thursday") {
  CHECK(name_at("2026-11-21", Period::week) == "2026-W47");
  CHECK(name_at("2021-01-03", Period::week) == "2020-W53");
  CHECK(name_at("2024-12-30", Period::week) == "2025-W01");
  CHECK(name_at("1969-12-31T23:59:59.9", Period::day) == "1969-12-31");
  CHECK(name_at("2000-02-29", Period::year) == "2000");
  CHECK(figures::parse_moment("1970-01-01T01:00+01:00") == 0);
  CHECK(figures::parse_moment("1970/01/01 00:00:01.5") == 1.5e6);
  for (const char* wrong : {"", "70-01-01", "1970-13-01", "1970-02-30", "1970-01-01T25:00", "x",
                            "1970-01-01x", "1970-01-01 10:00 "}) {
    CHECK_MESSAGE(!figures::parse_moment(wrong), wrong);
  }
}

}  // namespace
}  // namespace cauce::charts

#include "datasets/summary.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "datasets/csv/csv.h"
#include "datasets/distinct.h"
#include "datasets/golden.h"

namespace cauce::datasets {

namespace {

using columns::Type;
using nlohmann::json;

Result<std::unique_ptr<FileTable>> table_of(const std::string& text) {
  return csv::open_csv(
      [&text]() -> Result<std::unique_ptr<ByteSource>> { return source_of(text); });
}

Summary summary_of(const std::string& text, const SummaryLimits& limits = {}) {
  Result<std::unique_ptr<FileTable>> table = table_of(text);
  REQUIRE(table);
  Result<Summary> summary = summarize(**table, 5, limits);
  if (!summary) FAIL(summary.error().message);
  return *summary;
}

void check_close(const json& expected, const std::optional<double>& value) {
  if (expected.is_null()) return;
  REQUIRE(value);
  CHECK(*value == doctest::Approx(expected.get<double>()).epsilon(1e-12));
}

TEST_CASE("the summaries of real files are those that pandas gives") {
  const std::filesystem::path folder = golden_charts();
  if (!std::filesystem::exists(folder)) {
    MESSAGE("skipped: there is no ", folder.string());
    return;
  }
  std::ifstream file(folder / "describe.json");
  const json described = json::parse(file);
  CHECK(described.size() == 5);
  for (const auto& [name, expected] : described.items()) {
    CAPTURE(name);
    Result<std::unique_ptr<FileTable>> table = csv::open_csv(folder / "data" / (name + ".csv"));
    REQUIRE(table);
    const Result<Summary> summary = summarize(**table, 0);
    if (!summary) FAIL(summary.error().message);
    CHECK(summary->rows == expected["rows"].get<std::uint64_t>());
    REQUIRE(summary->columns.size() == expected["columns"].size());
    for (std::size_t index = 0; index < summary->columns.size(); ++index) {
      const ColumnSummary& column = summary->columns[index];
      const json& wanted = expected["columns"][index];
      CAPTURE(column.name);
      CHECK(column.name == wanted["name"].get<std::string>());
      CHECK(column.missing == wanted["missing"].get<std::uint64_t>());
      CHECK(column.distinct == wanted["distinct"].get<std::uint64_t>());
      CHECK((column.type == Type::number) == (wanted["pandas_dtype"] != "object"));
      if (!wanted.contains("mean")) continue;
      check_close(wanted["min"], column.min);
      check_close(wanted["max"], column.max);
      check_close(wanted["mean"], column.mean);
      check_close(wanted["std"], column.deviation);
    }
  }
}

TEST_CASE("a small table is counted exactly") {
  const Summary summary = summary_of(
      "v,t,d,b\n1,x,2024-03-01,true\n4,y,2024-02-29,false\n"
      "2,x,,true\n,,2024-02-29,\n3,x,2024-02-28,true\n");
  CHECK(summary.rows == 5);
  const ColumnSummary& number = summary.columns[0];
  CHECK(number.missing == 1);
  CHECK(number.quantiles->median == 2.5);
  CHECK(number.quantiles->q25 == 1.75);
  CHECK(number.quantiles->q05 == doctest::Approx(1.15));
  const ColumnSummary& text = summary.columns[1];
  CHECK(*text.min_text == "x");
  CHECK(*text.max_text == "y");
  REQUIRE(text.top.size() == 2);
  CHECK(text.top[0].value == "x");
  CHECK(text.top[0].count == 3);
  CHECK(time_text(*summary.columns[2].min, Type::date) == "2024-02-28");
  CHECK(summary.columns[2].top[0].value == "2024-02-29");
  CHECK(summary.columns[3].type == Type::boolean);
  CHECK(*summary.columns[3].mean == 0.75);
  REQUIRE(summary.head.size() == 5);
  CHECK(summary.head[0] ==
        std::vector<HeadCell>{1.0, std::string("x"), std::string("2024-03-01"), true});
  CHECK(summary.head[3][0] == HeadCell{});
}

TEST_CASE("beyond the limit of distinct values estimates say that they are ones") {
  std::string text = "v,t\n";
  for (int row = 0; row < 30'000; ++row) {
    text += std::to_string(row) + ".5,name" + std::to_string(row) + "\n";
  }
  SummaryLimits limits;
  limits.distinct_exact_max = 30'000;
  for (const bool exact : {true, false}) {
    limits.distinct_exact_max = exact ? 30'000 : 29'999;
    const Summary summary = summary_of(text, limits);
    for (const ColumnSummary& column : summary.columns) {
      CHECK(column.distinct_is_estimate == !exact);
      CHECK(double(column.distinct) == doctest::Approx(30'000).epsilon(exact ? 1e-12 : 0.04));
    }
    const ColumnSummary& number = summary.columns[0];
    CHECK(number.quantiles_are_estimates == !exact);
    CHECK(number.quantiles->median == doctest::Approx(15'000).epsilon(exact ? 1e-12 : 0.01));
    CHECK(number.top.empty() == !exact);
    CHECK(*number.mean == doctest::Approx(15'000).epsilon(1e-12));
  }
}

TEST_CASE("distinct values are estimated within three standard errors") {
  for (const std::uint64_t count : {100u, 10'000u, 30'000u, 1'000'000u}) {
    DistinctEstimate estimate;
    for (std::uint64_t value = 0; value < count; ++value)
      estimate.add(spread(value + 1));
    CHECK(double(estimate.count()) == doctest::Approx(double(count)).epsilon(0.035));
  }
}

TEST_CASE("a table without rows or without values has no statistics") {
  const Summary none = summary_of("a,b\n");
  CHECK(none.rows == 0);
  CHECK(none.columns.size() == 2);
  CHECK(!none.columns[0].mean);
  const Summary missing = summary_of("a,b\nNA,1\nNA,2\n");
  CHECK(missing.columns[0].missing == 2);
  CHECK(!missing.columns[0].min);
  CHECK(!summary_of("a\n7\n").columns[0].deviation);
}

TEST_CASE("moments are exact for numbers far from zero") {
  std::string text = "v\n";
  for (int row = 0; row < 100'000; ++row)
    text += std::to_string(1'000'000'000 + row % 2) + "\n";
  const Summary summary = summary_of(text);
  CHECK(*summary.columns[0].mean == 1'000'000'000.5);
  CHECK(*summary.columns[0].deviation == doctest::Approx(0.5000025000187502).epsilon(1e-12));
}

TEST_CASE("the JSON of a summary holds what a program asks for") {
  const std::string text = "v,t\n1,x\n-,\n";
  Result<std::unique_ptr<FileTable>> table = table_of(text);
  REQUIRE(table);
  const Result<Summary> summary = summarize(**table, 5);
  REQUIRE(summary);
  const json answer = json::parse(to_json(*summary, (*table)->report()));
  CHECK(answer["rows"] == 2);
  CHECK(answer["columns"][0]["type"] == "number");
  CHECK(answer["columns"][0]["missing"] == 0);
  CHECK(answer["columns"][0]["dashes"] == 1);
  CHECK(answer["columns"][0]["mean"] == 1);
  CHECK(answer["columns"][0]["std"].is_null());
  CHECK(answer["columns"][1]["missing"] == 1);
  CHECK(answer["head"] == json::parse(R"([[1, "x"], [null, null]])"));
}

TEST_CASE("the JSON of an error says line, column and value") {
  std::string text = "v\n";
  for (int row = 0; row < 20; ++row)
    text += "1\n";
  text += "one\ntwo\n";
  Result<std::unique_ptr<FileTable>> table = table_of(text);
  REQUIRE(table);
  const Result<Summary> summary = summarize(**table, 5);
  REQUIRE(!summary);
  const json answer = json::parse(to_json(summary.error(), (*table)->report()))["error"];
  CHECK(answer["line"] == 22);
  CHECK(answer["column"] == "v");
  CHECK(answer["value"] == "one");
  CHECK(answer["count"] == 2);
  CHECK(answer["faults"][1]["value"] == "two");
  CHECK(answer["message"].get<std::string>().find("first of 2 such cells") != std::string::npos);
}

}  // namespace

}  // namespace cauce::datasets

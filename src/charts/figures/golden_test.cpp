// The statistics against numbers that numpy, scipy and pandas computed from the same files.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "charts/figures.h"
#include "columns/memory/memory.h"

namespace cauce::charts {
namespace {

using Json = nlohmann::json;
using columns::memory::Cells;
using columns::memory::MemoryTable;

// ../shared/data beside the tree, or where CAUCE_SHARED_DATA says; empty: not there.
std::filesystem::path golden() {
  const char* named = std::getenv("CAUCE_SHARED_DATA");
  const std::filesystem::path place{named != nullptr ? named : SHARED_DATA};
  if (std::filesystem::exists(place / "charts/box.json")) return place / "charts";
  MESSAGE("skipped: " << place.string() << " is not there");
  return {};
}

Json read_json(const std::filesystem::path& path) {
  std::ifstream file{path};
  return Json::parse(file);
}

// Cells of one line; quotes as RFC 4180 has them, no line breaks inside.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '"' && quoted && at + 1 < line.size() && line[at + 1] == '"') {
      cells.back() += line[++at];
    } else if (line[at] == '"') {
      quoted = !quoted;
    } else if (line[at] == ',' && !quoted) {
      cells.emplace_back();
    } else if (line[at] != '\r') {
      cells.back() += line[at];
    }
  }
  return cells;
}

Cells column_of(const std::string& name, const std::vector<std::string>& texts) {
  Cells numbers = columns::memory::written_number_cells(name, texts);
  return numbers.texts == texts ? numbers : columns::memory::text_cells(name, texts);
}

MemoryTable read_csv(const std::filesystem::path& path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = cells_of(line);
  std::vector<std::vector<std::string>> texts(names.size());
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = cells_of(line);
    REQUIRE(cells.size() == names.size());
    for (std::size_t column = 0; column < cells.size(); ++column) {
      texts[column].push_back(cells[column]);
    }
  }
  std::vector<Cells> columns;
  for (std::size_t column = 0; column < names.size(); ++column) {
    columns.push_back(column_of(names[column], texts[column]));
  }
  return MemoryTable{std::move(columns)};
}

MemoryTable table_of(const std::filesystem::path& folder, const Json& entry) {
  return read_csv(folder / "data" / (entry["dataset"].get<std::string>() + ".csv"));
}

Json statistics(columns::Table& table, const Request& request, const FiguresLimits& limits) {
  const Result<Figures> figures = compute_figures(table, request, limits);
  REQUIRE_MESSAGE(figures, (figures ? "" : figures.error().message));
  return Json::parse(to_json(*figures));
}

std::string text_of(const Json& group) {
  if (group.is_null()) return "";
  return group.is_string() ? group.get<std::string>() : group.dump();
}

std::map<std::string, Json> by_name(const Json& groups) {
  std::map<std::string, Json> named;
  for (const Json& group : groups)
    named[text_of(group["group"])] = group;
  return named;
}

void check_close(const Json& got, const Json& expected, double tolerance) {
  if (expected.is_null()) {
    CHECK(got.is_null());
    return;
  }
  const auto number = expected.get<double>();
  CHECK(std::fabs(got.get<double>() - number) <= tolerance * std::fabs(number));
}

// Both ways to compute: from values kept in memory, and by further scans.
std::vector<FiguresLimits> ways() {
  FiguresLimits scanning;
  scanning.values_max = 10;
  scanning.rug_max = 50;
  return {FiguresLimits{}, scanning};
}

TEST_CASE("boxes are numpy's and matplotlib's to twelve digits") {
  const auto folder = golden();
  if (folder.empty()) return;
  for (const Json& entry : read_json(folder / "box.json")) {
    MemoryTable table = table_of(folder, entry);
    Request request;
    request.kind = Kind::box;
    request.y = entry["column"];
    request.by = text_of(entry["by"]);
    for (const FiguresLimits& limits : ways()) {
      const auto groups = by_name(statistics(table, request, limits)["groups"]);
      CHECK(groups.size() == entry["groups"].size());
      for (const Json& expected : entry["groups"]) {
        const Json& got = groups.at(text_of(expected["group"]));
        for (const char* count : {"rows", "n", "missing", "n_outliers"}) {
          CHECK(got[count] == expected[count]);
        }
        for (const char* name : {"min", "q1", "median", "q3", "max", "iqr", "whisker_lo",
                                 "whisker_hi", "mean", "std"}) {
          check_close(got[name], expected[name], 1e-12);
        }
        CHECK(got["outliers"] == expected["outliers"]);
      }
    }
  }
}

TEST_CASE("density curves are scipy's to 1e-5 of the peak, and to 1e-12 for small groups") {
  const auto folder = golden();
  if (folder.empty()) return;
  for (const Json& entry : read_json(folder / "kde.json")) {
    MemoryTable table = table_of(folder, entry);
    Request request;
    request.kind = Kind::density;
    request.x = entry["column"];
    request.by = text_of(entry["by"]);
    for (const auto rule : {Bandwidth::Rule::scott, Bandwidth::Rule::silverman}) {
      request.bandwidth.rule = rule;
      for (const FiguresLimits& limits : ways()) {
        const auto groups = by_name(statistics(table, request, limits)["groups"]);
        for (const Json& group : entry["groups"]) {
          const Json& got = groups.at(text_of(group["group"]));
          const Json& expected = group[rule == Bandwidth::Rule::scott ? "scott" : "silverman"];
          CHECK(got["n"] == group["n"]);
          for (const char* name : {"bw", "x0", "x1"})
            check_close(got[name], expected[name], 1e-12);
          const auto curve = got["y"].get<std::vector<double>>();
          const auto wanted = expected["y"].get<std::vector<double>>();
          REQUIRE(curve.size() == wanted.size());
          double peak = 0;
          double off = 0;
          for (std::size_t point = 0; point < curve.size(); ++point) {
            peak = std::max(peak, wanted[point]);
            off = std::max(off, std::fabs(curve[point] - wanted[point]));
          }
          const bool exact = got["n"] <= limits.rug_max;
          CHECK(off / peak <= (exact ? 1e-12 : 1e-5));
        }
      }
    }
  }
}

TEST_CASE("bars are those of pandas to twelve digits, in order of first appearance") {
  const auto folder = golden();
  if (folder.empty()) return;
  for (const Json& entry : read_json(folder / "bar.json")) {
    MemoryTable table = table_of(folder, entry);
    Request request;
    request.kind = Kind::bar;
    request.x = entry["by"];
    request.y = entry["column"];
    for (const FiguresLimits& limits : ways()) {
      const Json got = statistics(table, request, limits);
      CHECK(got["rows"] == entry["rows"]);
      CHECK(got["missing_key"] == entry["missing_key"]);
      REQUIRE(got["groups"].size() == entry["first_seen_order"].size());
      for (std::size_t at = 0; at < got["groups"].size(); ++at) {
        CHECK(got["groups"][at]["group"] == text_of(entry["first_seen_order"][at]));
      }
      const auto groups = by_name(got["groups"]);
      for (const Json& expected : entry["groups"]) {
        const Json& group = groups.at(text_of(expected["group"]));
        CHECK(group["rows"] == expected["rows"]);
        CHECK(group["count"] == expected["count"]);
        for (const char* name : {"sum", "mean", "median", "min", "max", "std"}) {
          check_close(group[name], expected[name], 1e-12);
        }
      }
    }
  }
}

TEST_CASE("histograms count as numpy does, to the row") {
  const auto folder = golden();
  if (folder.empty()) return;
  const std::map<std::string, Bins::Rule> rules{{"sturges", Bins::Rule::sturges},
                                                {"scott", Bins::Rule::scott},
                                                {"fd", Bins::Rule::freedman_diaconis},
                                                {"auto", Bins::Rule::automatic}};
  for (const Json& entry : read_json(folder / "hist.json")) {
    MemoryTable table = table_of(folder, entry);
    Request request;
    request.kind = Kind::histogram;
    request.x = entry["column"];
    for (const auto& [name, expected] : entry["rules"].items()) {
      request.bins.rule = rules.at(name);
      for (const FiguresLimits& limits : ways()) {
        const Json got = statistics(table, request, limits);
        CHECK(got["n"] == entry["n"]);
        for (const char* field : {"bins", "lo", "hi", "counts"}) {
          CHECK(got[field] == expected[field]);
        }
      }
    }
  }
}

TEST_CASE("cells of a scatter chart count as numpy does, and the line is that of scipy") {
  const auto folder = golden();
  if (folder.empty()) return;
  for (const Json& entry : read_json(folder / "hist2d.json")) {
    MemoryTable table = table_of(folder, entry);
    Request request;
    request.kind = Kind::scatter;
    request.x = entry["x"];
    request.y = entry["y"];
    request.cells = charts::Cells{entry["nx"], entry["ny"]};
    for (const FiguresLimits& limits : ways()) {
      const Json got = statistics(table, request, limits);
      for (const char* field : {"n", "nx", "ny", "x_range", "y_range", "counts_x_major"}) {
        CHECK(got[field] == entry[field]);
      }
      for (const char* name : {"pearson", "slope", "intercept"}) {
        check_close(got[name], entry[name], 1e-12);
      }
    }
  }
}

}  // namespace
}  // namespace cauce::charts

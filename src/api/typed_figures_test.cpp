// Charts from the typed columns of a file are those of the file, to the last bit: every kind, of
// every golden file, with the columns that the kind takes.
#include <doctest/doctest.h>

#include <array>

#include "charts/figures.h"
#include "charts/figures_record.h"
#include "charts/options.h"
#include "datasets/golden.h"
#include "datasets/open_table.h"
#include "datasets/summary.h"
#include "datasets/typed/typed.h"
#include "objects/scratch.h"

namespace cauce::api {
namespace {

namespace fs = std::filesystem;
using charts::Kind;

constexpr std::size_t numbers_max = 2;

// Requests of every kind over the first columns of each type.
std::vector<charts::Request> requests_of(const columns::Schema& schema) {
  std::vector<std::string> numbers;
  std::vector<std::string> others;
  for (const columns::Column& column : schema) {
    (column.type == columns::Type::number ? numbers : others).push_back(column.name);
  }
  if (numbers.size() > numbers_max) numbers.resize(numbers_max);
  std::vector<charts::Request> requests;
  const auto ask = [&requests](Kind kind, const std::string& x, const std::string& y,
                               const std::string& by, const std::string& color) {
    charts::Request request;
    request.kind = kind;
    request.x = x;
    request.y = y;
    request.by = by;
    request.color = color;
    requests.push_back(request);
  };
  // A number names groups too, as it was written.
  std::vector<std::string> groups{""};
  if (!others.empty()) groups.push_back(others.front());
  if (numbers.size() > 1) groups.push_back(numbers[1]);
  for (const std::string& number : numbers) {
    for (const std::string& group : groups) {
      for (const Kind kind : {Kind::density, Kind::histogram, Kind::ecdf}) {
        ask(kind, number, "", group, "");
      }
      ask(Kind::box, "", number, group, "");
      ask(Kind::scatter, number, numbers.front(), "", group);
      ask(Kind::line, number, numbers.front(), "", group);
      if (!group.empty()) ask(Kind::bar, group, number, "", "");
      if (!group.empty()) ask(Kind::heat, group, number, "", "");
    }
  }
  for (const std::string& other : others) {
    ask(Kind::bar, other, "", "", "");
    if (!numbers.empty()) ask(Kind::line, other, numbers.front(), "", "");
  }
  if (!others.empty() && !numbers.empty()) {
    ask(Kind::histogram, numbers.front(), "", "", "");
    requests.back().facet = others.front();
  }
  return requests;
}

std::string told(columns::Table& table, const charts::Request& request) {
  const auto figures = charts::compute_figures(table, request);
  return figures ? charts::to_bytes(*figures) : "refused: " + figures.error().message;
}

std::unique_ptr<columns::Table> read(const fs::path& file) {
  auto table = datasets::open_table(file);
  return table ? std::move(*table) : nullptr;
}

}  // namespace

TEST_CASE("figures from typed columns are those from the file, to the last bit") {
  const fs::path folder = datasets::golden_charts();
  if (!fs::is_directory(folder)) return;
  std::size_t compared = 0;
  std::size_t drawn = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    CAPTURE(entry.path().string());
    auto table = datasets::open_table(entry.path());
    if (!table) continue;
    const auto summary = datasets::summarize(**table, 0);
    if (!summary) continue;
    std::vector<std::uint64_t> distinct;
    for (const datasets::ColumnSummary& column : summary->columns) {
      distinct.push_back(column.distinct);
    }
    const objects::Scratch scratch;
    // Forms of numbers that are not kept come from the file.
    constexpr std::array<std::size_t, 2> forms_of_files{16'384, 10};
    for (const std::size_t forms_max : forms_of_files) {
      REQUIRE(datasets::typed::write(**table, distinct, scratch.path / std::to_string(forms_max),
                                     {.forms_max = forms_max}));
    }
    for (const charts::Request& request : requests_of((*table)->schema())) {
      CAPTURE(std::string(charts::name_of(request.kind)));
      CAPTURE(request.x);
      CAPTURE(request.y);
      CAPTURE(request.by);
      CAPTURE(request.color);
      const std::string expected = told(*read(entry.path()), request);
      for (const std::size_t forms_max : forms_of_files) {
        CAPTURE(forms_max);
        auto typed = datasets::typed::open(scratch.path / std::to_string(forms_max), [&entry] {
          return Result<std::unique_ptr<columns::Table>>(read(entry.path()));
        });
        REQUIRE(typed);
        REQUIRE(told(**typed, request) == expected);
        ++compared;
        drawn += expected.starts_with("refused: ") ? 0 : 1;
      }
    }
  }
  CHECK(compared > 300);
  CHECK(2 * drawn > compared);
}

}  // namespace cauce::api

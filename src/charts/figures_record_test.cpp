#include "charts/figures_record.h"

#include <doctest/doctest.h>

#include "charts/options.h"
#include "columns/memory/memory.h"

namespace cauce::charts {
namespace {

using columns::memory::MemoryTable;

MemoryTable cars() {
  return MemoryTable{
      {columns::memory::number_cells("mpg", {18, 15, 16, 24, 27, 25, 31, 35}),
       columns::memory::number_cells("weight", {3504, 3693, 3436, 2372, 2130, 2672, 1773, 1613}),
       columns::memory::text_cells(
           "origin", {"USA", "USA", "USA", "Japan", "Japan", "Europe", "Japan", ""})}};
}

Figures figures_of(Kind kind, const std::vector<std::pair<std::string, std::string>>& options) {
  Request request;
  request.kind = kind;
  for (const auto& [name, value] : options) {
    REQUIRE(set_option(request, name, value));
  }
  auto table = cars();
  auto figures = compute_figures(table, request);
  if (!figures) FAIL(figures.error().message);
  return *figures;
}

std::vector<Figures> of_every_kind() {
  return {figures_of(Kind::scatter, {{"x", "weight"}, {"y", "mpg"}, {"color", "origin"}}),
          figures_of(Kind::bar, {{"x", "origin"}, {"y", "mpg"}, {"aggregate", "sum"}}),
          figures_of(Kind::box, {{"y", "mpg"}, {"by", "origin"}}),
          figures_of(Kind::density, {{"x", "mpg"}}),
          figures_of(Kind::histogram, {{"x", "mpg"}, {"bins", "3"}, {"by", "origin"}}),
          figures_of(Kind::bar, {{"x", "origin"}, {"color", "origin"}}),
          figures_of(Kind::ecdf, {{"x", "mpg"}}),
          figures_of(Kind::line, {{"x", "weight"}, {"y", "mpg"}}),
          figures_of(Kind::heat, {{"x", "origin"}, {"y", "origin"}}),
          figures_of(Kind::box, {{"y", "mpg"}, {"by", "origin"}, {"marks", "strip"}}),
          figures_of(Kind::box, {{"y", "mpg"}, {"marks", "strip"}, {"bins", "3"}}),
          figures_of(Kind::scatter,
                     {{"x", "weight"}, {"y", "mpg"}, {"shape", "origin"}, {"size", "mpg"}}),
          figures_of(Kind::pairs, {{"columns", "mpg,weight"}, {"color", "origin"}})};
}

// Too long to be cut at every byte.
std::vector<Figures> of_many_numbers() {
  return {figures_of(Kind::box, {{"y", "mpg"}, {"marks", "violin"}}),
          figures_of(Kind::density, {{"x", "weight"}, {"y", "mpg"}})};
}

}  // namespace

TEST_CASE("figures of every kind survive being written and read") {
  std::vector<Figures> all = of_every_kind();
  for (Figures& figures : of_many_numbers())
    all.push_back(std::move(figures));
  for (const Figures& figures : all) {
    CAPTURE(figures.of.index());
    const Bytes bytes = to_bytes(figures);
    const auto read = figures_from_bytes(bytes);
    REQUIRE(read);
    CHECK(to_bytes(*read) == bytes);
    CHECK(to_json(*read) == to_json(figures));
    CHECK(read->schema == figures.schema);
  }
}

TEST_CASE("figures that are cut, longer or changed at the front are not read") {
  for (const Figures& figures : of_every_kind()) {
    const Bytes bytes = to_bytes(figures);
    for (std::size_t count = 0; count < bytes.size(); ++count) {
      CHECK_FALSE(figures_from_bytes(BytesView(bytes).substr(0, count)));
    }
    CHECK_FALSE(figures_from_bytes(bytes + "x"));
    for (const std::size_t place : {0, 4}) {
      Bytes changed = bytes;
      changed[place] = '\x7f';
      CHECK_FALSE(figures_from_bytes(changed));
    }
  }
}

}  // namespace cauce::charts

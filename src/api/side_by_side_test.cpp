#include "api/side_by_side.h"

#include <doctest/doctest.h>

#include "charts/figures.h"
#include "columns/memory/memory.h"

namespace cauce::api {
namespace {

using columns::memory::MemoryTable;

std::unique_ptr<columns::Table> table(std::size_t block_rows) {
  return std::make_unique<MemoryTable>(
      std::vector{columns::memory::number_cells("a", {1, 2, 3}),
                  columns::memory::text_cells("name", {"x", "y", "z"}),
                  columns::memory::number_cells("b", {10, columns::memory::missing, 30})},
      columns::memory::Options{block_rows, {}});
}

}  // namespace

TEST_CASE("the numeric columns of a table stand below each other") {
  for (const std::size_t block_rows : {1, 2, 100}) {
    CAPTURE(block_rows);
    const auto made = side_by_side(table(block_rows));
    charts::Request request;
    request.kind = charts::Kind::box;
    request.y = "value";
    request.by = "column";
    const auto figures = charts::compute_figures(*made, request);
    REQUIRE(figures);
    const auto& groups = std::get<charts::BoxFigures>(figures->of).groups;
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].group == "a");
    CHECK(groups[0].median == 2);
    CHECK(groups[1].group == "b");
    CHECK(groups[1].n == 2);
    CHECK(groups[1].missing == 1);
  }
}

TEST_CASE("a table without numbers cannot stand side by side") {
  const auto made = side_by_side(
      std::make_unique<MemoryTable>(std::vector{columns::memory::text_cells("name", {"x"})}));
  CHECK(made->scan({{1, columns::Cell::number}}).error().outcome == Outcome::invalid);
}

}  // namespace cauce::api

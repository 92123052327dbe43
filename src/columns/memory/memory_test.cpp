#include "columns/memory/memory.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cauce::columns::memory {
namespace {

TEST_CASE("a table in memory hands out its rows in blocks, as numbers and as written") {
  MemoryTable table{{written_number_cells("cylinders", {"8", "", "4.0"}),
                     text_cells("origin", {"USA", "Japan", ""})},
                    {2, {}}};
  auto scan = table.scan({{0, Cell::number}, {0, Cell::text}, {1, Cell::text}});
  REQUIRE(scan);
  Block block;
  REQUIRE(*(*scan)->next(block) == Step::rows);
  CHECK(block.rows == 2);
  CHECK(block.lanes[0].numbers[0] == 8);
  CHECK(std::isnan(block.lanes[0].numbers[1]));
  CHECK(block.lanes[1].texts[1].data() == nullptr);
  CHECK(block.lanes[2].texts[1] == "Japan");
  REQUIRE(*(*scan)->next(block) == Step::rows);
  CHECK(block.rows == 1);
  CHECK(block.lanes[1].texts[0] == "4.0");
  CHECK(block.lanes[2].texts[0].data() == nullptr);
  CHECK(*(*scan)->next(block) == Step::end);
}

TEST_CASE("a column that turns out to be text says retyped once, then its type is final") {
  MemoryTable table{{text_cells("code", {"1", "2", "x"})}, {1, Retype{0, Type::number, 2}}};
  CHECK(table.schema()[0].type == Type::number);
  auto scan = table.scan({{0, Cell::number}});
  REQUIRE(scan);
  Block block;
  CHECK(*(*scan)->next(block) == Step::rows);
  CHECK(*(*scan)->next(block) == Step::rows);
  CHECK(*(*scan)->next(block) == Step::retyped);
  CHECK(table.schema()[0].type == Type::text);
  CHECK_FALSE(table.scan({{0, Cell::number}}));
  auto again = table.scan({{0, Cell::text}});
  REQUIRE(again);
  for (int row = 0; row < 3; ++row)
    CHECK(*(*again)->next(block) == Step::rows);
  CHECK(*(*again)->next(block) == Step::end);
}

}  // namespace
}  // namespace cauce::columns::memory

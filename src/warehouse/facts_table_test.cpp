#include "warehouse/facts_table.h"

#include <doctest/doctest.h>

#include <cmath>

#include "warehouse/facts_house_test.h"

namespace cauce::warehouse {
namespace {

using columns::Cell;

struct Fixture : FactsHouse {
  Fixture() : FactsHouse(*parse_time("2026-11-21T12:00:00Z")) {}

  record::Fact fact(const char* device, const char* time, record::Value value) {
    record::Fact fact = FactsHouse::fact(time, std::move(value));
    fact.device = device;
    return fact;
  }

  Result<std::unique_ptr<columns::Table>> open(const FactsAsked& asked) {
    return open_facts_table(*store, asked, options);
  }

  FactsTableOptions options;
};

// All rows as text, "-" where a cell is missing.
std::vector<std::string> rows_of(columns::Table& table, const std::vector<std::string>& names) {
  std::vector<columns::Wanted> wanted;
  for (const std::string& name : names)
    wanted.push_back({*columns::find_column(table.schema(), name), Cell::text});
  const auto scan = table.scan(std::move(wanted));
  REQUIRE(scan);
  std::vector<std::string> rows;
  for (columns::Block block;;) {
    const auto step = (*scan)->next(block);
    REQUIRE(step);
    if (*step != columns::Step::rows) return rows;
    for (std::size_t row = 0; row < block.rows; ++row) {
      std::string text;
      for (const columns::Lane& lane : block.lanes) {
        const std::string_view cell = lane.texts[row];
        text += cell.data() == nullptr ? "-" : std::string(cell);
        text += ' ';
      }
      text.pop_back();
      rows.push_back(text);
    }
  }
}

const FactsAsked temperature{"acme", "temperature"};

}  // namespace

TEST_CASE("facts of all devices stand by time, and each moment of a device once") {
  Fixture world;
  record::Fact foreign = world.fact("a", "2026-11-21T10:00:00Z", 99.0);
  foreign.company = "globex";
  record::Fact other = world.fact("a", "2026-11-21T10:00:00Z", 55.0);
  other.metric = "humidity";
  world.deliver({world.fact("b", "2026-11-21T10:01:00Z", 3.5), foreign, other,
                 world.fact("a", "2026-11-21T10:01:00Z", 2.25),
                 world.fact("a", "2026-11-21T10:00:00Z", 1.0),
                 world.fact("a", "2026-11-21T10:00:00Z", 1.5)});
  const auto table = world.open(temperature);
  REQUIRE(table);
  CHECK(rows_of(**table, {"time", "device", "value", "area", "site"}) ==
        std::vector<std::string>{"2026-11-21T10:00:00Z a 1.5 - plant",
                                 "2026-11-21T10:01:00Z a 2.25 - plant",
                                 "2026-11-21T10:01:00Z b 3.5 - plant"});
}

TEST_CASE("a number is handed out bit by bit, and a moment as its microseconds") {
  Fixture world;
  world.deliver({world.fact("a", "2026-11-21T10:00:00.000001Z", 0.1 + 0.2),
                 world.fact("a", "2026-11-21T10:00:01Z", std::string("open")),
                 world.fact("a", "2026-11-21T10:00:02Z", true)});
  const auto table = world.open(temperature);
  REQUIRE(table);
  const auto scan = (*table)->scan({{1, Cell::number}, {0, Cell::number}, {2, Cell::text}});
  REQUIRE(scan);
  columns::Block block;
  REQUIRE(*(*scan)->next(block) == columns::Step::rows);
  REQUIRE(block.rows == 3);
  CHECK(block.lanes[0].numbers[0] == 0.1 + 0.2);
  CHECK(std::isnan(block.lanes[0].numbers[1]));
  CHECK(std::isnan(block.lanes[0].numbers[2]));
  CHECK(block.lanes[1].numbers[0] ==
        double(to_microseconds(*parse_time("2026-11-21T10:00:00.000001Z"))));
  CHECK(block.lanes[2].texts[0].data() == nullptr);
  CHECK(block.lanes[2].texts[1] == "open");
  CHECK(block.lanes[2].texts[2] == "true");
}

TEST_CASE("rows beyond one block keep their order, in every scan") {
  Fixture world;
  std::vector<record::Fact> facts;
  const Time start = *parse_time("2026-11-21T00:00:00Z");
  const int count = 2 * int(columns::block_rows_max) + 5;
  for (int index = 0; index < count; ++index) {
    facts.push_back(world.fact("a", "2026-11-21T00:00:00Z", double(index)));
    facts.back().time = start + std::chrono::seconds{index};
  }
  world.deliver(facts);
  const auto table = world.open(temperature);
  REQUIRE(table);
  for (int turn = 0; turn < 2; ++turn) {
    const auto scan = (*table)->scan({{1, Cell::number}});
    REQUIRE(scan);
    int next = 0;
    for (columns::Block block; *(*scan)->next(block) == columns::Step::rows;) {
      for (const double value : block.lanes[0].numbers)
        REQUIRE(value == next++);
    }
    CHECK(next == count);
  }
}

TEST_CASE("facts that are put in order piece by piece are the same table") {
  Fixture world;
  std::vector<record::Fact> facts;
  const Time start = *parse_time("2026-11-21T00:00:00Z");
  for (int index = 0; index < 500; ++index) {
    // Two devices, moments in disorder, and each seventh one sent again later.
    facts.push_back(world.fact("a", "2026-11-21T00:00:00Z", double(index)));
    facts.back().device = index % 2 == 0 ? "a" : "b";
    facts.back().time = start + std::chrono::seconds{index * 37 % 200};
    if (index % 7 == 0) facts.push_back(facts[std::size_t(index / 2)]);
    facts.back().origin.position = 1000 + std::uint64_t(facts.size());
  }
  world.deliver(facts);
  const std::vector<std::string> columns{"time", "device", "value"};
  const std::vector<std::string> whole = rows_of(**world.open(temperature), columns);
  for (const std::size_t piece : {60, 100, 499}) {
    CAPTURE(piece);
    world.options.piece_facts_max = piece;
    CHECK(rows_of(**world.open(temperature), columns) == whole);
    world.options.facts_max = whole.size() - 1;
    CHECK(world.open(temperature).error().outcome == Outcome::invalid);
    world.options.facts_max = whole.size();
    CHECK(world.open(temperature));
  }
}

TEST_CASE("more facts than fit into the memory at once are put in order all the same") {
  Fixture world;
  world.options.table.memory_bytes_max = 32u << 20;
  std::vector<record::Fact> facts;
  const Time start = *parse_time("2026-11-21T00:00:00Z");
  constexpr int count = 120'000;
  facts.reserve(count);
  for (int index = 0; index < count; ++index) {
    facts.push_back(world.fact("a", "2026-11-21T00:00:00Z", double(index)));
    facts.back().time = start + std::chrono::milliseconds{index};
  }
  world.deliver(facts);
  world.options.piece_facts_max = 20'000;
  const auto table = world.open(temperature);
  REQUIRE_MESSAGE(table, (table ? "" : table.error().message));
  world.options.piece_facts_max = count;
  const auto at_once = world.open(temperature);
  REQUIRE_FALSE(at_once);
  CHECK(at_once.error().message.find("choose a shorter time") != std::string::npos);
}

TEST_CASE("without a span the last day counts that holds facts of the company") {
  Fixture world;
  record::Fact foreign = world.fact("a", "2026-11-25T10:00:00Z", 1.0);
  foreign.company = "globex";
  world.deliver({world.fact("a", "2026-11-19T23:59:00Z", 1.0),
                 world.fact("a", "2026-11-20T00:00:00Z", 2.0),
                 world.fact("a", "2026-11-20T23:59:59Z", 3.0), foreign});
  CHECK(rows_of(**world.open(temperature), {"value"}) == std::vector<std::string>{"2", "3"});
  FactsAsked asked = temperature;
  asked.from = *parse_time("2026-11-19T23:59:00Z");
  CHECK(rows_of(**world.open(asked), {"value"}).size() == 3);
  asked.to = *parse_time("2026-11-20T23:59:59Z");  // which is not in it
  CHECK(rows_of(**world.open(asked), {"value"}) == std::vector<std::string>{"1", "2"});
  asked.from = asked.to;
  CHECK(world.open(asked).error().outcome == Outcome::invalid);
}

TEST_CASE("what is not there, and what is more than may be, is said") {
  Fixture world;
  CHECK(world.open(temperature).error().outcome == Outcome::not_found);
  world.deliver(
      {world.fact("a", "2026-11-20T00:00:00Z", 1.0), world.fact("a", "2026-11-20T00:00:01Z", 2.0)});
  CHECK(world.open({"acme", "' OR 1=1 --"}).error().outcome == Outcome::not_found);
  CHECK(world.open({"globex", "temperature"}).error().outcome == Outcome::not_found);
  world.options.facts_max = 2;
  CHECK(world.open(temperature));
  world.options.facts_max = 1;
  CHECK(world.open(temperature).error().outcome == Outcome::invalid);
}

}  // namespace cauce::warehouse

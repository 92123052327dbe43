#include "warehouse/facts.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <map>

#include "base/random.h"
#include "objects/memory/memory.h"
#include "objects/objects_contract.h"
#include "objects/scratch.h"
#include "record/fact.h"
#include "warehouse/query.h"

namespace cauce::warehouse {
namespace {

const Time evening = *parse_time("2026-11-21T23:30:00Z");

record::Fact fact_of(std::string device, std::int64_t seconds, double value,
                     record::Origin origin) {
  record::Fact fact;
  fact.company = "acme";
  fact.site = "madrid";
  fact.area = "cold-room";
  fact.device = std::move(device);
  fact.device_type = "thermometer";
  fact.metric = "temperature";
  fact.time = evening + std::chrono::seconds{seconds};
  fact.received_at = fact.time + std::chrono::milliseconds{250};
  fact.value = value;
  fact.unit = "Cel";
  fact.origin = origin;
  return fact;
}

stream::Batch batch_of(std::uint64_t from, const std::vector<record::Fact>& facts) {
  stream::Batch batch;
  batch.from = {from};
  batch.to = {from + facts.size()};
  for (const record::Fact& fact : facts) {
    batch.records.push_back(record::encode(fact));
    batch.appended_at.push_back(fact.received_at);
  }
  return batch;
}

struct Fixture {
  objects::Scratch scratch;
  std::unique_ptr<objects::Objects> store = objects::memory_objects(scratch.path);
  VirtualClock clock{evening};

  std::unique_ptr<Facts> open(FactsOptions options = {}) {
    options.files.scratch_directory = scratch.path / "scratch";
    auto facts = std::make_unique<Facts>(*store, clock, options);
    REQUIRE(facts->open());
    return facts;
  }

  std::vector<std::vector<std::string>> ask(std::string_view sql) {
    auto engine = open_query(*store, {});
    REQUIRE(engine);
    auto answer = (*engine)->query(sql, 1'000'000);
    if (!answer) FAIL(answer.error().message);
    return answer->rows;
  }
};

using Rows = std::vector<std::vector<std::string>>;

}  // namespace

TEST_CASE("a fact comes back with every field, whatever its value is") {
  Fixture fixture;
  record::Fact number = fact_of("a", 0, 21.5, {0, 10, 2, 1});
  record::Fact text = fact_of("b", 0, 0, {1, 11, 0, 0});
  text.value = std::string("open");
  text.quality = record::Quality::uncertain;
  record::Fact boolean = fact_of("c", 0, 0, {2, 12, 0, 0});
  boolean.value = true;
  boolean.site = "";
  boolean.quality = record::Quality::bad;
  REQUIRE(fixture.open()->deliver(batch_of(0, {number, text, boolean})));
  CHECK(
      fixture.ask("SELECT * FROM facts ORDER BY device") ==
      Rows{
          {"acme", "madrid", "cold-room", "a", "thermometer", "temperature", "2026-11-21T23:30:00Z",
           "2026-11-21T23:30:00.250000Z", "21.5", "", "", "Cel", "good", "0", "10", "2", "1"},
          {"acme", "madrid", "cold-room", "b", "thermometer", "temperature", "2026-11-21T23:30:00Z",
           "2026-11-21T23:30:00.250000Z", "", "open", "", "Cel", "uncertain", "1", "11", "0", "0"},
          {"acme", "", "cold-room", "c", "thermometer", "temperature", "2026-11-21T23:30:00Z",
           "2026-11-21T23:30:00.250000Z", "", "", "true", "Cel", "bad", "2", "12", "0", "0"}});
  CHECK(fixture.ask("SELECT count(value), count(text), count(boolean), count(site) FROM facts") ==
        Rows{{"1", "1", "1", "3"}});
}

TEST_CASE("an object holds one company and one UTC day of the fact's own time") {
  Fixture fixture;
  record::Fact late = fact_of("a", 3'600, 1, {0, 1, 0, 0});
  late.received_at = evening;
  record::Fact other = fact_of("a", 0, 1, {0, 2, 0, 0});
  other.company = "globex";
  REQUIRE(fixture.open()->deliver(batch_of(0, {fact_of("a", 0, 1, {0, 0, 0, 0}), late, other})));
  const auto keys = objects::contract::keys_of(*fixture.store, "facts/company=");
  CHECK(keys == std::vector<std::string>{"facts/company=acme/day=2026-11-21/0-0-3-1.parquet",
                                         "facts/company=acme/day=2026-11-22/0-0-3-1.parquet",
                                         "facts/company=globex/day=2026-11-21/0-0-3-1.parquet"});
}

TEST_CASE("a batch of more days than one entry takes is committed in parts, each fact once") {
  Fixture fixture;
  std::vector<record::Fact> facts;
  for (int number = 0; number < 10; ++number) {
    facts.push_back(fact_of("a", (number % 7) * 86'400, number, {0, std::uint64_t(number), 0, 0}));
  }
  FactsOptions options;
  options.company_days_max = 3;
  auto warehouse = fixture.open(options);
  // As if the process had died after the first part, in the middle of what comes again.
  REQUIRE(warehouse->deliver(batch_of(0, {facts.begin(), facts.begin() + 3})));
  REQUIRE(warehouse->deliver(batch_of(0, facts)));
  REQUIRE(warehouse->deliver(batch_of(0, facts)));
  CHECK(warehouse->resume_at() == stream::Position{10});
  CHECK(fixture.ask("SELECT device, value FROM facts ORDER BY value") ==
        Rows{{"a", "3"}, {"a", "4"}, {"a", "5"}, {"a", "6"}, {"a", "7"}, {"a", "8"}, {"a", "9"}});
  // The one that opened it, and [0, 3), [3, 6), [6, 9), [9, 10).
  CHECK(objects::contract::keys_of(*fixture.store, "facts/_log/").size() == 5);
}

TEST_CASE("within a batch only the largest origin of a series and time is written") {
  Fixture fixture;
  REQUIRE(fixture.open()->deliver(
      batch_of(0, {fact_of("a", 0, 1, {0, 7, 0, 0}), fact_of("a", 0, 2, {0, 9, 0, 0}),
                   fact_of("a", 0, 3, {0, 8, 5, 5}), fact_of("a", 1, 4, {0, 3, 0, 0}),
                   fact_of("b", 0, 5, {0, 1, 0, 0})})));
  CHECK(fixture.ask("SELECT device, time, value FROM facts_raw ORDER BY ALL") ==
        Rows{{"a", "2026-11-21T23:30:00Z", "2"},
             {"a", "2026-11-21T23:30:01Z", "4"},
             {"b", "2026-11-21T23:30:00Z", "5"}});
}

TEST_CASE("across batches the view shows the largest origin, each part of it in turn") {
  Fixture fixture;
  auto facts = fixture.open();
  const std::vector<record::Origin> rising = {
      {0, 5, 1, 1}, {0, 5, 1, 2}, {0, 5, 2, 0}, {0, 6, 0, 0}, {1, 0, 0, 0}};
  std::uint64_t position = 0;
  for (std::size_t series = 0; series < rising.size() - 1; ++series) {
    // The larger one comes first for even series, so arrival decides nothing.
    const std::size_t first = series + (series % 2 == 0 ? 1 : 0);
    const std::size_t second = series + (series % 2 == 0 ? 0 : 1);
    for (const std::size_t index : {first, second}) {
      const auto fact =
          fact_of(fmt::format("d{}", series), 0, index == series + 1 ? 1.0 : 0.0, rising[index]);
      REQUIRE(facts->deliver(batch_of(position++, {fact})));
    }
  }
  CHECK(fixture.ask("SELECT count(*) FROM facts_raw") == Rows{{"8"}});
  CHECK(fixture.ask("SELECT device, value FROM facts ORDER BY device") ==
        Rows{{"d0", "1"}, {"d1", "1"}, {"d2", "1"}, {"d3", "1"}});
}

TEST_CASE("ten thousand facts with repetitions over several batches are each there once") {
  Fixture fixture;
  std::map<std::pair<std::string, std::int64_t>, std::pair<record::Origin, double>> expected;
  std::uint64_t position = 0;
  {
    auto facts = fixture.open();
    SeededRandom random(7);
    for (int round = 0; round < 5; ++round) {
      std::vector<record::Fact> batch;
      for (int count = 0; count < 2'000; ++count) {
        const auto device = fmt::format("device-{}", random.below(20));
        const auto second = static_cast<std::int64_t>(random.below(300));
        const record::Origin origin{0, random.below(1'000'000'000),
                                    static_cast<std::uint32_t>(random.below(3)), 0};
        const double value = static_cast<double>(random.below(1'000'000)) / 7;
        batch.push_back(fact_of(device, second, value, origin));
        auto& best = expected[{device, second}];
        if (best.first <= origin) best = {origin, value};
      }
      REQUIRE(facts->deliver(batch_of(position, batch)));
      position += batch.size();
    }
  }
  CHECK(fixture.open()->resume_at().number == position);
  const auto rows = fixture.ask("SELECT device, time, value FROM facts");
  CHECK(rows.size() == expected.size());
  for (const auto& row : rows) {
    const auto time =
        std::chrono::duration_cast<std::chrono::seconds>(*parse_time(row[1]) - evening);
    const auto found = expected.find({row[0], time.count()});
    REQUIRE(found != expected.end());
    REQUIRE(std::stod(row[2]) == found->second.second);
  }
}

TEST_CASE("positions that are lost are passed over, and facts go on behind them") {
  Fixture fixture;
  auto facts = fixture.open();
  stream::Batch lost;
  lost.to = {7};
  REQUIRE(facts->deliver(lost));
  REQUIRE(facts->deliver(lost));
  CHECK(facts->resume_at().number == 7);
  REQUIRE(facts->deliver(batch_of(7, {fact_of("a", 0, 1, {0, 1, 0, 0})})));
  CHECK(facts->resume_at().number == 8);
}

TEST_CASE("a record that is no fact stops the warehouse and is named") {
  Fixture fixture;
  auto facts = fixture.open();
  stream::Batch batch = batch_of(0, {fact_of("a", 0, 1, {})});
  batch.records = {"nonsense"};
  auto refused = facts->deliver(batch);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().outcome == Outcome::corrupt);
  CHECK(refused.error().message.find("at 0 of partition 0 of facts") != std::string::npos);
}

TEST_CASE("a query over an empty store answers no rows") {
  Fixture fixture;
  CHECK(fixture.ask("SELECT * FROM facts").empty());
  CHECK(fixture.ask("SELECT * FROM facts_raw").empty());
  CHECK(fixture.ask("SELECT * FROM lake").empty());
}

TEST_CASE("a query sees only what was committed and reads nothing else") {
  Fixture fixture;
  REQUIRE(fixture.open()->deliver(batch_of(0, {fact_of("a", 0, 1, {})})));
  const Bytes stored = *fixture.store->get("facts/company=acme/day=2026-11-21/0-0-1-1.parquet");
  REQUIRE(fixture.store->put("facts/company=acme/day=2026-11-21/orphan.parquet", stored));
  auto engine = open_query(*fixture.store, {});
  REQUIRE(engine);
  CHECK((*engine)->query("SELECT count(*) FROM facts_raw", 1)->rows[0][0] == "1");
  CHECK((*engine)->query("SELECT * FROM read_csv('/etc/passwd')", 1).error().outcome ==
        Outcome::denied);
  CHECK((*engine)->query("SET memory_limit = '100GB'", 1).error().outcome == Outcome::denied);
  CHECK((*engine)->query("DROP VIEW facts", 1).error().outcome == Outcome::denied);
}

TEST_CASE("a committed object that is missing is corrupt and named") {
  Fixture fixture;
  REQUIRE(fixture.open()->deliver(batch_of(0, {fact_of("a", 0, 1, {})})));
  const std::string key = "facts/company=acme/day=2026-11-21/0-0-1-1.parquet";
  REQUIRE(fixture.store->remove(key));
  auto engine = open_query(*fixture.store, {});
  REQUIRE_FALSE(engine.has_value());
  CHECK(engine.error().outcome == Outcome::corrupt);
  CHECK(engine.error().message.find(key) != std::string::npos);
}

}  // namespace cauce::warehouse

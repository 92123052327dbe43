#include "warehouse/report.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "business/sqlite/sqlite.h"
#include "warehouse/dimensions.h"
#include "warehouse/facts_house_test.h"

namespace cauce::warehouse {
namespace {

using Rows = std::vector<std::vector<std::string>>;

const Time now = *parse_time("2026-10-27T12:00:00Z");

Date day(const char* text) {
  return *parse_date(text);
}

// Two companies; acme has a site in Madrid and one in New York.
struct Fixture : FactsHouse {
  SeededRandom random{1};
  ReportOptions options;

  Fixture() : FactsHouse(now) {
    std::filesystem::create_directories(scratch.path / "business");
    const auto data = business::make_sqlite_store(scratch.path / "business", random);
    const auto business = *data->open_writer();
    const auto registry = *data->open_registry();
    for (const char* company : {"acme", "globex"}) {
      REQUIRE(business->create(business::Company{company, company}));
      REQUIRE(business->create(business::Site{company, "plant", "Plant", "Europe/Madrid"}));
    }
    REQUIRE(business->create(business::Site{"acme", "yard", "Yard", "America/New_York"}));
    Dimensions dimensions{*store, *registry, clock, {.scratch_directory = scratch.path / "dim"}};
    REQUIRE(dimensions.open());
    REQUIRE(*dimensions.follow());
  }

  record::Fact fact(const char* time, record::Value value, const char* site,
                    const char* device = "a") {
    record::Fact fact = FactsHouse::fact(time, std::move(value));
    fact.site = site;
    fact.device = device;
    return fact;
  }
  using FactsHouse::fact;

  Rows report(const DailySiteSummary& asked) {
    const auto answer = daily_site_summary(*store, asked, now, options);
    if (!answer) FAIL(answer.error().message);
    return answer->rows;
  }
  Outcome refusal(const DailySiteSummary& asked) {
    const auto answer = daily_site_summary(*store, asked, now, options);
    REQUIRE_FALSE(answer);
    return answer.error().outcome;
  }
};

}  // namespace

TEST_CASE("a day of the report is one of the site's time zone, also when clocks change") {
  Fixture fixture;
  // 2026-10-25 has 25 hours in Madrid: from 22:00 UTC of the 24th to 23:00 UTC.
  fixture.deliver(
      {fixture.fact("2026-10-24T21:59:59.999999Z", 1.0), fixture.fact("2026-10-24T22:00:00Z", 2.0),
       fixture.fact("2026-10-25T00:30:00Z", 4.0),
       fixture.fact("2026-10-25T01:30:00Z", 6.0, "plant", "b"),
       fixture.fact("2026-10-25T22:59:59.999999Z", 8.0), fixture.fact("2026-10-25T23:00:00Z", 9.0),
       fixture.fact("2026-10-25T03:59:59Z", 20.0, "yard"),
       fixture.fact("2026-10-25T04:00:00Z", 30.0, "yard"),
       fixture.fact("2026-10-25T12:00:00Z", 40.0, "")});
  const DailySiteSummary one_day{
      .company = "acme", .from = day("2026-10-25"), .to = day("2026-10-25")};
  CHECK(fixture.report(one_day) ==
        Rows{{"acme", "", "2026-10-25", "UTC", "temperature", "Cel", "1", "1", "40", "40", "40",
              "40", "40", "1"},
             {"acme", "plant", "2026-10-25", "Europe/Madrid", "temperature", "Cel", "2", "4", "2",
              "5", "4", "8", "8", "4"},
             {"acme", "yard", "2026-10-25", "America/New_York", "temperature", "Cel", "1", "1",
              "30", "30", "30", "30", "30", "1"}});
  const auto plant = fixture.report(
      {.company = "acme", .site = "plant", .from = day("2026-10-24"), .to = day("2026-10-26")});
  REQUIRE(plant.size() == 3);
  CHECK(plant[0][7] == "1");
  CHECK(plant[2][7] == "1");
  CHECK(plant[2][8] == "9");
}

TEST_CASE("the report counts each series and time once, and numbers only") {
  Fixture fixture;
  fixture.deliver({fixture.fact("2026-10-26T10:00:00Z", 1.0),
                   fixture.fact("2026-10-26T10:00:01Z", std::string{"open"}),
                   fixture.fact("2026-10-26T10:00:02Z", true)});
  fixture.deliver({fixture.fact("2026-10-26T10:00:00Z", 5.0)});
  const auto rows = fixture.report({.company = "acme"});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0][7] == "1");
  CHECK(rows[0][8] == "5");
}

TEST_CASE("p50 and p95 of the report are the numbers of the nearest rank") {
  Fixture fixture;
  std::vector<record::Fact> facts;
  for (int index = 20; index > 0; --index) {
    const std::string time = "2026-10-26T10:00:" + std::to_string(10 + index) + "Z";
    facts.push_back(fixture.fact(time.c_str(), double(index)));
  }
  fixture.deliver(facts);
  const auto rows = fixture.report({.company = "acme"});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0][10] == "10");
  CHECK(rows[0][11] == "19");
  fixture.deliver({fixture.fact("2026-10-26T10:01:00Z", 21.0)});
  CHECK(fixture.report({.company = "acme"})[0][10] == "11");
  CHECK(fixture.report({.company = "acme"})[0][11] == "20");
}

TEST_CASE("a report of one company holds nothing of another; without a company it holds all") {
  Fixture fixture;
  auto foreign = fixture.fact("2026-10-26T10:00:00Z", 7.0);
  foreign.company = "globex";
  fixture.deliver({foreign, fixture.fact("2026-10-26T10:00:00Z", 1.0)});
  const auto acme = fixture.report({.company = "acme"});
  REQUIRE(acme.size() == 1);
  CHECK(acme[0][8] == "1");
  CHECK(fixture.report({}).size() == 2);
  CHECK(fixture.report({.company = "nobody"}).empty());
}

TEST_CASE("without days the report is of the last seven at each site") {
  Fixture fixture;
  fixture.deliver(
      {fixture.fact("2026-10-20T21:59:59Z", 1.0), fixture.fact("2026-10-20T22:00:00Z", 2.0),
       fixture.fact("2026-10-27T22:59:59Z", 3.0), fixture.fact("2026-10-27T23:00:00Z", 4.0)});
  const auto rows = fixture.report({.company = "acme"});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0][2] == "2026-10-21");
  CHECK(rows[1][2] == "2026-10-27");
}

TEST_CASE("a report takes as many days and rows as its limits say, and not one more") {
  Fixture fixture;
  fixture.deliver(
      {fixture.fact("2026-10-25T10:00:00Z", 1.0), fixture.fact("2026-10-26T10:00:00Z", 1.0)});
  DailySiteSummary asked{
      .company = "acme", .site = "plant", .from = day("2026-10-25"), .to = day("2026-10-26")};
  fixture.options.days_max = 2;
  CHECK(fixture.report(asked).size() == 2);
  fixture.options.site_days_max = 2;
  CHECK(fixture.report(asked).size() == 2);
  fixture.options.rows_max = 2;
  CHECK(fixture.report(asked).size() == 2);
  fixture.options.rows_max = 1;
  CHECK(fixture.refusal(asked) == Outcome::invalid);
  fixture.options.rows_max = 2;
  asked.to = day("2026-10-27");
  CHECK(fixture.refusal(asked) == Outcome::invalid);
  asked.to = day("2026-10-24");
  CHECK(fixture.refusal(asked) == Outcome::invalid);
  asked.site = "none";
  CHECK(fixture.refusal(asked) == Outcome::not_found);
}

}  // namespace cauce::warehouse

#include "recent/days.h"

#include <doctest/doctest.h>

#include "recent/aggregate.h"
#include "recent/memory/memory.h"

namespace cauce::recent {
namespace {

const std::string boiler = "acme/boiler-1/temperature";

Time at(const char* text) {
  return *parse_time(text);
}

Aggregate quarter_of(Time start, double value) {
  return aggregate_minute(start, {{start + Duration{1}, value, record::Quality::good, {}}});
}

// A store with a value in every quarter of [from, to), each its number.
struct Store {
  Store(const char* from, const char* to) {
    Change change;
    double value = 0;
    for (Time start = at(from); start < at(to); start += window_span(Resolution::quarter)) {
      change.aggregates.push_back({boiler, Resolution::quarter, quarter_of(start, ++value)});
    }
    REQUIRE(store.commit(change));
  }

  std::vector<Day> days(const char* zone, Time from = time_min, Time to = time_max,
                        std::size_t days_max = 99) {
    return *read_days(store.reader(), boiler, *TimeZone::find(zone), from, to, days_max);
  }

  VirtualClock clock{at("2026-11-21T12:00:00Z")};
  memory::Store store{clock, {.limits = {.time_to_live = std::chrono::hours{24 * 400}}}};
};

}  // namespace

TEST_CASE(
    "a day has the quarters of 25 hours when clocks go back, and of 23 when they go forward") {
  Store autumn{"2026-10-23T00:00:00Z", "2026-10-28T00:00:00Z"};
  const auto days = autumn.days("Europe/Madrid");
  REQUIRE(days.size() == 6);
  CHECK(format_date(days[2].day.date) == "2026-10-25");
  CHECK(days[2].aggregate.start == at("2026-10-24T22:00:00Z"));
  CHECK(days[2].aggregate.count == 100);
  CHECK(days[2].aggregate.first == 2 * 96 - 8 + 1);
  CHECK(days[2].aggregate.last == 2 * 96 - 8 + 100);
  CHECK(days[2].aggregate.percentile(50) ==
        doctest::Approx(2 * 96 - 8 + 50).epsilon(Sketch::relative_error));
  CHECK(days[3].aggregate.count == 96);
  CHECK(days[0].aggregate.count == 88);
  CHECK(days[5].aggregate.count == 4);
  Store spring{"2026-03-07T00:00:00Z", "2026-03-11T00:00:00Z"};
  const auto short_days = spring.days("America/New_York");
  REQUIRE(short_days.size() == 5);
  CHECK(short_days[2].aggregate.start == at("2026-03-08T05:00:00Z"));
  CHECK(short_days[2].aggregate.count == 92);
}

TEST_CASE("the zone decides the days, and nothing of them is stored") {
  Store store{"2026-11-01T00:00:00Z", "2026-11-04T00:00:00Z"};
  CHECK(store.days("UTC").size() == 3);
  CHECK(store.days("UTC")[0].aggregate.count == 96);
  CHECK(store.days("Asia/Kathmandu")[0].aggregate.count == 4 * 18 + 1);
  CHECK(store.days("UTC") == store.days("UTC"));
}

TEST_CASE("a day is in a range when its start is") {
  Store store{"2026-11-01T00:00:00Z", "2026-11-05T00:00:00Z"};
  const auto starts = [&](Time from, Time to) { return store.days("UTC", from, to).size(); };
  CHECK(starts(at("2026-11-02T00:00:00Z"), at("2026-11-03T00:00:00Z")) == 1);
  CHECK(starts(at("2026-11-02T00:00:00.000001Z"), at("2026-11-03T00:00:00Z")) == 0);
  CHECK(starts(at("2026-11-02T00:00:00.000001Z"), at("2026-11-03T00:00:00.000001Z")) == 1);
  CHECK(starts(at("2026-11-03T00:00:00Z"), at("2026-11-02T00:00:00Z")) == 0);
  CHECK(store.days("UTC", time_min, time_max, 2).size() == 2);
  CHECK(store.days("UTC", time_min, time_max, 0).empty());
}

TEST_CASE("many days are read in parts, and a day is never torn between two of them") {
  Store store{"2026-06-01T00:00:00Z", "2026-10-01T00:00:00Z"};
  const auto days = store.days("Europe/Madrid", time_min, time_max, 999);
  REQUIRE(days.size() == 123);
  for (std::size_t index = 1; index + 1 < days.size(); ++index) {
    CHECK(days[index].aggregate.count == 96);
  }
}

}  // namespace cauce::recent

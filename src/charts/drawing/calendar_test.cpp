#include "charts/drawing/calendar.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/time.h"

namespace cauce::charts::drawing {

namespace {

double at(const std::string& text) {
  const auto time = parse_time(text.size() == 10 ? text + "T00:00:00Z" : text);
  REQUIRE(time);
  return double(to_microseconds(*time));
}

TEST_CASE("ticks of time are those of d3") {
  std::ifstream file{SHARED_DATA "/charts/ticks_d3.json"};
  if (!file) {
    MESSAGE("skipped: no golden ticks at " SHARED_DATA "/charts/ticks_d3.json");
    return;
  }
  const auto golden = nlohmann::json::parse(file);
  for (const auto& one : golden["time_utc"]) {
    CAPTURE(one.dump());
    std::vector<double> expected;
    for (const auto& tick : one["ticks"])
      expected.push_back(at(tick));
    CHECK(time_ticks(at(one["lo"]), at(one["hi"]), one["count"]) == expected);
  }
}

TEST_CASE("a tick is called by the coarsest unit that begins there") {
  CHECK(time_label(at("2012-01-01"), Locale::en) == "2012");
  CHECK(time_label(at("2012-02-01"), Locale::en) == "Feb");
  CHECK(time_label(at("2012-02-01"), Locale::es) == "feb");
  CHECK(time_label(at("2024-02-29"), Locale::en) == "Feb 29");
  CHECK(time_label(at("2024-02-29"), Locale::es) == "29 feb");
  CHECK(time_label(at("2024-02-29T06:00:00Z"), Locale::en) == "06:00");
  CHECK(time_label(at("2024-02-29T06:05:30Z"), Locale::en) == "06:05:30");
}

TEST_CASE("what the labels leave open is said once") {
  CHECK(time_context(time_ticks(at("2024-02-25"), at("2024-03-03"), 6), Locale::en) == "2024");
  CHECK(time_context(time_ticks(at("2024-02-25T01:00:00Z"), at("2024-02-25T07:00:00Z"), 6),
                     Locale::es) == "25 feb 2024");
  CHECK(time_context(time_ticks(at("2012-01-01"), at("2015-12-31"), 6), Locale::en).empty());
}

TEST_CASE("days before 1970 and times beyond the calendar have ticks or none") {
  const auto ticks = time_ticks(-86400e6 * 400, 86400e6 * 400, 4);
  CHECK(ticks.size() >= 2);
  CHECK(time_ticks(-1e300, 1e300, 5).empty());
  CHECK(time_ticks(-8e17, 8e17, 5).size() >= 2);
  CHECK(time_ticks(5, 5, 5) == std::vector<double>{5});
}

TEST_CASE("a span is told in its largest unit") {
  CHECK(span_text(2.4 * 86400e6, Locale::en) == "2.4 days");
  CHECK(span_text(90e6, Locale::es) == "1,5 minutos");
  CHECK(span_text(500'000, Locale::en) == "0.5 seconds");
}

}  // namespace

}  // namespace cauce::charts::drawing

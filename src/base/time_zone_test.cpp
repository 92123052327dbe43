#include "base/time_zone.h"

#include <doctest/doctest.h>

namespace cauce {
namespace {

Time at(const char* text) {
  return *parse_time(text);
}

LocalDay day_of(const char* zone, const char* date) {
  const auto found = TimeZone::find(zone);
  REQUIRE(found);
  return found->day(*parse_date(date));
}

double hours_of(const LocalDay& day) {
  return double((day.end - day.start).count()) / 3.6e9;
}

}  // namespace

TEST_CASE("a day has 23 hours when clocks go forward and 25 when they go back") {
  const LocalDay spring = day_of("America/New_York", "2026-03-08");
  CHECK(spring.start == at("2026-03-08T05:00:00Z"));
  CHECK(spring.end == at("2026-03-09T04:00:00Z"));
  const LocalDay autumn = day_of("America/New_York", "2026-11-01");
  CHECK(autumn.start == at("2026-11-01T04:00:00Z"));
  CHECK(autumn.end == at("2026-11-02T05:00:00Z"));
  const LocalDay madrid = day_of("Europe/Madrid", "2026-10-25");
  CHECK(madrid.start == at("2026-10-24T22:00:00Z"));
  CHECK(madrid.end == at("2026-10-25T23:00:00Z"));
  CHECK(hours_of(day_of("Europe/Madrid", "2026-10-26")) == 24);
}

TEST_CASE("UTC needs no table and has days of 24 hours") {
  const TimeZone utc;
  CHECK(utc.name() == "UTC");
  CHECK(utc.day_at(at("2026-11-21T23:59:59.999999Z")).start == at("2026-11-21T00:00:00Z"));
  CHECK(hours_of(utc.day(*parse_date("2026-03-29"))) == 24);
  CHECK(TimeZone::find("UTC")->name() == "UTC");
}

TEST_CASE("zones off the hour begin their days there") {
  CHECK(day_of("Asia/Kathmandu", "2026-11-21").start == at("2026-11-20T18:15:00Z"));
  CHECK(day_of("Australia/Lord_Howe", "2026-04-05").start == at("2026-04-04T13:00:00Z"));
  CHECK(hours_of(day_of("Australia/Lord_Howe", "2026-04-05")) == 24.5);
}

TEST_CASE("where clocks jump over midnight the day begins at the jump") {
  // Cairo: 00:00 becomes 01:00.
  const LocalDay cairo = day_of("Africa/Cairo", "2025-04-25");
  CHECK(cairo.start == at("2025-04-24T22:00:00Z"));
  CHECK(hours_of(cairo) == 23);
}

TEST_CASE("a day that is left out is empty, and its neighbours meet") {
  const LocalDay left_out = day_of("Pacific/Apia", "2011-12-30");
  CHECK(left_out.start == left_out.end);
  CHECK(day_of("Pacific/Apia", "2011-12-29").end == day_of("Pacific/Apia", "2011-12-31").start);
  const auto apia = *TimeZone::find("Pacific/Apia");
  CHECK(apia.day_at(left_out.start).date == *parse_date("2011-12-31"));
}

TEST_CASE("every moment lies in exactly one day, in every zone that is asked") {
  for (const char* name :
       {"Europe/Madrid", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia",
        "Africa/Cairo", "America/Sao_Paulo", "Etc/GMT+12"}) {
    CAPTURE(name);
    const auto zone = TimeZone::find(name);
    REQUIRE(zone);
    CHECK(zone->name() == name);
    LocalDay day = zone->day_at(at("1986-01-01T00:00:00Z"));
    bool meet = true;
    while (day.start < at("2030-01-01T00:00:00Z")) {
      const LocalDay next = zone->day_at(day.end);
      meet = meet && next.start == day.end && next.date > day.date && day.start < day.end &&
             zone->day_at(day.start) == day && zone->day_at(day.end - Duration{1}) == day;
      day = next;
    }
    CHECK(meet);
  }
}

TEST_CASE("what is no zone is refused, whatever file it names") {
  for (const char* name :
       {"", "Europe", "Europe/Atlantis", "europe/madrid ", "../etc/passwd", "/etc/localtime",
        "right/Europe/Madrid", "posix/Europe/Madrid", "tzdata.zi", "Europe//Madrid",
        "Europe/Madrid/", "zone.tab", "leapseconds"}) {
    CAPTURE(name);
    const auto found = TimeZone::find(name);
    REQUIRE_FALSE(found);
    CHECK(found.error().outcome == Outcome::not_found);
  }
  CHECK_FALSE(TimeZone::find(std::string(65, 'a')));
}

TEST_CASE("dates are read and written as 2026-10-25") {
  CHECK(format_date(*parse_date("2026-10-25")) == "2026-10-25");
  CHECK(format_date(*parse_date("1970-01-01")) == "1970-01-01");
  for (const char* text : {"", "2026-02-29", "2026-1-1", "20261025", "1969-12-31", "2100-01-01",
                           "2026-10-25T00:00:00Z", "2026-10-25 "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_date(text));
  }
}

}  // namespace cauce

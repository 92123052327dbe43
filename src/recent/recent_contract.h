// What every engine of the recent store must do, whichever it is; an engine's test gives it a
// factory for empty stores. Each SUBCASE begins with a new one.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "recent/months.h"
#include "recent/recent.h"

namespace cauce::recent::contract {

using Make = std::function<std::unique_ptr<Writer>(const Clock& clock, Limits limits,
                                                   std::uint64_t month_bytes_max)>;

constexpr std::uint64_t month_bytes = 64 << 20;
const std::string boiler = "acme/boiler-1/temperature";

inline Time at(const char* text) {
  return *parse_time(text);
}

inline Point point(const char* time, record::Value value, std::uint64_t position = 1) {
  return {at(time), std::move(value), record::Quality::good, {0, position, 0, 0}};
}

inline Aggregate aggregate(const char* start, double mean) {
  Aggregate aggregate;
  aggregate.start = at(start);
  aggregate.count = 3;
  aggregate.min = mean - 1;
  aggregate.max = mean + 1;
  aggregate.mean = mean;
  aggregate.deviation = 1;
  aggregate.first = mean - 1;
  aggregate.last = mean + 1;
  aggregate.first_time = at(start) + Duration{1};
  aggregate.last_time = at(start) + Duration{59'999'999};
  aggregate.m2 = 2;
  for (const double value : {mean - 1, mean, mean + 1})
    aggregate.sketch.add(value);
  return aggregate;
}

inline SeriesSummary summary(const std::string& series, Point last) {
  return {*record::parse_series(series), "degC", std::move(last)};
}

inline void keeps_points(const Make& make) {
  VirtualClock clock{at("2026-11-21T12:00:00Z")};
  const auto store = make(clock, {}, month_bytes);
  const std::vector<Point> first{point("2026-11-21T10:00:00Z", 21.5),
                                 point("2026-11-21T10:00:30.000001Z", true),
                                 Point{at("2026-11-21T10:00:59.999999Z"),
                                       std::string{"a\0b", 3},
                                       record::Quality::bad,
                                       {7, 1ull << 40, 3, 2}}};
  const std::vector<Point> second{point("2026-11-21T11:30:00Z", -0.0)};
  Reader& reader = store->reader();
  REQUIRE(store->commit(
      {{{boiler, at("2026-11-21T10:00:00Z"), first}, {boiler, at("2026-11-21T11:30:00Z"), second}},
       {},
       {}}));
  SUBCASE("a minute is read as it was written") {
    CHECK(*reader.minute(boiler, at("2026-11-21T10:00:00Z")) == first);
    CHECK(reader.minute(boiler, at("2026-11-21T10:01:00Z"))->empty());
    CHECK(reader.minute("acme/boiler-1/temp", at("2026-11-21T10:00:00Z"))->empty());
    CHECK(reader.minute(boiler, at("2020-01-01T00:00:00Z"))->empty());
  }
  SUBCASE("a range holds its beginning and not its end, over minutes that are empty") {
    const auto range = [&](const char* from, const char* to, std::size_t points_max) {
      return *reader.points(boiler, at(from), at(to), points_max);
    };
    CHECK(range("1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", 9).size() == 4);
    CHECK(range("1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", 2).size() == 2);
    CHECK(range("1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", 0).empty());
    CHECK(range("2026-11-21T10:00:30.000001Z", "2026-11-21T11:30:00Z", 9).size() == 2);
    CHECK(range("2026-11-21T10:00:30.000002Z", "2026-11-21T11:30:00.000001Z", 9).size() == 2);
    CHECK(range("2026-11-21T11:30:00Z", "2026-11-21T10:00:00Z", 9).empty());
  }
  SUBCASE("writing a minute again replaces it whole, and without points removes it") {
    REQUIRE(store->commit({{{boiler, at("2026-11-21T10:00:00Z"), {first[1]}},
                            {boiler, at("2026-11-21T11:30:00Z"), {}}},
                           {},
                           {}}));
    CHECK(*reader.points(boiler, time_min, time_max, 9) == std::vector{first[1]});
  }
}

inline void keeps_aggregates(const Make& make) {
  VirtualClock clock{at("2026-11-21T12:00:00Z")};
  const auto store = make(clock, {}, month_bytes);
  Reader& reader = store->reader();
  const Aggregate october = aggregate("2026-10-31T23:59:00Z", 1);
  const Aggregate november = aggregate("2026-11-01T00:00:00Z", 2);
  const Aggregate hour = aggregate("2026-10-31T23:00:00Z", 3);
  const Aggregate quarter = aggregate("2026-10-31T23:45:00Z", -4);
  const auto minutes = [&](const char* from, const char* to, std::size_t windows_max = 9) {
    return *reader.aggregates(boiler, Resolution::minute, at(from), at(to), windows_max);
  };
  REQUIRE(store->commit({{},
                         {{boiler, Resolution::minute, october},
                          {boiler, Resolution::minute, november},
                          {boiler, Resolution::quarter, quarter},
                          {boiler, Resolution::hour, hour}},
                         {}}));
  SUBCASE("windows of every resolution are read over the border of a month") {
    CHECK(minutes("2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z") ==
          std::vector{october, november});
    CHECK(minutes("2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z", 1) == std::vector{october});
    CHECK(*reader.aggregates(boiler, Resolution::hour, time_min, time_max, 9) == std::vector{hour});
    CHECK(*reader.aggregates(boiler, Resolution::quarter, time_min, time_max, 9) ==
          std::vector{quarter});
  }
  SUBCASE("a window is in a range when its start is") {
    CHECK(minutes("2026-10-31T23:59:00.000001Z", "2026-11-01T00:00:00Z").empty());
    CHECK(minutes("2026-10-31T23:59:00Z", "2026-11-01T00:00:00Z") == std::vector{october});
    CHECK(minutes("2026-10-31T23:58:00.000001Z", "2026-11-01T00:00:00.000001Z").size() == 2);
  }
  SUBCASE("count 0 removes a window, and removing what is not there is no fault") {
    Aggregate none = october;
    none.count = 0;
    REQUIRE(store->commit({{}, {{boiler, Resolution::minute, none}}, {}}));
    REQUIRE(store->commit({{}, {{boiler, Resolution::minute, none}}, {}}));
    CHECK(minutes("2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z") == std::vector{november});
  }
}

inline void keeps_summaries(const Make& make) {
  VirtualClock clock{at("2026-11-21T12:00:00Z")};
  const auto store = make(clock, {}, month_bytes);
  Reader& reader = store->reader();
  const auto last_of = [&](const std::string& series) {
    return to_microseconds((*reader.summary(series))->last.time);
  };
  const Point october = point("2026-10-05T00:00:00Z", 1.0, 5);
  const Point november = point("2026-11-05T00:00:00Z", 2.0, 4);
  SUBCASE("the latest point counts, whatever comes first") {
    REQUIRE(store->commit({{}, {}, {summary(boiler, november)}}));
    REQUIRE(store->commit({{}, {}, {summary(boiler, october)}}));
    CHECK(**reader.summary(boiler) == summary(boiler, november));
    const Point earlier = point("2026-11-04T23:59:59Z", 3.0, 9);
    REQUIRE(store->commit({{}, {}, {summary(boiler, earlier)}}));
    CHECK(last_of(boiler) == to_microseconds(november.time));
  }
  SUBCASE("of one time the larger origin counts") {
    const Point larger = point("2026-11-05T00:00:00Z", 7.0, 5);
    REQUIRE(store->commit({{}, {}, {summary(boiler, larger), summary(boiler, november)}}));
    REQUIRE(store->commit({{}, {}, {summary(boiler, november)}}));
    CHECK(**reader.summary(boiler) == summary(boiler, larger));
  }
  SUBCASE("a company's series come in byte order, each once, and no other company's") {
    Change change;
    for (const char* series : {"acme/b/x", "acme/a/x/y", "acme/a/x", "acme-2/a/x", "acm/a/x"}) {
      change.summaries.push_back(summary(series, november));
    }
    change.summaries.push_back(summary("acme/a/x", october));
    change.summaries.push_back(summary("acme/c/x", october));
    REQUIRE(store->commit(change));
    const auto list = [&](std::string_view company, std::string_view after, std::size_t max) {
      std::string text;
      const auto answer = reader.series(company, after, max);
      for (const SeriesSummary& found : *answer) {
        text += record::to_text(found.series) + " ";
        if (found.series.metric == "x" && found.series.device == "a") {
          CHECK(found.last == november);
        }
      }
      return text;
    };
    CHECK(list("acme", "", 9) == "acme/a/x acme/a/x/y acme/b/x acme/c/x ");
    CHECK(list("acme", "acme/a/x", 2) == "acme/a/x/y acme/b/x ");
    CHECK(list("acme", "acme/c/x", 2) == "");
    CHECK(list("acme", "acma", 1) == "acme/a/x ");
    CHECK(list("acme", "zzz", 9) == "");
    CHECK(list("acme/a", "", 9) == "");
    CHECK(list("nobody", "", 9) == "");
  }
  SUBCASE("what was never heard of has no summary") {
    CHECK_FALSE(*reader.summary(boiler));
  }
}

inline void limits_time(const Make& make) {
  VirtualClock clock{at("2026-11-21T12:00:00Z")};
  Limits limits;
  limits.time_to_live = std::chrono::hours{24 * 30};
  limits.ahead_max = std::chrono::hours{24};
  const auto store = make(clock, limits, month_bytes);
  Reader& reader = store->reader();
  const auto all_points = [&] { return reader.points(boiler, time_min, time_max, 99)->size(); };
  const auto commit_minute = [&](const char* start) {
    const Aggregate one = aggregate(start, 1);
    REQUIRE(store->commit({{{boiler, at(start), {point(start, 1.0)}}},
                           {{boiler, Resolution::minute, one}},
                           {summary(boiler, point(start, 1.0))}}));
  };
  SUBCASE("what is older than the time to live, or too far ahead, is ignored") {
    commit_minute("2026-10-22T11:59:00Z");
    commit_minute("2026-11-22T12:01:00Z");
    commit_minute("2099-12-31T23:59:00Z");
    commit_minute("1970-01-01T00:00:00Z");
    CHECK(all_points() == 0);
    CHECK_FALSE(*reader.summary(boiler));
    CHECK(reader.aggregates(boiler, Resolution::minute, time_min, time_max, 9)->empty());
    commit_minute("2026-10-22T12:00:00Z");
    commit_minute("2026-11-22T12:00:00Z");
    CHECK(all_points() == 2);
  }
  SUBCASE("a month goes when all of it is older than the time to live") {
    commit_minute("2026-10-31T23:59:00Z");
    commit_minute("2026-11-01T00:00:00Z");
    CHECK(*store->expire(at("2026-11-30T23:59:59Z")) == 0);
    CHECK(all_points() == 2);
    CHECK(*store->expire(at("2026-12-01T00:00:00Z")) == 1);
    CHECK(all_points() == 1);
    CHECK(*store->expire(at("2026-12-01T00:00:00Z")) == 0);
    CHECK(*store->expire(at("2027-12-01T00:00:00Z")) == 1);
    CHECK(all_points() == 0);
    CHECK_FALSE(*reader.summary(boiler));
    commit_minute("2026-11-01T00:00:00Z");
    CHECK(all_points() == 1);
  }
}

inline void refuses(const Make& make) {
  VirtualClock clock{at("2026-11-21T12:00:00Z")};
  const Time start = at("2026-11-21T10:00:00Z");
  const Point one = point("2026-11-21T10:00:01Z", 1.0);
  const Point two = point("2026-11-21T10:00:02Z", 2.0);
  SUBCASE("a change that is none is refused, and nothing of it is kept") {
    const auto store = make(clock, {}, month_bytes);
    const auto refused = [&](MinutePoints wrong) {
      const auto committed = store->commit({{{boiler, start, {one}}, std::move(wrong)}, {}, {}});
      return !committed && committed.error().outcome == Outcome::invalid;
    };
    CHECK(refused({boiler, start, {two, one}}));
    CHECK(refused({boiler, start, {one, one}}));
    CHECK(refused({boiler, start + Duration{1}, {one}}));
    CHECK(refused({boiler, start - std::chrono::minutes{1}, {one}}));
    CHECK(refused({"", start, {one}}));
    CHECK(refused({std::string(record::series_bytes_max + 1, 'a'), start, {one}}));
    CHECK(store->reader().points(boiler, time_min, time_max, 9)->empty());
    CHECK(store->commit({{{std::string(record::series_bytes_max, 'a'), start, {one}}}, {}, {}}));
  }
  SUBCASE("at the size limit it answers exhausted, keeps what it had and goes on reading") {
    const auto store = make(clock, {}, 1 << 20);
    const Point large = {
        at("2026-11-21T10:00:02Z"), std::string(4096, 'x'), record::Quality::good, {}};
    std::size_t minutes = 0;
    Result<void> committed;
    for (; committed && minutes < 1000; ++minutes) {
      const Time next = start + std::chrono::minutes{minutes};
      Point moved = large;
      moved.time = next;
      committed = store->commit({{{boiler, next, {moved}}}, {}, {}});
    }
    REQUIRE_FALSE(committed);
    CHECK(committed.error().outcome == Outcome::exhausted);
    CHECK(minutes > 50);
    CHECK(store->reader().points(boiler, time_min, time_max, 2000)->size() == minutes - 1);
    CHECK(store->commit({{{boiler, start, {}}}, {}, {}}));
  }
}

inline void check(const Make& make) {
  keeps_points(make);
  keeps_aggregates(make);
  keeps_summaries(make);
  limits_time(make);
  refuses(make);
}

}  // namespace cauce::recent::contract

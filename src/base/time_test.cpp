#include "base/time.h"

#include <doctest/doctest.h>

namespace cauce {

TEST_CASE("a time survives being written and read") {
  for (const std::int64_t value : {0LL, 1LL, 999'999LL, 1'795'304'920'250'000LL}) {
    const auto parsed = parse_time(format_time(from_microseconds(value)));
    REQUIRE(parsed);
    CHECK(to_microseconds(*parsed) == value);
  }
  CHECK(format_time(from_microseconds(1'795'304'920'000'000)) == "2026-11-21T23:48:40Z");
}

TEST_CASE("an offset moves a time to UTC") {
  CHECK(format_time(*parse_time("2026-03-01T00:30:00+01:00")) == "2026-02-28T23:30:00Z");
  CHECK(format_time(*parse_time("2026-03-01 00:30:00.5-02:30")) == "2026-03-01T03:00:00.500000Z");
}

TEST_CASE("what is not a time is refused") {
  for (const char* text : {"", "2026", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
                           "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00.Z",
                           "1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("durations need a unit") {
  CHECK(*parse_duration("250ms") == Duration{250'000});
  CHECK(*parse_duration("24h") == std::chrono::hours{24});
  for (const char* text : {"", "5", "s", "-1s", "-0s", "+1s", "1 s", "99999999999999d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

}  // namespace cauce

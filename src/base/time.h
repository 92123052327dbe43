// Points in time and spans of time. Time is microseconds since 1970-01-01T00:00:00 UTC; leap
// seconds do not exist in it. Text is RFC 3339 in UTC with microseconds only where they are not
// zero: 2026-11-21T23:48:40Z, 2026-11-21T23:48:40.250000Z.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cauce {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

constexpr std::int64_t to_microseconds(Time time) {
  return time.time_since_epoch().count();
}
constexpr Time from_microseconds(std::int64_t value) {
  return Time{Duration{value}};
}

// The years that text and calendars here can name; a parsed time outside them is invalid.
constexpr Time time_min = from_microseconds(0);                          // 1970-01-01
constexpr Time time_max = from_microseconds(4'102'444'800LL * 1000000);  // 2100-01-01

std::string format_time(Time time);

// Reads RFC 3339 with any offset, a space or 'T' between date and time, and at most nine
// fractional digits (cut to microseconds).
Result<Time> parse_time(std::string_view text);

// The calendar day in UTC that holds `time`: "2026-11-21".
std::string day_of(Time time);

// Reads "250ms", "30s", "5m", "24h" or "7d"; a number without a unit is invalid.
Result<Duration> parse_duration(std::string_view text);

}  // namespace cauce

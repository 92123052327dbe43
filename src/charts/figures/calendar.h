// Days and moments of the calendar as charts need them: read from the value of a condition, and
// gathered into periods. Proleptic Gregorian, without zones; microseconds since 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "charts/request.h"

namespace cauce::charts::figures {

// 2026-11-21, 2026-11-21T23:48, 2026-11-21 23:48:40.25, with Z or +01:00 at the end or without;
// also with slashes, and 2026-11 or 2026 for the first moment of a month or year.
std::optional<double> parse_moment(std::string_view text);

// The first microsecond of the period that holds a moment of the years 0 to 9999, else nothing.
std::optional<double> period_start(double microseconds, Period period);

// What a period is called that begins there: "2026-11-21", "2026-W47", "2026-11", "2026".
std::string period_name(double start, Period period);

}  // namespace cauce::charts::figures

// The days of a series in the time zone of its site. They are not stored: a day is computed from
// its quarters of an hour when it is asked for, so it is a function of the facts and of the zone
// alone, and a site that gets another zone has its days in that one at once
// (docs/decisions/003-days-of-a-site.md).
#pragma once

#include <string_view>
#include <vector>

#include "base/time_zone.h"
#include "recent/recent.h"

namespace cauce::recent {

struct Day {
  LocalDay day;
  Aggregate aggregate;  // its start is the day's; count > 0

  bool operator==(const Day&) const = default;
};

// Days with from <= start < to that hold a number, by start, the first `days_max`. A quarter
// belongs to the day in which it starts: in the zones of today a day is whole quarters. Reads the
// quarters of days_max days and of the empty ones between them.
Result<std::vector<Day>> read_days(Reader& reader, std::string_view series, const TimeZone& zone,
                                   Time from, Time to, std::size_t days_max);

}  // namespace cauce::recent

// Dates and moments as they are written in files, read as microseconds since 1970 UTC. A day is its
// midnight in UTC and a moment without a zone is taken as UTC, so both come out as they were
// written: no day is ever shifted by the zone of a machine.
//
//   year_first:   2024-02-29   2024/02/29   2024-02-29T12:30   2024-02-29 12:30:15.25+02:00   …Z
//   day_first:    29/02/2024   29.2.2024    29-02-2024 12:30
//   month_first:  02/29/2024   …
//
// Years 1 to 9999; at most nine digits of a second's fraction, cut to microseconds; no leap
// seconds.
#pragma once

#include <cstdint>
#include <string_view>

namespace cauce::datasets::csv {

enum class DateOrder { year_first, day_first, month_first };

enum class TimeText { date, datetime, other };

// `text` has no white space around it. `microseconds` is written unless the answer is `other`.
TimeText read_time(std::string_view text, DateOrder order, std::int64_t& microseconds);

}  // namespace cauce::datasets::csv

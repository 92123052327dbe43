// Statistics of a window, as a pure function of what is stored: whatever the order, lateness or
// repetition in which facts arrived, the same facts give the same bits, because every window is
// always computed anew, in the order of time.
#pragma once

#include <vector>

#include "recent/recent.h"

namespace cauce::recent {

// Over all numbers of one minute, of whatever quality: what a device calls bad is still what it
// measured, and a chart that hides it would lie. Texts and booleans are not counted. `points` are
// all of the minute that starts at `start`, by time. Count 0 when there is no number.
Aggregate aggregate_minute(Time start, const std::vector<Point>& points);

// Of the window that starts at `start`, from the aggregates of its parts, by start: a quarter from
// its minutes, an hour or a day from its quarters. Those with count 0 change nothing. To merge the
// first few parts into one beforehand changes no bit.
Aggregate aggregate_parts(Time start, const std::vector<Aggregate>& parts);

}  // namespace cauce::recent

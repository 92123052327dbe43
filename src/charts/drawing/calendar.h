// Ticks of the calendar: years, months, days, hours where people expect them, in UTC. Times are
// microseconds since 1970, as doubles.
#pragma once

#include <string>
#include <vector>

#include "charts/request.h"

namespace cauce::charts::drawing {

// About `count` of them within [low, high]: multiples of 1, 5, 15, 30 seconds and minutes, 1, 3, 6,
// 12 hours, 1, 2 days, weeks from Sunday, 1, 3 months, and of years and milliseconds by the 1-2-5
// rule (d3-time's choice).
std::vector<double> time_ticks(double low, double high, int count);

// The coarsest unit that begins at this time: "2026", "Feb", "Feb 25", "06:00", "10:05:30".
std::string time_label(double time, Locale locale);

// A time as a reader writes it: "Feb 25, 2026 06:00", without the hour at midnight.
std::string time_text(double time, Locale locale);

// What labels of these ticks leave open: the year when none of them shows it, the day when none
// shows that; else empty.
std::string time_context(const std::vector<double>& ticks, Locale locale);

// A span of time in its largest whole unit: "2.4 days".
std::string span_text(double microseconds, Locale locale);

}  // namespace cauce::charts::drawing

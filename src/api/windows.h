// Windows of one series, as REST shows them and charts draw them: minutes, quarters and hours as
// they are stored, and the days of the device's site as they are computed from those.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "api/query.h"
#include "base/time_zone.h"
#include "recent/recent.h"

namespace cauce::api {

// What `resolution` may be.
struct WindowSize {
  std::string_view name;                     // "1m", "15m", "1h", "1d"; also "minute" and "hour"
  std::optional<recent::Resolution> stored;  // without one, the day
  Duration chart_span;                       // that a chart shows unless its call says more
};

// invalid: no such size.
Result<WindowSize> parse_window_size(std::string_view name);

struct WindowsAsked {
  record::Series series;
  WindowSize size;
  TimeZone zone;  // of days; else UTC
  Range range;    // windows that start in it
};

// Of days: the zone of the device's site (UTC without one), and the range without days of which
// some hours may have passed their time to live.
WindowsAsked windows_of(const Call& call, const record::Series& series, const WindowSize& size,
                        Range range);

struct Window {
  recent::Aggregate aggregate;
  Time end;
  std::optional<Date> date;  // of a day
};

// The first `windows_max`, by start.
Result<std::vector<Window>> read_windows(recent::Reader& recent, const WindowsAsked& asked,
                                         std::size_t windows_max);

}  // namespace cauce::api

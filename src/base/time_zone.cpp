#include "base/time_zone.h"

#include <date/tz.h>
#include <fmt/core.h>

#include <algorithm>
#include <exception>

namespace cauce {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;

constexpr std::size_t name_bytes_max = 64;

// Before the library looks for it among files: letters, digits and _ + - between single slashes.
bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > name_bytes_max) return false;
  bool begins = true;
  for (const char letter : name) {
    const bool word = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
    const bool inside = (letter >= '0' && letter <= '9') || letter == '_' || letter == '+' ||
                        letter == '-' || letter == '/';
    if (!word && (begins || !inside)) return false;
    begins = letter == '/';
  }
  return !begins;
}

}  // namespace

struct TimeZone::Rules {
  const date::time_zone* zone;
};

std::string format_date(Date date) {
  return day_of(Time{date.time_since_epoch()});
}

Result<Date> parse_date(std::string_view text) {
  const auto midnight = parse_time(std::string{text.substr(0, name_bytes_max)} + "T00:00:00Z");
  if (midnight) return Date{floor<days>(midnight->time_since_epoch())};
  return Error{Outcome::invalid, fmt::format("\"{}\" is not a day; write 2026-11-21",
                                             text.substr(0, name_bytes_max))};
}

Result<TimeZone> TimeZone::find(std::string_view name) {
  TimeZone found;
  if (name == found.name_) return found;
  const Error unknown{Outcome::not_found,
                      fmt::format("\"{}\" is not a time zone that this machine knows; write a name "
                                  "such as Europe/Madrid or UTC, or install tzdata",
                                  name.substr(0, name_bytes_max))};
  // Those with leap seconds in them are no zones of this calendar.
  if (!is_zone_name(name) || name.starts_with("right/") || name.starts_with("posix/")) {
    return unknown;
  }
  try {
    found.rules_ = std::make_shared<Rules>(Rules{date::locate_zone(std::string{name})});
    found.name_ = name;
    static_cast<void>(found.day_at(time_min));  // reads the zone's file
  } catch (const std::exception&) {
    return unknown;
  }
  return found;
}

Time TimeZone::start_of(Date date) const {
  const auto midnight = seconds{date.time_since_epoch()};
  if (rules_ == nullptr) return Time{midnight};
  const date::local_info there = rules_->zone->get_info(date::local_seconds{midnight});
  if (there.result == date::local_info::nonexistent) {
    return Time{there.first.end.time_since_epoch()};
  }
  return Time{midnight - there.first.offset};
}

LocalDay TimeZone::day(Date date) const {
  return {date, start_of(date), start_of(date + days{1})};
}

LocalDay TimeZone::day_at(Time time) const {
  seconds offset{0};
  if (rules_ != nullptr) {
    const auto second = floor<seconds>(time).time_since_epoch();
    offset = rules_->zone->get_info(date::sys_seconds{second}).offset;
  }
  LocalDay found = day(Date{floor<days>(time.time_since_epoch() + offset)});
  // Clocks that were set back over midnight show the day before once more.
  while (found.end <= time)
    found = day(found.date + days{1});
  while (found.start > time)
    found = day(found.date - days{1});
  return found;
}

}  // namespace cauce

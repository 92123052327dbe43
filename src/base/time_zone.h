// Calendar days of a place, by the time zones of the machine's tzdata (IANA names, in
// /usr/share/zoneinfo). A day has 23, 24 or 25 hours where clocks change. tzdata writes changes out
// until 2037; after that a zone keeps its last offset here.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace cauce {

// A day of the calendar, of no particular place.
using Date = std::chrono::local_days;

std::string format_date(Date date);  // "2026-10-25"
// `invalid` unless it is written like this and lies between the years 1970 and 2099.
Result<Date> parse_date(std::string_view text);

// One day of one place: the moments of [start, end).
struct LocalDay {
  Date date;
  Time start;
  Time end;

  bool operator==(const LocalDay&) const = default;
};

// A value; any thread. Days follow each other without a gap: a day begins when its midnight first
// comes or, where clocks jump over midnight, at the jump. A day that a place left out (Samoa,
// 2011-12-30) is empty.
class TimeZone {
 public:
  TimeZone() = default;  // UTC
  // `not_found` for a name that the machine's tzdata does not have.
  static Result<TimeZone> find(std::string_view name);

  const std::string& name() const { return name_; }
  LocalDay day(Date date) const;
  // The day that holds `time`.
  LocalDay day_at(Time time) const;

 private:
  struct Rules;

  Time start_of(Date date) const;

  std::string name_ = "UTC";
  std::shared_ptr<const Rules> rules_;  // nullptr: UTC
};

}  // namespace cauce

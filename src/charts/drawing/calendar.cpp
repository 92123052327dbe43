#include "charts/drawing/calendar.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "charts/drawing/number_text.h"
#include "charts/drawing/scale.h"

namespace cauce::charts::drawing {

namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr double second = 1e6;
constexpr double minute = 60 * second;
constexpr double hour = 60 * minute;
constexpr double day = 24 * hour;
constexpr double week = 7 * day;
constexpr double month = 30 * day;    // to choose by
constexpr double year = 365 * day;    // to choose by
constexpr double time_max = 8.64e18;  // beyond, the calendar has no names
constexpr std::size_t ticks_max = 1000;

struct Interval {
  double unit;
  int every;

  double length() const { return unit * every; }
};

constexpr std::array<Interval, 18> intervals{{{second, 1},
                                              {second, 5},
                                              {second, 15},
                                              {second, 30},
                                              {minute, 1},
                                              {minute, 5},
                                              {minute, 15},
                                              {minute, 30},
                                              {hour, 1},
                                              {hour, 3},
                                              {hour, 6},
                                              {hour, 12},
                                              {day, 1},
                                              {day, 2},
                                              {week, 1},
                                              {month, 1},
                                              {month, 3},
                                              {year, 1}}};

sys_days day_of(double time) {
  return sys_days{days{std::int64_t(std::floor(time / day))}};
}

double time_of(sys_days date) {
  return double(date.time_since_epoch().count()) * day;
}

double time_of_month(std::int64_t months) {
  const auto years = std::int64_t(std::floor(double(months) / 12));
  const std::chrono::year_month_day date{std::chrono::year{int(years)},
                                         std::chrono::month{unsigned(months - years * 12 + 1)},
                                         std::chrono::day{1}};
  return time_of(sys_days{date});
}

std::int64_t month_of(double time) {
  const year_month_day date{day_of(time)};
  return std::int64_t{int(date.year())} * 12 + unsigned(date.month()) - 1;
}

std::vector<double> ticks_of_months(double low, double high, int every) {
  std::vector<double> ticks;
  const auto first = std::int64_t(std::floor(double(month_of(low)) / every)) * every;
  for (std::int64_t at = first; ticks.size() < ticks_max; at += every) {
    const double time = time_of_month(at);
    if (time > high) break;
    if (time >= low) ticks.push_back(time);
  }
  return ticks;
}

// Multiples of a length, counted from `origin`.
std::vector<double> ticks_of_length(double low, double high, double length, double origin) {
  std::vector<double> ticks;
  for (double at = std::ceil((low - origin) / length); ticks.size() < ticks_max; ++at) {
    const double time = origin + at * length;
    if (time > high) break;
    ticks.push_back(time + 0.0);
  }
  return ticks;
}

const char* name_of_month(unsigned number, Locale locale) {
  static constexpr const char* en[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  static constexpr const char* es[] = {"ene", "feb", "mar",  "abr", "may", "jun",
                                       "jul", "ago", "sept", "oct", "nov", "dic"};
  return (locale == Locale::es ? es : en)[number - 1];
}

std::string day_text(const year_month_day& date, Locale locale) {
  const char* name = name_of_month(unsigned(date.month()), locale);
  return locale == Locale::es ? fmt::format("{} {}", unsigned(date.day()), name)
                              : fmt::format("{} {}", name, unsigned(date.day()));
}

bool is_whole(double time, double unit) {
  return std::floor(time / unit) * unit == time;
}

std::string clock_text(double time) {
  const auto since = std::int64_t(time - std::floor(time / day) * day);
  const auto seconds = since / 1'000'000;
  std::string text = fmt::format("{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
  if (!is_whole(time, minute)) text += fmt::format(":{:02}", seconds % 60);
  if (!is_whole(time, second)) text += fmt::format(".{:03}", since % 1'000'000 / 1000);
  return text;
}

bool is_nameable(double time) {
  return std::abs(time) < time_max / 10;
}

}  // namespace

std::vector<double> time_ticks(double low, double high, int count) {
  if (!(low <= high) || !is_nameable(low) || !is_nameable(high) || count <= 0) return {};
  if (low == high) return {low};
  const double target = (high - low) / count;
  const auto after = std::upper_bound(
      intervals.begin(), intervals.end(), target,
      [](double length, const Interval& interval) { return length < interval.length(); });
  if (after == intervals.end()) {
    const double step = std::max(1.0, tick_step(low / year, high / year, count));
    return ticks_of_months(low, high, int(std::min(step, 2000.0)) * 12);
  }
  if (after == intervals.begin()) {
    return ticks_of_length(low, high, std::max(1.0, tick_step(low / 1e3, high / 1e3, count)) * 1e3,
                           0);
  }
  const auto before = std::prev(after);
  const bool finer = target / before->length() < after->length() / target;
  const Interval interval = finer ? *before : *after;
  if (interval.unit == month) return ticks_of_months(low, high, interval.every);
  if (interval.unit == year) return ticks_of_months(low, high, 12);
  // 1970 began on a Thursday, weeks begin on Sunday.
  return ticks_of_length(low, high, interval.length(), interval.unit == week ? 3 * day : 0);
}

std::string time_label(double time, Locale locale) {
  if (!is_nameable(time)) return number_text(time, 6, locale);
  if (!is_whole(time, day)) return clock_text(time);
  const year_month_day date{day_of(time)};
  if (unsigned(date.day()) != 1) return day_text(date, locale);
  if (unsigned(date.month()) != 1) return name_of_month(unsigned(date.month()), locale);
  return std::to_string(int(date.year()));
}

std::string time_text(double time, Locale locale) {
  if (!is_nameable(time)) return number_text(time, 6, locale);
  const year_month_day date{day_of(time)};
  std::string text = day_text(date, locale) + (locale == Locale::es ? " " : ", ") +
                     std::to_string(int(date.year()));
  if (!is_whole(time, day)) text += " " + clock_text(time);
  return text;
}

std::string time_context(const std::vector<double>& ticks, Locale locale) {
  if (ticks.empty() || !is_nameable(ticks.front()) || !is_nameable(ticks.back())) return "";
  const auto is_day = [](double time) { return is_whole(time, day); };
  const auto is_year = [&](double time) {
    return is_day(time) && month_of(time) % 12 == 0 && time_of_month(month_of(time)) == time;
  };
  if (std::none_of(ticks.begin(), ticks.end(), is_day))
    return time_text(std::floor(ticks.front() / day) * day, locale);
  if (std::any_of(ticks.begin(), ticks.end(), is_year)) return "";
  const int first = int(year_month_day{day_of(ticks.front())}.year());
  const int last = int(year_month_day{day_of(ticks.back())}.year());
  return first == last ? std::to_string(first) : fmt::format("{}\u2013{}", first, last);
}

std::string span_text(double microseconds, Locale locale) {
  struct Unit {
    double length;
    const char* en;
    const char* es;
  };
  static constexpr std::array<Unit, 5> units{{{year, "years", "años"},
                                              {day, "days", "días"},
                                              {hour, "hours", "horas"},
                                              {minute, "minutes", "minutos"},
                                              {second, "seconds", "segundos"}}};
  for (const Unit& unit : units) {
    if (microseconds < unit.length && unit.length > second) continue;
    return number_text(microseconds / unit.length, 3, locale) + " " +
           (locale == Locale::es ? unit.es : unit.en);
  }
  return "";
}

}  // namespace cauce::charts::drawing

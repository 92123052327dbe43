#include "charts/figures/calendar.h"

#include <fmt/core.h>

#include <chrono>
#include <cmath>

namespace cauce::charts::figures {

namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr double day_us = 86'400e6;

// Takes `digits` decimal digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return {};
  int value = 0;
  for (std::size_t at = 0; at < digits; ++at) {
    if (text[at] < '0' || text[at] > '9') return {};
    value = value * 10 + (text[at] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<sys_days> take_day(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year) return {};
  std::optional<int> month = 1;
  std::optional<int> day = 1;
  if (take(text, "-/")) {
    month = take_number(text, 2);
    if (month && take(text, "-/")) day = take_number(text, 2);
  }
  if (!month || !day) return {};
  const year_month_day date{std::chrono::year{*year}, std::chrono::month{unsigned(*month)},
                            std::chrono::day{unsigned(*day)}};
  if (!date.ok()) return {};
  return sys_days{date};
}

// Seconds with a fraction, after "HH:MM:".
std::optional<double> take_seconds(std::string_view& text) {
  const auto whole = take_number(text, 2);
  if (!whole || *whole > 59) return {};
  double seconds = *whole;
  if (!take(text, ".,")) return seconds;
  for (double digit = 0.1; !text.empty() && text.front() >= '0' && text.front() <= '9';
       digit /= 10) {
    seconds += digit * (text.front() - '0');
    text.remove_prefix(1);
  }
  return seconds;
}

// Microseconds since midnight.
std::optional<double> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return {};
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return {};
  std::optional<double> seconds = 0;
  if (take(text, ":")) seconds = take_seconds(text);
  if (!seconds) return {};
  return std::round((*hour * 3600 + *minute * 60 + *seconds) * 1e6);
}

// Microseconds by which a zone is ahead of UTC; without one 0.
std::optional<double> take_zone(std::string_view& text) {
  if (text.empty() || take(text, "Zz")) return 0;
  const bool behind = text.front() == '-';
  if (!take(text, "+-")) return {};
  const auto hours = take_number(text, 2);
  take(text, ":");
  const auto minutes = take_number(text, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return {};
  return (behind ? -1 : 1) * (*hours * 3600 + *minutes * 60) * 1e6;
}

std::optional<sys_days> day_of(double microseconds) {
  const double day = std::floor(microseconds / day_us);
  // The years 0 to 9999.
  if (!(day >= -719'528 && day <= 2'932'896)) return {};
  return sys_days{days{int(day)}};
}

// ISO 8601: weeks begin on Monday.
sys_days monday_of(sys_days day) {
  const unsigned weekday = std::chrono::weekday{day}.iso_encoding();
  return day - days{weekday - 1};
}

}  // namespace

std::optional<double> parse_moment(std::string_view text) {
  const auto day = take_day(text);
  if (!day) return {};
  const double midnight = double(day->time_since_epoch().count()) * day_us;
  if (text.empty()) return midnight;
  if (!take(text, "Tt ")) return {};
  const auto clock = take_clock(text);
  if (!clock) return {};
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return {};
  return midnight + *clock - *zone;
}

std::optional<double> period_start(double microseconds, Period period) {
  if (period == Period::none) return microseconds;
  const auto day = day_of(microseconds);
  if (!day) return {};
  const year_month_day date{*day};
  sys_days first = *day;
  if (period == Period::week) first = monday_of(*day);
  if (period == Period::month) first = date.year() / date.month() / 1;
  if (period == Period::year) first = date.year() / std::chrono::January / 1;
  return double(first.time_since_epoch().count()) * day_us;
}

std::string period_name(double start, Period period) {
  const auto day = day_of(start);
  if (!day) return "";
  const year_month_day date{*day};
  const int year = int(date.year());
  if (period == Period::year) return fmt::format("{:04}", year);
  if (period == Period::month) return fmt::format("{:04}-{:02}", year, unsigned(date.month()));
  if (period == Period::week) {
    // A week belongs to the year of its Thursday.
    const sys_days thursday = monday_of(*day) + days{3};
    const std::chrono::year of = year_month_day{thursday}.year();
    const auto since = thursday - sys_days{of / std::chrono::January / 1};
    return fmt::format("{:04}-W{:02}", int(of), since.count() / 7 + 1);
  }
  return fmt::format("{:04}-{:02}-{:02}", year, unsigned(date.month()), unsigned(date.day()));
}

}  // namespace cauce::charts::figures

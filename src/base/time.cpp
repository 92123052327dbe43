#include "base/time.h"

#include <fmt/core.h>

#include <charconv>
#include <limits>
#include <optional>

namespace cauce {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;
using std::chrono::year_month_day;

Error not_a_time(std::string_view text) {
  return {Outcome::invalid,
          fmt::format("\"{}\" is not a time; write 2026-11-21T23:48:40Z", text.substr(0, 64))};
}

// Takes exactly `digits` decimal digits from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t index = 0; index < digits; ++index) {
    const char character = text[index];
    if (character < '0' || character > '9') return std::nullopt;
    value = value * 10 + (character - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take_any_of(std::string_view& text, std::string_view characters) {
  if (text.empty() || characters.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take_any_of(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take_any_of(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const year_month_day date{std::chrono::year{*year}, std::chrono::month{unsigned(*month)},
                            std::chrono::day{unsigned(*day)}};
  if (!date.ok()) return std::nullopt;
  return sys_days{date};
}

std::optional<Duration> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take_any_of(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take_any_of(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *second > 59) return std::nullopt;
  std::int64_t microseconds = 0;
  if (take_any_of(text, ".")) {
    std::size_t digits = 0;
    for (; digits < 9 && !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits) {
      if (digits < 6) microseconds = microseconds * 10 + (text.front() - '0');
      text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits)
      microseconds *= 10;
  }
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second} +
         Duration{microseconds};
}

std::optional<Duration> take_offset(std::string_view& text) {
  if (take_any_of(text, "Zz")) return Duration{0};
  const bool west = !text.empty() && text.front() == '-';
  if (!take_any_of(text, "+-")) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take_any_of(text, ":")) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const Duration offset = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
  return west ? -offset : offset;
}

}  // namespace

std::string format_time(Time time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const std::int64_t in_day = (time - day).count();
  const std::int64_t seconds = in_day / 1000000;
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (in_day % 1000000 != 0) text += fmt::format(".{:06}", in_day % 1000000);
  return text + "Z";
}

Result<Time> parse_time(std::string_view text) {
  std::string_view rest = text;
  const auto date = take_date(rest);
  if (!date || !take_any_of(rest, "Tt ")) return not_a_time(text);
  const auto clock = take_clock(rest);
  if (!clock) return not_a_time(text);
  const auto offset = take_offset(rest);
  if (!offset || !rest.empty()) return not_a_time(text);
  const Time time = Time{*date} + *clock - *offset;
  if (time < time_min || time >= time_max) return not_a_time(text);
  return time;
}

std::string day_of(Time time) {
  const year_month_day date{floor<days>(time)};
  return fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()));
}

Result<Duration> parse_duration(std::string_view text) {
  const Error not_a_duration{
      Outcome::invalid,
      fmt::format("\"{}\" is not a duration; write 250ms, 30s, 5m, 24h or 7d", text.substr(0, 64))};
  // Without a sign: from_chars would read -0 as a number that is not negative.
  if (text.empty() || text[0] < '0' || text[0] > '9') return not_a_duration;
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc{}) return not_a_duration;
  const std::string_view unit = text.substr(std::size_t(end - text.data()));
  std::int64_t scale = 0;
  if (unit == "ms") scale = 1000;
  if (unit == "s") scale = 1000000;
  if (unit == "m") scale = 60 * 1000000LL;
  if (unit == "h") scale = 3600 * 1000000LL;
  if (unit == "d") scale = 86400 * 1000000LL;
  if (scale == 0) return not_a_duration;
  if (count > std::numeric_limits<std::int64_t>::max() / scale) return not_a_duration;
  return Duration{count * scale};
}

}  // namespace cauce

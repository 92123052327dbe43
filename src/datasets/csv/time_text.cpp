#include "datasets/csv/time_text.h"

#include <chrono>
#include <cstddef>

namespace cauce::datasets::csv {

namespace {

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

// Takes what it reads off the front of the text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  bool digits(std::size_t least, std::size_t most, int& value) {
    std::size_t count = 0;
    value = 0;
    while (count < most && count < rest_.size() && is_digit(rest_[count])) {
      value = value * 10 + (rest_[count++] - '0');
    }
    if (count < least) return false;
    rest_.remove_prefix(count);
    return true;
  }

  // One of `letters`; answers it, or 0.
  char one_of(std::string_view letters) {
    if (rest_.empty() || letters.find(rest_[0]) == std::string_view::npos) return 0;
    const char letter = rest_[0];
    rest_.remove_prefix(1);
    return letter;
  }

 private:
  std::string_view rest_;
};

bool read_day(Cursor& cursor, DateOrder order, std::int64_t& days) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (order == DateOrder::year_first) {
    if (!cursor.digits(4, 4, year)) return false;
    const char separator = cursor.one_of("-/");
    if (separator == 0 || !cursor.digits(1, 2, month)) return false;
    if (cursor.one_of({&separator, 1}) == 0 || !cursor.digits(1, 2, day)) return false;
  } else {
    int& first = order == DateOrder::day_first ? day : month;
    int& second = order == DateOrder::day_first ? month : day;
    if (!cursor.digits(1, 2, first)) return false;
    const char separator = cursor.one_of("/.-");
    if (separator == 0 || !cursor.digits(1, 2, second)) return false;
    if (cursor.one_of({&separator, 1}) == 0 || !cursor.digits(4, 4, year)) return false;
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month(unsigned(month)),
                                         std::chrono::day(unsigned(day))};
  if (year < 1 || !date.ok()) return false;
  days = std::chrono::sys_days{date}.time_since_epoch().count();
  return true;
}

bool read_fraction(Cursor& cursor, std::int64_t& microseconds) {
  int digit = 0;
  std::int64_t unit = 100'000;
  int count = 0;
  while (cursor.digits(1, 1, digit)) {
    if (++count > 9) return false;
    microseconds += digit * unit;
    unit /= 10;
  }
  return count > 0;
}

// Hour, minute, second and fraction.
bool read_clock(Cursor& cursor, std::int64_t& microseconds) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int64_t fraction = 0;
  if (!cursor.digits(1, 2, hour) || cursor.one_of(":") == 0) return false;
  if (!cursor.digits(2, 2, minute)) return false;
  if (cursor.one_of(":") != 0) {
    if (!cursor.digits(2, 2, second)) return false;
    if (cursor.one_of(".,") != 0 && !read_fraction(cursor, fraction)) return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  microseconds = ((hour * 60 + minute) * 60LL + second) * 1'000'000 + fraction;
  return true;
}

// Nothing, Z, or an offset from UTC, which is answered.
bool read_zone(Cursor& cursor, std::int64_t& offset_microseconds) {
  offset_microseconds = 0;
  if (cursor.done()) return true;
  cursor.one_of(" ");
  if (cursor.one_of("Zz") != 0) return cursor.done();
  const char sign = cursor.one_of("+-");
  int hours = 0;
  int minutes = 0;
  if (sign == 0 || !cursor.digits(2, 2, hours)) return false;
  cursor.one_of(":");
  if (!cursor.done() && !cursor.digits(2, 2, minutes)) return false;
  if (!cursor.done() || hours > 23 || minutes > 59) return false;
  offset_microseconds = (sign == '-' ? -60'000'000LL : 60'000'000LL) * (hours * 60 + minutes);
  return true;
}

}  // namespace

TimeText read_time(std::string_view text, DateOrder order, std::int64_t& microseconds) {
  Cursor cursor{text};
  std::int64_t days = 0;
  if (!read_day(cursor, order, days)) return TimeText::other;
  const std::int64_t midnight = days * 86'400'000'000;
  if (cursor.done()) {
    microseconds = midnight;
    return TimeText::date;
  }
  std::int64_t clock = 0;
  std::int64_t offset = 0;
  if (cursor.one_of("Tt ") == 0 || !read_clock(cursor, clock) || !read_zone(cursor, offset)) {
    return TimeText::other;
  }
  microseconds = midnight + clock - offset;
  return TimeText::datetime;
}

}  // namespace cauce::datasets::csv

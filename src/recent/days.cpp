#include "recent/days.h"

#include <algorithm>
#include <utility>

#include "recent/aggregate.h"

namespace cauce::recent {
namespace {

// Three weeks: the memory of one reading stays small however long the range is.
constexpr std::size_t quarters_max = 2016;

// Gives the quarters of [from, to) one by one.
class Quarters {
 public:
  Quarters(Reader& reader, std::string_view series, Time from, Time to)
      : reader_(reader), series_(series), from_(from), to_(to) {}

  // nullptr when there is none left. What it gives lives until the next call.
  Result<const Aggregate*> next() {
    if (place_ == read_.size()) {
      if (auto filled = fill(); !filled) return filled.error();
    }
    return place_ == read_.size() ? nullptr : &read_[place_++];
  }

 private:
  Result<void> fill() {
    place_ = 0;
    auto read = reader_.aggregates(series_, Resolution::quarter, from_, to_, quarters_max);
    if (!read) return read.error();
    read_ = std::move(*read);
    if (!read_.empty()) from_ = read_.back().start + Duration{1};
    return {};
  }

  Reader& reader_;
  const std::string_view series_;
  Time from_;
  const Time to_;
  std::vector<Aggregate> read_;
  std::size_t place_ = 0;
};

Day day_of(const LocalDay& day, const std::vector<Aggregate>& quarters) {
  return {day, aggregate_parts(day.start, quarters)};
}

}  // namespace

Result<std::vector<Day>> read_days(Reader& reader, std::string_view series, const TimeZone& zone,
                                   Time from, Time to, std::size_t days_max) {
  std::vector<Day> days;
  if (from >= to || days_max == 0) return days;
  const LocalDay first = zone.day_at(std::max(from, time_min));
  const LocalDay last = zone.day_at(std::min(to, time_max) - Duration{1});
  Quarters quarters{reader, series, first.start < from ? first.end : first.start, last.end};
  LocalDay day;
  std::vector<Aggregate> parts;
  for (;;) {
    const auto quarter = quarters.next();
    if (!quarter) return quarter.error();
    const bool ends = *quarter == nullptr || (*quarter)->start >= day.end;
    if (ends && !parts.empty()) {
      days.push_back(day_of(day, parts));
      parts.clear();
    }
    if (*quarter == nullptr || days.size() == days_max) return days;
    if (ends) day = zone.day_at((*quarter)->start);
    parts.push_back(**quarter);
  }
}

}  // namespace cauce::recent

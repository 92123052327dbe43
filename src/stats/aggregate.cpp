#include "stats/aggregate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cauce::stats {
namespace {

// Sums and products past the range of a double stay at its end: no stored number is infinite.
double within_range(double value) {
  constexpr double end = std::numeric_limits<double>::max();
  return std::clamp(value, -end, end);
}

double deviation_of(double m2, std::uint64_t count) {
  return count < 2 ? 0 : std::sqrt(m2 / double(count - 1));
}

}  // namespace

// Mean and m2 by Welford 1962: stable where the sum of squares is not.
recent::Aggregate aggregate_minute(Time start, const std::vector<recent::Point>& points) {
  recent::Aggregate aggregate;
  aggregate.start = start;
  for (const recent::Point& point : points) {
    const double* value = std::get_if<double>(&point.value);
    if (value == nullptr) continue;
    if (aggregate.count == 0) {
      aggregate.min = aggregate.max = aggregate.first = *value;
      aggregate.first_time = point.time;
    }
    ++aggregate.count;
    aggregate.min = std::min(aggregate.min, *value);
    aggregate.max = std::max(aggregate.max, *value);
    aggregate.last = *value;
    aggregate.last_time = point.time;
    const double before = within_range(*value - aggregate.mean);
    aggregate.mean += before / double(aggregate.count);
    const double after = within_range(*value - aggregate.mean);
    aggregate.m2 = within_range(aggregate.m2 + within_range(before * after));
  }
  aggregate.deviation = deviation_of(aggregate.m2, aggregate.count);
  return aggregate;
}

// Mean and m2 by Chan, Golub and LeVeque 1979, one minute after the other.
recent::Aggregate aggregate_hour(Time start, const std::vector<recent::Aggregate>& minutes) {
  recent::Aggregate hour;
  for (const recent::Aggregate& minute : minutes) {
    if (minute.count == 0) continue;
    if (hour.count == 0) {
      hour = minute;
      continue;
    }
    const double count = double(hour.count + minute.count);
    const double apart = within_range(minute.mean - hour.mean);
    const double weight = double(minute.count) / count;
    const double between = within_range(apart * apart) * (double(hour.count) * weight);
    hour.mean += apart * weight;
    hour.m2 = within_range(hour.m2 + within_range(minute.m2 + within_range(between)));
    hour.count += minute.count;
    hour.min = std::min(hour.min, minute.min);
    hour.max = std::max(hour.max, minute.max);
    hour.last = minute.last;
    hour.last_time = minute.last_time;
  }
  hour.start = start;
  hour.deviation = deviation_of(hour.m2, hour.count);
  return hour;
}

}  // namespace cauce::stats

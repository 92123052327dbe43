#include "recent/aggregate.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cauce::recent {
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
Aggregate aggregate_minute(Time start, const std::vector<Point>& points) {
  Aggregate aggregate;
  aggregate.start = start;
  for (const Point& point : points) {
    const double* value = std::get_if<double>(&point.value);
    if (value == nullptr) continue;
    if (aggregate.count == 0) {
      aggregate.min = aggregate.max = aggregate.first = *value;
      aggregate.first_time = point.time;
    }
    ++aggregate.count;
    aggregate.sketch.add(*value);
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

// Mean and m2 by Chan, Golub and LeVeque 1979, one part after the other.
Aggregate aggregate_parts(Time start, const std::vector<Aggregate>& parts) {
  Aggregate whole;
  for (const Aggregate& part : parts) {
    if (part.count == 0) continue;
    if (whole.count == 0) {
      whole = part;
      continue;
    }
    const double count = double(whole.count + part.count);
    const double apart = within_range(part.mean - whole.mean);
    const double weight = double(part.count) / count;
    const double between = within_range(apart * apart) * (double(whole.count) * weight);
    whole.mean += apart * weight;
    whole.m2 = within_range(whole.m2 + within_range(part.m2 + within_range(between)));
    whole.count += part.count;
    whole.min = std::min(whole.min, part.min);
    whole.max = std::max(whole.max, part.max);
    whole.last = part.last;
    whole.last_time = part.last_time;
    whole.sketch.merge(part.sketch);
  }
  whole.start = start;
  whole.deviation = deviation_of(whole.m2, whole.count);
  return whole;
}

}  // namespace cauce::recent

// The fast recent store: facts of the last months and the aggregates made from them, with a time
// to live. Aggregates are a pure function of the facts kept here (aggregate.h), so late,
// early, repeated and replayed readings give the same numbers. Stored format:
// docs/formats/recent.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "recent/sketch.h"
#include "record/fact.h"

namespace cauce::recent {

// What is stored; the days of a site are computed from its quarters (days.h).
enum class Resolution : std::uint8_t { minute = 1, hour = 2, quarter = 3 };  // of an hour
constexpr Duration window_span(Resolution resolution) {
  switch (resolution) {
    case Resolution::minute: return std::chrono::minutes{1};
    case Resolution::quarter: return std::chrono::minutes{15};
    case Resolution::hour: return std::chrono::hours{1};
  }
  return std::chrono::hours{1};
}
// The start of the window, aligned to UTC, that holds `time`.
Time window_start(Resolution resolution, Time time);

// What the recent store keeps of a fact.
struct Point {
  Time time;
  record::Value value;
  record::Quality quality = record::Quality::good;
  record::Origin origin;

  bool operator==(const Point&) const = default;
};

// Of numeric values only; text and booleans have no aggregate. `deviation` is the sample standard
// deviation (n - 1); 0 when count is 1. `first` and `last` are by time.
struct Aggregate {
  Time start;
  std::uint64_t count = 0;
  double min = 0;
  double max = 0;
  double mean = 0;
  double deviation = 0;
  double first = 0;
  double last = 0;
  Time first_time;
  Time last_time;
  double m2 = 0;  // sum of squared differences from the mean: lets coarser windows be merged
  Sketch sketch;  // of the same numbers

  // Within Sketch::relative_error, and never beyond min and max. Invariant: count > 0.
  double percentile(unsigned percent) const {
    return std::clamp(sketch.percentile(percent), min, max);
  }

  bool operator==(const Aggregate&) const = default;
};

// What a list of series shows.
struct SeriesSummary {
  record::Series series;
  std::string unit;
  Point last;

  bool operator==(const SeriesSummary&) const = default;
};

// All changes of one commit. One series appears with all the minutes it touches.
struct MinutePoints {
  std::string series;         // record::to_text(Series)
  Time start;                 // of the minute
  std::vector<Point> points;  // all points of that minute, by time, one for each time
};
struct WindowAggregate {
  std::string series;
  Resolution resolution = Resolution::minute;
  Aggregate aggregate;  // count 0 deletes it
};
struct Change {
  std::vector<MinutePoints> minutes;
  std::vector<WindowAggregate> aggregates;
  // Any number for a series; each takes its place unless the store holds a later one, by time and
  // then by origin.
  std::vector<SeriesSummary> summaries;
};

// Readers: any thread, any process, never blocked by the writer.
class Reader {
 public:
  virtual ~Reader() = default;

  // All points of the minute that starts at `start`; empty when there is none.
  virtual Result<std::vector<Point>> minute(std::string_view series, Time start) = 0;

  // Points with from <= time < to, by time, the first `points_max`.
  virtual Result<std::vector<Point>> points(std::string_view series, Time from, Time to,
                                            std::size_t points_max) = 0;
  // Windows with from <= start < to, by start, the first `windows_max`.
  virtual Result<std::vector<Aggregate>> aggregates(std::string_view series, Resolution resolution,
                                                    Time from, Time to,
                                                    std::size_t windows_max) = 0;
  virtual Result<std::optional<SeriesSummary>> summary(std::string_view series) = 0;
  // Series of one company whose text is above `after` (empty: from the first), in byte order.
  virtual Result<std::vector<SeriesSummary>> series(std::string_view company,
                                                    std::string_view after,
                                                    std::size_t series_max) = 0;
};

// One process writes; `commit` from one thread at a time.
class Writer {
 public:
  virtual ~Writer() = default;

  // All or nothing for each month, the oldest first, and durable when it returns: after a crash
  // commit the same change again. Windows that start longer ago than the time to live, or further
  // ahead of the clock than the store takes, are ignored. `exhausted` when the store's size limit
  // or the disk is full, `invalid` when a minute holds points of another one or out of order.
  virtual Result<void> commit(const Change& change) = 0;

  // Deletes whole months older than the time to live. Answers how many.
  virtual Result<std::size_t> expire(Time now) = 0;

  // The writer's own view, which includes every commit.
  virtual Reader& reader() = 0;
};

}  // namespace cauce::recent

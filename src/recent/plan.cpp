#include <fmt/core.h>

#include <algorithm>

#include "recent/months.h"

namespace cauce::recent {
namespace {

Error not_a_change(std::string_view series, std::string_view what) {
  return {Outcome::invalid, fmt::format("the recent store refused a change of series \"{}\": {}",
                                        series.substr(0, record::series_bytes_max), what)};
}

bool is_series_key(std::string_view series) {
  return !series.empty() && series.size() <= record::series_bytes_max;
}

// The window starts [from, to] that a commit takes.
struct Span {
  Time from;
  Time to;
  bool holds(Time start) const { return start >= from && start <= to; }
};

Span span_taken(Time now, const Limits& limits) {
  const Time from = now - limits.time_to_live;
  const Time to = now + limits.ahead_max;
  return {std::max(from, time_min), std::min(to, time_max - Duration{1})};
}

Result<void> check(const MinutePoints& minute) {
  if (!is_series_key(minute.series)) return not_a_change(minute.series, "not a series");
  if (window_start(Resolution::minute, minute.start) != minute.start) {
    return not_a_change(minute.series, "its minute does not start on a minute");
  }
  Time earliest = minute.start;
  for (const Point& point : minute.points) {
    if (point.time < earliest || window_start(Resolution::minute, point.time) != minute.start) {
      return not_a_change(minute.series,
                          "its points are not of one minute, each time once, in "
                          "the order of time");
    }
    earliest = point.time + Duration{1};
  }
  return {};
}

Result<void> check(const WindowAggregate& window) {
  if (!is_series_key(window.series)) return not_a_change(window.series, "not a series");
  const Time start = window.aggregate.start;
  if (window_start(window.resolution, start) != start) {
    return not_a_change(window.series, "its window does not start where windows start");
  }
  return {};
}

std::optional<BytesView> view_of(const std::optional<Bytes>& value) {
  if (!value) return std::nullopt;
  return BytesView{*value};
}

// Of several writes of one key the last stays; of summaries, the one that replaces the others.
Result<void> settle(Writes& writes) {
  std::stable_sort(writes.begin(), writes.end(),
                   [](const Write& left, const Write& right) { return left.key < right.key; });
  std::size_t count = 0;
  for (std::size_t index = 0; index < writes.size(); ++index) {
    if (count == 0 || writes[count - 1].key != writes[index].key) {
      if (count != index) writes[count] = std::move(writes[index]);
      ++count;
      continue;
    }
    Write& kept = writes[count - 1];
    const auto wins = replaces(writes[index], view_of(kept.value));
    if (!wins) return wins.error();
    if (*wins) kept = std::move(writes[index]);
  }
  writes.resize(count);
  return {};
}

}  // namespace

Result<Plan> plan(const Change& change, Time now, const Limits& limits) {
  const Span span = span_taken(now, limits);
  Plan plan;
  for (const MinutePoints& minute : change.minutes) {
    if (auto checked = check(minute); !checked) return checked.error();
    if (!span.holds(minute.start)) continue;
    Write write{window_key(Kind::points, minute.start, minute.series), std::nullopt};
    if (!minute.points.empty()) write.value = encode_points(minute.start, minute.points);
    plan[month_of(minute.start)].push_back(std::move(write));
  }
  for (const WindowAggregate& window : change.aggregates) {
    if (auto checked = check(window); !checked) return checked.error();
    const Time start = window.aggregate.start;
    if (!span.holds(start)) continue;
    Write write{window_key(kind_of(window.resolution), start, window.series), std::nullopt};
    if (window.aggregate.count > 0) write.value = encode(window.aggregate);
    plan[month_of(start)].push_back(std::move(write));
  }
  for (const SeriesSummary& summary : change.summaries) {
    const std::string series = record::to_text(summary.series);
    if (!is_series_key(series)) return not_a_change(series, "not a series");
    if (!span.holds(window_start(Resolution::minute, summary.last.time))) continue;
    plan[month_of(summary.last.time)].push_back({summary_key(series), encode(summary)});
  }
  for (auto& [month, writes] : plan) {
    if (auto settled = settle(writes); !settled) return settled.error();
  }
  return plan;
}

Result<bool> replaces(const Write& write, const std::optional<BytesView>& stored) {
  if (!stored || !write.value || write.key.front() != char(Kind::summary)) return true;
  const auto next = decode_rank(*write.value);
  if (!next) return next.error();
  const auto present = decode_rank(*stored);
  if (!present) return present.error();
  return *present < *next;
}

bool is_expired(Month month, Time now, const Limits& limits) {
  return month_start(month + std::chrono::months{1}) <= now - limits.time_to_live;
}

}  // namespace cauce::recent

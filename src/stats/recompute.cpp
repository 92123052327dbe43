#include "stats/recompute.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "recent/layout.h"
#include "stats/aggregate.h"

namespace cauce::stats {
namespace {

using recent::Aggregate;
using recent::Point;
using recent::Resolution;

// The stored points with the new ones among them; nullopt when the new ones change nothing.
template <class Iterator>
std::optional<std::vector<Point>> merge(const std::vector<Point>& stored, Iterator fact,
                                        Iterator end, std::size_t points_max) {
  std::vector<Point> merged;
  merged.reserve(stored.size() + std::size_t(end - fact));
  auto old = stored.begin();
  bool changed = false;
  while (merged.size() < points_max && (old != stored.end() || fact != end)) {
    const bool old_is_next = fact == end || (old != stored.end() && old->time < fact->point.time);
    if (old_is_next) {
      merged.push_back(*old++);
      continue;
    }
    const bool same_time = old != stored.end() && old->time == fact->point.time;
    const bool new_counts = !same_time || old->origin < fact->point.origin;
    merged.push_back(new_counts ? fact->point : *old);
    changed = changed || new_counts;
    if (same_time) ++old;
    ++fact;
  }
  if (!changed) return std::nullopt;
  return merged;
}

}  // namespace

Result<recent::Change> Recomputer::recompute(const NewFacts& facts) {
  change_ = {};
  for (const auto& [text, series] : facts.series()) {
    if (auto done = recompute_series(text, series); !done) return done.error();
  }
  return std::exchange(change_, {});
}

Result<void> Recomputer::recompute_series(const std::string& text, const NewFacts::Series& series) {
  const auto& facts = series.facts;
  for (auto fact = facts.begin(); fact != facts.end();) {
    const Time hour = recent::window_start(Resolution::hour, fact->point.time);
    const Time next = hour + recent::window_span(Resolution::hour);
    const auto end = std::find_if(fact, facts.end(), [&](const NewFacts::Fact& candidate) {
      return candidate.point.time >= next;
    });
    if (auto done = recompute_hour(text, hour, fact, end); !done) return done;
    summarise(series.names, *(end - 1));
    fact = end;
  }
  return {};
}

Result<void> Recomputer::recompute_hour(const std::string& text, Time start, FactIterator fact,
                                        FactIterator end) {
  std::vector<Aggregate> touched;
  while (fact != end) {
    const Time minute = recent::window_start(Resolution::minute, fact->point.time);
    const Time next = minute + recent::window_span(Resolution::minute);
    const auto minute_end = std::find_if(
        fact, end, [&](const NewFacts::Fact& candidate) { return candidate.point.time >= next; });
    const auto stored = reader_.minute(text, minute);
    if (!stored) return stored.error();
    auto points = merge(*stored, fact, minute_end, options_.minute_points_max);
    fact = minute_end;
    if (!points) continue;
    touched.push_back(aggregate_minute(minute, *points));
    change_.minutes.push_back({text, minute, std::move(*points)});
  }
  if (touched.empty()) return {};
  const auto minutes = minutes_of(text, start, touched);
  if (!minutes) return minutes.error();
  change_.aggregates.push_back({text, Resolution::hour, aggregate_hour(start, *minutes)});
  for (const Aggregate& minute : touched) {
    change_.aggregates.push_back({text, Resolution::minute, minute});
  }
  return {};
}

// aggregate_hour goes from left to right, so merging a beginning first changes no bit.
Result<std::vector<Aggregate>> Recomputer::minutes_of(const std::string& text, Time start,
                                                      const std::vector<Aggregate>& touched) {
  std::vector<Aggregate> minutes;
  Beginning beginning{start, start, {}};
  const auto known = beginnings_.find(text);
  if (known != beginnings_.end() && known->second.start == start &&
      known->second.until <= touched.front().start) {
    beginning = known->second;
    minutes.push_back(beginning.merged);
  }
  const auto stored = reader_.aggregates(text, Resolution::minute, beginning.until,
                                         start + recent::window_span(Resolution::hour), 60);
  if (!stored) return stored.error();
  auto minute = stored->begin();
  for (; minute != stored->end() && minute->start < touched.front().start; ++minute) {
    minutes.push_back(*minute);
  }
  minutes = {aggregate_hour(start, minutes)};
  remember(text, {start, touched.front().start, minutes.front()});
  for (const Aggregate& replaced : touched) {
    for (; minute != stored->end() && minute->start < replaced.start; ++minute) {
      minutes.push_back(*minute);
    }
    if (minute != stored->end() && minute->start == replaced.start) ++minute;
    minutes.push_back(replaced);
  }
  minutes.insert(minutes.end(), minute, stored->end());
  return minutes;
}

void Recomputer::remember(const std::string& text, Beginning beginning) {
  if (beginnings_.size() >= options_.hours_max && !beginnings_.contains(text)) beginnings_.clear();
  beginnings_[text] = beginning;
}

// One summary for each month, of its last fact: `series` comes by hour, in the order of time.
void Recomputer::summarise(const record::Series& names, const NewFacts::Fact& last) {
  auto& summaries = change_.summaries;
  const bool same_month =
      !summaries.empty() && summaries.back().series == names &&
      recent::month_of(summaries.back().last.time) == recent::month_of(last.point.time);
  if (same_month) summaries.pop_back();
  summaries.push_back({names, last.unit, last.point});
}

Result<void> NewFacts::add(const std::string& series, BytesView facts) {
  const auto names = record::parse_series(series);
  if (!names) return Error{Outcome::corrupt, names.error().message}.during("read a job");
  Series& target = series_[series];
  target.names = *names;
  ByteReader reader{facts};
  while (reader.remaining() > 0) {
    auto fact = record::decode_fact(reader.sized());
    if (!fact || record::series_of(*fact) != *names) {
      return Error{Outcome::corrupt,
                   fmt::format("a job of series {} holds what is not a fact of that series; stop, "
                               "move jobs.db away and replay the facts",
                               series)};
    }
    target.facts.push_back(
        {{fact->time, std::move(fact->value), fact->quality, fact->origin}, std::move(fact->unit)});
  }
  return {};
}

void NewFacts::settle() {
  for (auto& [text, series] : series_) {
    auto& facts = series.facts;
    std::sort(facts.begin(), facts.end(), [](const Fact& left, const Fact& right) {
      return std::tie(left.point.time, right.point.origin) <
             std::tie(right.point.time, left.point.origin);
    });
    const auto same_time = [](const Fact& left, const Fact& right) {
      return left.point.time == right.point.time;
    };
    facts.erase(std::unique(facts.begin(), facts.end(), same_time), facts.end());
  }
}

}  // namespace cauce::stats

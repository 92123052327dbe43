#include "stats/recompute.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "recent/aggregate.h"
#include "recent/layout.h"

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
  std::vector<Aggregate> touched_quarters;  // of the hour at hand
  for (auto fact = facts.begin(); fact != facts.end();) {
    const Time quarter = recent::window_start(Resolution::quarter, fact->point.time);
    const Time next = quarter + recent::window_span(Resolution::quarter);
    const auto end = std::find_if(fact, facts.end(), [&](const NewFacts::Fact& candidate) {
      return candidate.point.time >= next;
    });
    const auto touched = recompute_minutes(text, fact, end);
    if (!touched) return touched.error();
    if (!touched->empty()) {
      auto whole = recompute_whole(quarters_, text, quarter, *touched);
      if (!whole) return whole.error();
      touched_quarters.push_back(std::move(*whole));
    }
    summarise(series.names, *(end - 1));
    fact = end;
    const Time hour = recent::window_start(Resolution::hour, quarter);
    const bool hour_ends =
        fact == facts.end() || fact->point.time >= hour + recent::window_span(Resolution::hour);
    if (!hour_ends || touched_quarters.empty()) continue;
    const auto whole = recompute_whole(hours_, text, hour, touched_quarters);
    if (!whole) return whole.error();
    touched_quarters.clear();
  }
  return {};
}

Result<std::vector<Aggregate>> Recomputer::recompute_minutes(const std::string& text,
                                                             FactIterator fact, FactIterator end) {
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
    touched.push_back(recent::aggregate_minute(minute, *points));
    change_.minutes.push_back({text, minute, std::move(*points)});
    change_.aggregates.push_back({text, Resolution::minute, touched.back()});
  }
  return touched;
}

Result<Aggregate> Recomputer::recompute_whole(Level& level, const std::string& text, Time start,
                                              const std::vector<Aggregate>& touched) {
  const auto parts = parts_of(level, text, start, touched);
  if (!parts) return parts.error();
  Aggregate whole = recent::aggregate_parts(start, *parts);
  change_.aggregates.push_back({text, level.whole, whole});
  return whole;
}

// aggregate_parts goes from left to right, so merging a beginning first changes no bit.
Result<std::vector<Aggregate>> Recomputer::parts_of(Level& level, const std::string& text,
                                                    Time start,
                                                    const std::vector<Aggregate>& touched) {
  const Time first = touched.front().start;
  Beginning& beginning = beginning_of(level, text, start, first);
  auto stored = reader_.aggregates(text, level.part, beginning.until,
                                   start + recent::window_span(level.whole), 60);
  if (!stored) return stored.error();
  auto part = stored->begin();
  while (part != stored->end() && part->start < first)
    ++part;
  if (part != stored->begin()) {
    std::vector<Aggregate> earlier{std::move(beginning.merged)};
    earlier.insert(earlier.end(), stored->begin(), part);
    beginning.merged = recent::aggregate_parts(start, earlier);
  }
  beginning.until = first;
  std::vector<Aggregate> parts;
  parts.reserve(1 + touched.size() + std::size_t(stored->end() - part));
  parts.push_back(beginning.merged);
  for (const Aggregate& replaced : touched) {
    for (; part != stored->end() && part->start < replaced.start; ++part) {
      parts.push_back(std::move(*part));
    }
    if (part != stored->end() && part->start == replaced.start) ++part;
    parts.push_back(replaced);
  }
  for (; part != stored->end(); ++part)
    parts.push_back(std::move(*part));
  return parts;
}

// The remembered one, or one that holds nothing yet.
Recomputer::Beginning& Recomputer::beginning_of(Level& level, const std::string& text, Time start,
                                                Time until_max) {
  auto& known = level.beginnings;
  const auto found = known.find(text);
  if (found == known.end() && known.size() >= options_.beginnings_max) known.clear();
  Beginning& beginning = found == known.end() ? known[text] : found->second;
  const bool usable = beginning.start == start && beginning.until <= until_max;
  if (!usable) beginning = {start, start, {}};
  return beginning;
}

void Recomputer::forget() {
  quarters_.beginnings.clear();
  hours_.beginnings.clear();
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

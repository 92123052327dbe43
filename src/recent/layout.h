// How the recent store's points, aggregates and summaries become sorted keys and values; every
// engine stores these same bytes. The page for readers in other languages is
// docs/formats/recent.md: it and this file change together.
//
// A key begins with its kind and its window, then the series: what one commit touches lies
// together. (Series first wrote 70 times and more as much per commit.)
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "recent/recent.h"

namespace cauce::recent {

// Data is kept by the month, in UTC, in which its window starts; a minute, its
// quarter and its hour always lie in one month.
using Month = std::chrono::year_month;
Month month_of(Time time);
Time month_start(Month month);
std::string name_of(Month month);  // "2026-11"
std::optional<Month> parse_month(std::string_view name);

enum class Kind : std::uint8_t {
  format = 0,
  points = 1,
  minute = 2,
  hour = 3,
  summary = 4,
  quarter = 5
};
Kind kind_of(Resolution resolution);

// The one value under the key of kind `format`.
constexpr std::uint32_t format_version = 2;
Bytes format_key();

// `kind` is points, minute, quarter or hour. `start` is not before 1970.
Bytes window_key(Kind kind, Time start, std::string_view series);
Bytes summary_key(std::string_view series);

// The parts of a key, as views into it; a summary has no start.
struct Key {
  Kind kind = Kind::format;
  Time start;
  std::string_view series;
};
Result<Key> parse_key(BytesView bytes);

Bytes encode_points(Time start, const std::vector<Point>& points);
Result<std::vector<Point>> decode_points(Time start, BytesView bytes);
Bytes encode(const Aggregate& aggregate);
Result<Aggregate> decode_aggregate(Time start, BytesView bytes);
Bytes encode(const SeriesSummary& summary);
// What orders the summaries of one series; read without the rest.
struct SummaryRank {
  Time time;
  record::Origin origin;
  auto operator<=>(const SummaryRank&) const = default;
};
Result<SummaryRank> decode_rank(BytesView bytes);
Result<SeriesSummary> decode_summary(std::string_view series, BytesView bytes);

}  // namespace cauce::recent

#include <algorithm>

#include "base/names.h"
#include "recent/months.h"

namespace cauce::recent {
namespace {

constexpr Duration minute_span = window_span(Resolution::minute);

// One month's summaries in byte order, for merging months.
struct SummaryScan {
  std::unique_ptr<Snapshot> snapshot;
  std::optional<Entry> entry;  // nullopt when there is no further one

  Result<void> seek(BytesView key, BytesView prefix) {
    auto found = snapshot->at_or_after(key);
    if (!found) return found.error();
    entry = *found;
    if (entry && !entry->key.starts_with(prefix)) entry.reset();
    return {};
  }
};

class MonthsReader final : public Reader {
 public:
  explicit MonthsReader(Months& months) : months_(months) {}

  Result<std::vector<Point>> minute(std::string_view series, Time start) override {
    auto snapshot = months_.open(month_of(start));
    if (!snapshot) return snapshot.error();
    if (*snapshot == nullptr) return std::vector<Point>{};
    const auto value = (*snapshot)->get(window_key(Kind::points, start, series));
    if (!value) return value.error();
    if (!*value) return std::vector<Point>{};
    return decode_points(start, **value);
  }

  Result<std::vector<Point>> points(std::string_view series, Time from, Time to,
                                    std::size_t points_max) override {
    std::vector<Point> found;
    const auto take = [&](Time start, BytesView value) -> Result<bool> {
      const auto decoded = decode_points(start, value);
      if (!decoded) return decoded.error();
      for (const Point& point : *decoded) {
        if (point.time < from) continue;
        if (point.time >= to || found.size() >= points_max) return false;
        found.push_back(point);
      }
      return found.size() < points_max;
    };
    if (points_max == 0) return found;
    const Time first = window_start(Resolution::minute, std::max(from, time_min));
    auto scanned = scan(Kind::points, minute_span, series, first, to, take);
    if (!scanned) return scanned.error();
    return found;
  }

  Result<std::vector<Aggregate>> aggregates(std::string_view series, Resolution resolution,
                                            Time from, Time to, std::size_t windows_max) override {
    std::vector<Aggregate> found;
    const auto take = [&](Time start, BytesView value) -> Result<bool> {
      const auto decoded = decode_aggregate(start, value);
      if (!decoded) return decoded.error();
      found.push_back(*decoded);
      return found.size() < windows_max;
    };
    if (windows_max == 0) return found;
    const Duration span = window_span(resolution);
    const Time first = window_start(resolution, std::max(from, time_min) + span - Duration{1});
    auto scanned = scan(kind_of(resolution), span, series, first, to, take);
    if (!scanned) return scanned.error();
    return found;
  }

  Result<std::optional<SeriesSummary>> summary(std::string_view series) override {
    const auto months = months_.list();
    if (!months) return months.error();
    for (auto month = months->rbegin(); month != months->rend(); ++month) {
      auto snapshot = months_.open(*month);
      if (!snapshot) return snapshot.error();
      if (*snapshot == nullptr) continue;
      const auto value = (*snapshot)->get(summary_key(series));
      if (!value) return value.error();
      if (!*value) continue;
      auto decoded = decode_summary(series, **value);
      if (!decoded) return decoded.error();
      return std::optional{std::move(*decoded)};
    }
    return std::optional<SeriesSummary>{};
  }

  Result<std::vector<SeriesSummary>> series(std::string_view company, std::string_view after,
                                            std::size_t series_max) override;

 private:
  // Gives `take` the values of `series` with first <= start < to, in order, until it says false.
  template <class Take>
  Result<void> scan(Kind kind, Duration span, std::string_view series, Time first, Time to,
                    Take take);
  template <class Take>
  Result<bool> scan_month(Snapshot& snapshot, Kind kind, Duration span, std::string_view series,
                          Time first, Time to, Take take);
  Result<std::vector<SummaryScan>> scan_summaries(BytesView key, BytesView prefix);

  Months& months_;
};

template <class Take>
Result<void> MonthsReader::scan(Kind kind, Duration span, std::string_view series, Time first,
                                Time to, Take take) {
  const auto months = months_.list();
  if (!months) return months.error();
  for (const Month month : *months) {
    const Time begin = std::max(first, month_start(month));
    const Time end = std::min(to, month_start(month + std::chrono::months{1}));
    if (begin >= end) continue;
    auto snapshot = months_.open(month);
    if (!snapshot) return snapshot.error();
    if (*snapshot == nullptr) continue;
    const auto more = scan_month(**snapshot, kind, span, series, begin, end, take);
    if (!more) return more.error();
    if (!*more) return {};
  }
  return {};
}

template <class Take>
Result<bool> MonthsReader::scan_month(Snapshot& snapshot, Kind kind, Duration span,
                                      std::string_view series, Time first, Time to, Take take) {
  for (Time start = first; start < to;) {
    const Bytes wanted = window_key(kind, start, series);
    const auto entry = snapshot.at_or_after(wanted);
    if (!entry) return entry.error();
    if (!*entry) return true;
    if ((*entry)->key == wanted) {
      const auto more = take(start, (*entry)->value);
      if (!more || !*more) return more;
      start += span;
      continue;
    }
    const auto key = parse_key((*entry)->key);
    if (!key) return key.error();
    if (key->kind != kind) return true;
    // Windows in which no series has anything are passed over in one go.
    start = std::max(start + span, key->start);
  }
  return true;
}

Result<std::vector<SummaryScan>> MonthsReader::scan_summaries(BytesView key, BytesView prefix) {
  const auto months = months_.list();
  if (!months) return months.error();
  std::vector<SummaryScan> scans;
  for (auto month = months->rbegin(); month != months->rend(); ++month) {
    auto snapshot = months_.open(*month);
    if (!snapshot) return snapshot.error();
    if (*snapshot == nullptr) continue;
    SummaryScan scan{std::move(*snapshot), std::nullopt};
    if (auto sought = scan.seek(key, prefix); !sought) return sought.error();
    scans.push_back(std::move(scan));
  }
  return scans;
}

Result<std::vector<SeriesSummary>> MonthsReader::series(std::string_view company,
                                                        std::string_view after,
                                                        std::size_t series_max) {
  std::vector<SeriesSummary> found;
  if (!is_name(company)) return found;
  const Bytes prefix = summary_key(std::string{company} + '/');
  // The least key above `after` is `after` with a zero byte behind it.
  Bytes next = std::max(prefix, summary_key(after) + '\0');
  auto scans = scan_summaries(next, prefix);  // newest month first
  if (!scans) return scans.error();
  while (found.size() < series_max) {
    const SummaryScan* least = nullptr;
    for (const SummaryScan& scan : *scans) {
      if (scan.entry && (least == nullptr || scan.entry->key < least->entry->key)) least = &scan;
    }
    if (least == nullptr) break;
    const Bytes key{least->entry->key};
    auto decoded = decode_summary(BytesView{key}.substr(1), least->entry->value);
    if (!decoded) return decoded.error();
    found.push_back(std::move(*decoded));
    for (SummaryScan& scan : *scans) {
      if (!scan.entry || scan.entry->key != key) continue;
      if (auto sought = scan.seek(key + '\0', prefix); !sought) return sought.error();
    }
  }
  return found;
}

}  // namespace

std::unique_ptr<Reader> read_months(Months& months) {
  return std::make_unique<MonthsReader>(months);
}

}  // namespace cauce::recent

#include <array>

#include "api/device.h"
#include "api/handlers.h"
#include "api/query.h"
#include "recent/days.h"

namespace cauce::api {
namespace {

// A day is computed from its 96 quarters of an hour: a page of days costs what 96 windows each do.
constexpr std::size_t day_items_max = 1000;
constexpr std::size_t day_items_default = 366;

Json key_of(const record::Series& series) {
  return {{"company", series.company}, {"device", series.device}, {"metric", series.metric}};
}

// The summary of the series that the path names, or the `not_found` that a foreign one gives too.
Result<recent::SeriesSummary> summary_of(const Call& call) {
  const Error unknown{Outcome::not_found,
                      "There is no such series: GET /api/v1/series lists those that exist."};
  const record::Series series{call.company, call.parameters[1], call.parameters[2]};
  const std::string text = record::to_text(series);
  if (!record::parse_series(text)) return unknown;
  auto summary = call.house.recent.summary(text);
  if (!summary) return summary.error();
  if (!*summary) return unknown;
  return **summary;
}

std::string_view name_of(record::Quality quality) {
  switch (quality) {
    case record::Quality::good: return "good";
    case record::Quality::uncertain: return "uncertain";
    case record::Quality::bad: return "bad";
  }
  return "bad";
}

Json json_of_point(const recent::Point& point) {
  return {{"time", format_time(point.time)},
          {"value", json_of(point.value)},
          {"quality", name_of(point.quality)}};
}

Json json_of_window(const recent::Aggregate& window, Time end) {
  return {{"start", format_time(window.start)},
          {"end", format_time(end)},
          {"count", window.count},
          {"min", window.min},
          {"max", window.max},
          {"mean", window.mean},
          {"deviation", window.deviation},
          {"p50", window.percentile(50)},
          {"p95", window.percentile(95)},
          {"first", window.first},
          {"last", window.last},
          {"first_time", format_time(window.first_time)},
          {"last_time", format_time(window.last_time)}};
}

// What `resolution` may be; without `stored`, the day.
struct ResolutionName {
  std::string_view name;
  std::optional<recent::Resolution> stored;
};
constexpr std::array<ResolutionName, 6> resolution_names{{{"1m", recent::Resolution::minute},
                                                          {"15m", recent::Resolution::quarter},
                                                          {"1h", recent::Resolution::hour},
                                                          {"1d", std::nullopt},
                                                          {"minute", recent::Resolution::minute},
                                                          {"hour", recent::Resolution::hour}}};

Result<ResolutionName> resolution_of(const Call& call) {
  const std::string named = parameter(call, "resolution");
  for (const ResolutionName& known : resolution_names) {
    if (known.name == (named.empty() ? "minute" : named)) return known;
  }
  return Error{Outcome::invalid, R"("resolution" must be "1m", "15m", "1h" or "1d".)"};
}

// Days of a device without a site, or of a zone that this machine's tzdata does not have, are UTC.
TimeZone zone_of(const Call& call, const std::string& device_name) {
  const business::Device* device = call.house.registry.device(call.company, device_name);
  if (device == nullptr) return {};
  const business::Site* site = call.house.registry.site(call.company, device->site);
  if (site == nullptr) return {};
  const auto zone = TimeZone::find(site->time_zone);
  return zone ? *zone : TimeZone{};
}

// One page of windows: their JSON, and where the next page begins.
struct Windows {
  Json items = Json::array();
  std::string next;
};

Result<Windows> stored_windows(const Call& call, const std::string& series,
                               recent::Resolution resolution, Range range, std::size_t limit) {
  auto found = call.house.recent.aggregates(series, resolution, range.from, range.to, limit + 1);
  if (!found) return found.error();
  Windows windows;
  if (found->size() > limit) {
    found->resize(limit);
    windows.next = format_time(found->back().start);
  }
  for (const recent::Aggregate& window : *found) {
    windows.items.push_back(json_of_window(window, window.start + recent::window_span(resolution)));
  }
  return windows;
}

Result<Windows> days_of(const Call& call, const std::string& series, const TimeZone& zone,
                        Range range, std::size_t limit) {
  // Of an older day some hours may have passed their time to live already.
  const Time whole_from = call.house.clock.now() - call.options.recent_time_to_live;
  range.from = std::max(range.from, whole_from);
  auto found = recent::read_days(call.house.recent, series, zone, range.from, range.to, limit + 1);
  if (!found) return found.error();
  Windows windows;
  if (found->size() > limit) {
    found->resize(limit);
    windows.next = format_time(found->back().day.start);
  }
  for (const recent::Day& day : *found) {
    Json item = json_of_window(day.aggregate, day.day.end);
    item.set("day", format_date(day.day.date));
    windows.items.push_back(std::move(item));
  }
  return windows;
}

}  // namespace

Result<Answer> list_series(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const std::string device = parameter(call, "device");
  const std::string after = parameter(call, "after");
  if (!after.empty() && !record::parse_series(call.company + '/' + after)) return damaged_cursor();
  const std::string prefix = call.company + '/' + (device.empty() ? "" : device + '/');
  // What `after` names lies below the prefix when it is of an earlier device.
  const std::string start = std::max(prefix, call.company + '/' + after);
  auto found = call.house.recent.series(call.company, start, *limit + 1);
  if (!found) return found.error();
  std::erase_if(*found, [&](const recent::SeriesSummary& summary) {
    return summary.series.company != call.company ||
           (!device.empty() && summary.series.device != device);
  });
  std::string next;
  if (found->size() > *limit) {
    found->resize(*limit);
    next = found->back().series.device + '/' + found->back().series.metric;
  }
  Json items = Json::array();
  for (const recent::SeriesSummary& summary : *found) {
    Json item = key_of(summary.series);
    item.set("unit", summary.unit);
    item.set("last", json_of_point(summary.last));
    items.push_back(std::move(item));
  }
  return answer(200, {{"items", items}, {"next", next_of(next)}});
}

Result<Answer> show_points(Call& call) {
  const auto limit = limit_of(call, curve_items_default, curve_items_max);
  if (!limit) return limit.error();
  const auto range = range_of(call);
  if (!range) return range.error();
  const auto summary = summary_of(call);
  if (!summary) return summary.error();
  auto points = call.house.recent.points(record::to_text(summary->series), range->from, range->to,
                                         *limit + 1);
  if (!points) return points.error();
  std::string next;
  if (points->size() > *limit) {
    points->resize(*limit);
    next = format_time(points->back().time);
  }
  Json items = Json::array();
  for (const recent::Point& point : *points) {
    items.push_back(json_of_point(point));
  }
  return answer(200, {{"series", key_of(summary->series)},
                      {"unit", summary->unit},
                      {"items", items},
                      {"next", next_of(next)}});
}

Result<Answer> show_aggregates(Call& call) {
  const auto resolution = resolution_of(call);
  if (!resolution) return resolution.error();
  const bool days = !resolution->stored;
  const auto limit = limit_of(call, days ? day_items_default : curve_items_default,
                              days ? day_items_max : curve_items_max);
  if (!limit) return limit.error();
  const auto range = range_of(call);
  if (!range) return range.error();
  const auto summary = summary_of(call);
  if (!summary) return summary.error();
  const std::string series = record::to_text(summary->series);
  const TimeZone zone = days ? zone_of(call, summary->series.device) : TimeZone{};
  const auto windows = days ? days_of(call, series, zone, *range, *limit)
                            : stored_windows(call, series, *resolution->stored, *range, *limit);
  if (!windows) return windows.error();
  return answer(200, {{"series", key_of(summary->series)},
                      {"unit", summary->unit},
                      {"resolution", resolution->name},
                      {"time_zone", zone.name()},
                      {"items", windows->items},
                      {"next", next_of(windows->next)}});
}

}  // namespace cauce::api

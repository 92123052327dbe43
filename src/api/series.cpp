#include "api/device.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/windows.h"

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

Json json_of_window(const Window& window) {
  const recent::Aggregate& aggregate = window.aggregate;
  Json json{{"start", format_time(aggregate.start)},
            {"end", format_time(window.end)},
            {"count", aggregate.count},
            {"min", aggregate.min},
            {"max", aggregate.max},
            {"mean", aggregate.mean},
            {"deviation", aggregate.deviation},
            {"p50", aggregate.percentile(50)},
            {"p95", aggregate.percentile(95)},
            {"first", aggregate.first},
            {"last", aggregate.last},
            {"first_time", format_time(aggregate.first_time)},
            {"last_time", format_time(aggregate.last_time)}};
  if (window.date) json.set("day", format_date(*window.date));
  return json;
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
  const std::string named = parameter(call, "resolution");
  const auto size = parse_window_size(named.empty() ? "minute" : named);
  if (!size) return size.error();
  const bool days = !size->stored;
  const auto limit = limit_of(call, days ? day_items_default : curve_items_default,
                              days ? day_items_max : curve_items_max);
  if (!limit) return limit.error();
  const auto range = range_of(call);
  if (!range) return range.error();
  const auto summary = summary_of(call);
  if (!summary) return summary.error();
  const WindowsAsked asked = windows_of(call, summary->series, *size, *range);
  auto windows = read_windows(call.house.recent, asked, *limit + 1);
  if (!windows) return windows.error();
  std::string next;
  if (windows->size() > *limit) {
    windows->resize(*limit);
    next = format_time(windows->back().aggregate.start);
  }
  Json items = Json::array();
  for (const Window& window : *windows) {
    items.push_back(json_of_window(window));
  }
  return answer(200, {{"series", key_of(summary->series)},
                      {"unit", summary->unit},
                      {"resolution", size->name},
                      {"time_zone", asked.zone.name()},
                      {"items", items},
                      {"next", next_of(next)}});
}

}  // namespace cauce::api

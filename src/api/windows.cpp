#include "api/windows.h"

#include <array>

#include "recent/days.h"

namespace cauce::api {
namespace {

using std::chrono::days;

constexpr std::array<WindowSize, 6> window_sizes{{{"1m", recent::Resolution::minute, days{1}},
                                                  {"15m", recent::Resolution::quarter, days{7}},
                                                  {"1h", recent::Resolution::hour, days{31}},
                                                  {"1d", std::nullopt, days{366}},
                                                  {"minute", recent::Resolution::minute, days{1}},
                                                  {"hour", recent::Resolution::hour, days{31}}}};

// Days of a device without a site, or of a zone that this machine's tzdata does not have, are UTC.
TimeZone zone_of(const Call& call, const record::Series& series) {
  const business::Device* device = call.house.registry.device(series.company, series.device);
  if (device == nullptr) return {};
  const business::Site* site = call.house.registry.site(series.company, device->site);
  if (site == nullptr) return {};
  const auto zone = TimeZone::find(site->time_zone);
  return zone ? *zone : TimeZone{};
}

}  // namespace

Result<WindowSize> parse_window_size(std::string_view name) {
  for (const WindowSize& size : window_sizes) {
    if (size.name == name) return size;
  }
  return Error{Outcome::invalid, R"("resolution" must be "1m", "15m", "1h" or "1d".)"};
}

WindowsAsked windows_of(const Call& call, const record::Series& series, const WindowSize& size,
                        Range range) {
  if (size.stored) return {series, size, {}, range};
  const Time whole_from = call.house.clock.now() - call.options.recent_time_to_live;
  range.from = std::max(range.from, whole_from);
  return {series, size, zone_of(call, series), range};
}

Result<std::vector<Window>> read_windows(recent::Reader& recent, const WindowsAsked& asked,
                                         std::size_t windows_max) {
  const std::string series = record::to_text(asked.series);
  const auto [from, to] = asked.range;
  std::vector<Window> windows;
  if (!asked.size.stored) {
    const auto found = recent::read_days(recent, series, asked.zone, from, to, windows_max);
    if (!found) return found.error();
    for (const recent::Day& day : *found)
      windows.push_back({day.aggregate, day.day.end, day.day.date});
    return windows;
  }
  const auto found = recent.aggregates(series, *asked.size.stored, from, to, windows_max);
  if (!found) return found.error();
  const Duration span = recent::window_span(*asked.size.stored);
  for (const recent::Aggregate& window : *found)
    windows.push_back({window, window.start + span, std::nullopt});
  return windows;
}

}  // namespace cauce::api

#include "api/device.h"

#include "api/limits.h"

namespace cauce::api {
namespace {

std::optional<Time> newest_known(const std::string& device,
                                 const std::vector<recent::SeriesSummary>& series,
                                 const std::map<std::string, Time>& unreadable) {
  std::optional<Time> newest;
  if (const auto found = unreadable.find(device); found != unreadable.end()) newest = found->second;
  for (const recent::SeriesSummary& summary : series) {
    if (!newest || *newest < summary.last.time) newest = summary.last.time;
  }
  return newest;
}

}  // namespace

Result<const business::Device*> device_of(const Call& call, std::string_view name) {
  const business::Device* device = call.house.registry.device(call.company, name);
  if (device != nullptr) return device;
  return Error{Outcome::not_found,
               "There is no such device: GET /api/v1/devices lists those that exist."};
}

Result<std::vector<recent::SeriesSummary>> series_of(recent::Reader& reader,
                                                     std::string_view company,
                                                     std::string_view device,
                                                     std::size_t series_max) {
  // Every series of the device is above this text, and none of another device stands between.
  const std::string before = std::string(company) + '/' + std::string(device) + '/';
  auto found = reader.series(company, before, series_max);
  if (!found) return found.error();
  std::erase_if(*found, [&](const recent::SeriesSummary& summary) {
    return summary.series.company != company || summary.series.device != device;
  });
  return found;
}

std::map<std::string, Time> last_unreadable(const std::vector<DeadLetterCount>& counts) {
  std::map<std::string, Time> times;
  for (const DeadLetterCount& count : counts) {
    Time& time = times.try_emplace(count.device, count.last_received_at).first->second;
    time = std::max(time, count.last_received_at);
  }
  return times;
}

Result<std::optional<Time>> last_seen(const Call& call, const business::Device& device,
                                      const std::vector<recent::SeriesSummary>& series,
                                      const std::map<std::string, Time>& unreadable) {
  auto newest = call.house.ledger.last_seen(device.company, device.name);
  if (!newest || *newest) return newest;
  return newest_known(device.name, series, unreadable);
}

Json json_of(const business::Device& device) {
  return {{"company", device.company},
          {"name", device.name},
          {"type", device.type},
          {"site", device.site},
          {"area", device.area},
          {"enabled", device.enabled},
          {"bridge", device.bridge},
          {"created_at", format_time(device.created_at)},
          {"earlier_token", !device.earlier_token_hash.empty()},
          {"shared_keys", shared_keys_of(device)},
          {"limits", json_of(device.limits)},
          {"certificates_since", device.certificates_since == time_min
                                     ? Json()
                                     : Json(format_time(device.certificates_since))}};
}

Json json_of(const recent::SeriesSummary& summary) {
  return {{"metric", summary.series.metric},
          {"time", format_time(summary.last.time)},
          {"value", json_of(summary.last.value)},
          {"unit", summary.unit}};
}

Json json_of(const std::vector<recent::SeriesSummary>& series) {
  Json values = Json::array();
  for (const recent::SeriesSummary& summary : series) {
    values.push_back(json_of(summary));
  }
  return values;
}

}  // namespace cauce::api

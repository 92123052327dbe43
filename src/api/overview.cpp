// What the first screen needs in one answer.

#include "api/device.h"
#include "api/handlers.h"
#include "api/pulse.h"
#include "api/query.h"

namespace cauce::api {
namespace {

// Devices looked at for one overview, in the order of their names; the answer says when there are
// more. One takes a seek in the recent store, some microseconds.
constexpr std::size_t devices_seen_max = 2000;
constexpr std::size_t silent_shown_max = 100;
constexpr std::size_t counts_shown_max = 100;

double seconds_of(Duration span) {
  return std::chrono::duration<double>(span).count();
}

struct Silent {
  std::string device;
  std::optional<Time> last_seen;
};

// Enabled devices that sent nothing for long, or never; the longest silence first.
Result<std::vector<Silent>> silent_devices(const Call& call,
                                           const std::vector<const business::Device*>& devices,
                                           const std::vector<DeadLetterCount>& counts) {
  const auto unreadable = last_unreadable(counts);
  const Time oldest = call.house.clock.now() - call.options.device_silent;
  std::vector<Silent> silent;
  for (const business::Device* device : devices) {
    if (!device->enabled) continue;
    const auto series =
        series_of(call.house.recent, device->company, device->name, metrics_shown_max);
    if (!series) return series.error();
    const auto seen = last_seen(call, *device, *series, unreadable);
    if (!seen) return seen.error();
    if (!*seen || **seen < oldest) silent.push_back({device->name, *seen});
  }
  std::sort(silent.begin(), silent.end(), [](const Silent& left, const Silent& right) {
    return std::tie(left.last_seen, left.device) < std::tie(right.last_seen, right.device);
  });
  return silent;
}

Json installation_of(const Sample& sample) {
  Json processes = Json::array();
  for (const ProcessState& process : sample.processes) {
    processes.push_back({{"name", process.name},
                         {"state", process.state},
                         {"restarts", process.restarts},
                         {"last_exit", process.last_exit},
                         {"since", format_time(process.since)}});
  }
  Json rates = Json::array();
  for (const double rate : sample.message_rates) {
    rates.push_back(rate);
  }
  Json disk;
  if (sample.disk)
    disk = {{"free_bytes", sample.disk->free_bytes}, {"total_bytes", sample.disk->total_bytes}};
  return {{"messages_per_second",
           sample.message_rates.empty() ? Json() : Json(sample.message_rates.back())},
          {"messages_per_second_history", rates},
          {"disk", disk},
          {"processes", processes}};
}

Json groups_of(const Sample& sample) {
  Json groups = Json::array();
  for (const GroupLag& group : sample.groups) {
    groups.push_back({{"group", group.group},
                      {"topic", group.topic},
                      {"records", group.records},
                      {"oldest_age_seconds", seconds_of(group.oldest_age)}});
  }
  return groups;
}

Json undecodable_of(const std::vector<DeadLetterCount>& counts) {
  Json items = Json::array();
  for (const DeadLetterCount& count : counts)
    items.push_back(json_of(count));
  return items;
}

}  // namespace

Result<Answer> show_overview(Call& call) {
  const auto devices = page_of(call.house.registry.devices(call.company), "", devices_seen_max);
  const auto counts = call.house.dead_letters.counts(call.company, "", counts_shown_max);
  if (!counts) return counts.error();
  const auto silent = silent_devices(call, devices.items, *counts);
  if (!silent) return silent.error();
  const auto sample = call.pulse.last();
  const Health health = judge(sample.get(), call.house.clock.elapsed(), call.options);

  Json shown = Json::array();
  for (std::size_t index = 0; index < std::min(silent->size(), silent_shown_max); ++index) {
    const Silent& device = (*silent)[index];
    shown.push_back({{"device", device.device}, {"last_seen", json_of(device.last_seen)}});
  }
  Json json = {{"time", format_time(call.house.clock.now())},
               {"company", call.company},
               {"open", call.options.open},
               {"devices", call.house.registry.devices(call.company).size()},
               {"devices_examined", devices.items.size()},
               {"silent_devices", silent->size()},
               {"silent", shown},
               {"undecodable", undecodable_of(*counts)},
               {"sampled_at", sample ? Json(format_time(sample->at)) : Json()},
               {"groups", sample ? groups_of(*sample) : Json::array()}};
  // Figures of all companies together are nothing for one of them.
  if (call.caller.sees_all()) {
    Json problems = Json::array();
    for (const Problem& problem : health.problems) {
      problems.push_back({{"en", problem.english}, {"es", problem.spanish}});
    }
    json.set("health", {{"status", health.ok ? "ok" : "attention"}, {"problems", problems}});
    json.set("installation", sample ? installation_of(*sample) : Json());
  }
  return answer(200, json);
}

}  // namespace cauce::api

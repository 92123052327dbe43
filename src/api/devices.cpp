#include "api/body.h"
#include "api/device.h"
#include "api/handlers.h"
#include "api/limits.h"
#include "api/precondition.h"
#include "api/query.h"

namespace cauce::api {
namespace {

// Adds what the stores know to what the registry says.
Result<Json> with_last_values(const Call& call, const business::Device& device,
                              const std::vector<DeadLetterCount>& counts) {
  const auto series = series_of(call.house.recent, device.company, device.name, metrics_shown_max);
  if (!series) return series.error();
  Json json = json_of(device);
  const auto seen = last_seen(call, device, *series, last_unreadable(counts));
  if (!seen) return seen.error();
  json.set("last_seen", json_of(*seen));
  json.set("last_values", json_of(*series));
  return json;
}

}  // namespace

Result<Answer> list_devices(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto after = cursor_of(call);
  if (!after) return after.error();
  const auto page = page_of(call.house.registry.devices(call.company), *after, *limit);
  const auto counts = call.house.dead_letters.counts(call.company, "", list_items_max);
  if (!counts) return counts.error();
  Json items = Json::array();
  for (const business::Device* device : page.items) {
    auto item = with_last_values(call, *device, *counts);
    if (!item) return item.error();
    items.push_back(*item);
  }
  return answer(200, {{"items", items}, {"next", next_of(page.next)}});
}

Result<Answer> show_device(Call& call) {
  const auto device = device_of(call, call.parameters[0]);
  if (!device) return device.error();
  const auto counts = call.house.dead_letters.counts(call.company, (*device)->name, list_items_max);
  if (!counts) return counts.error();
  auto json = with_last_values(call, **device, *counts);
  if (!json) return json.error();

  const auto open = call.house.alarms.list({.company = call.company,
                                            .device = (*device)->name,
                                            .open_only = true,
                                            .after = std::nullopt,
                                            .alarms_max = list_items_default});
  if (!open) return open.error();
  Json alarms = Json::array();
  for (const Alarm& alarm : *open) {
    alarms.push_back(json_of(alarm));
  }
  json->set("open_alarms", alarms);

  std::uint64_t undecodable = 0;
  for (const DeadLetterCount& count : *counts) {
    undecodable += count.count;
  }
  json->set("undecodable", undecodable);
  Answer shown = answer(200, *json);
  // Of what can be changed, not of the values that come in all the time.
  shown.headers.push_back(etag_header(json_of(**device)));
  return shown;
}

Result<Answer> change_device(Call& call) {
  const auto known = device_of(call, call.parameters[0]);
  if (!known) return known.error();
  if (auto refused = refused_by_precondition(call, json_of(**known))) return std::move(*refused);
  business::Device device = **known;
  Body body(call.request.body);
  device.enabled = body.optional_boolean("enabled").value_or(device.enabled);
  device.bridge = body.optional_boolean("bridge").value_or(device.bridge);
  device.site = body.text_or("site", device.site);
  device.area = body.text_or("area", device.area);
  const std::optional<bool> keeps_earlier = body.optional_boolean("earlier_token");
  const auto since = body.optional_text("certificates_since");
  const bool limited = change_limits(body, device.limits);
  if (const auto fault = body.fault()) return *fault;
  if (limited && !may_limit(call.caller)) return refuse_to_limit();
  if (keeps_earlier.value_or(false) && device.earlier_token_hash.empty())
    return Error{Outcome::invalid, "\"earlier_token\" has ended: there is none to keep."};
  if (!keeps_earlier.value_or(true)) device.earlier_token_hash.clear();
  if (since) {
    const auto time = parse_time(*since);
    if (!time) return Error{Outcome::invalid, "\"certificates_since\": " + time.error().message};
    device.certificates_since = *time;
  }
  if (!device.site.empty() && call.house.registry.site(call.company, device.site) == nullptr)
    return Error{Outcome::invalid, "\"site\" names no site of this company: create it first."};
  const auto updated = call.house.business.update(device);
  if (!updated) return updated.error();
  Answer changed = answer(200, json_of(device));
  changed.headers.push_back(etag_header(json_of(device)));
  return changed;
}

}  // namespace cauce::api

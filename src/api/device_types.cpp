#include <fmt/core.h>

#include "api/body.h"
#include "api/device.h"
#include "api/handlers.h"
#include "api/json.h"
#include "api/precondition.h"
#include "api/query.h"

namespace cauce::api {
namespace {

constexpr std::size_t mappings_max = 256;

Json json_of(const business::DeviceType& type) {
  Json metrics = Json::array();
  for (const business::MetricMapping& mapping : type.metrics) {
    metrics.push_back({{"source", mapping.source},
                       {"metric", mapping.metric},
                       {"unit", mapping.unit},
                       {"scale", mapping.scale},
                       {"offset", mapping.offset}});
  }
  return {{"company", type.company},        {"name", type.name},
          {"format", name_of(type.format)}, {"encryption", name_of(type.encryption)},
          {"sequence", type.sequence},      {"metrics", metrics}};
}

business::MetricMapping mapping_of(Body& body) {
  business::MetricMapping mapping;
  mapping.source = body.text("source");
  mapping.metric = body.text_or("metric", mapping.source);
  mapping.unit = body.text_or("unit", "");
  mapping.scale = body.number_or("scale", 1);
  mapping.offset = body.number_or("offset", 0);
  return mapping;
}

}  // namespace

std::string_view name_of(business::Format format) {
  return format == business::Format::senml ? "senml" : "json";
}

std::string_view name_of(business::Encryption encryption) {
  return encryption == business::Encryption::aes256gcm ? "aes256gcm" : "none";
}

Result<Answer> list_device_types(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto after = cursor_of(call);
  if (!after) return after.error();
  const auto page = page_of(call.house.registry.device_types(call.company), *after, *limit);
  Json items = Json::array();
  for (const business::DeviceType* type : page.items) {
    items.push_back(json_of(*type));
  }
  return answer(200, {{"items", items}, {"next", next_of(page.next)}});
}

Result<Answer> create_device_type(Call& call) {
  Body body(call.request.body);
  business::DeviceType type;
  type.company = call.company;
  type.name = body.text("name");
  const std::string format = body.text_or("format", "json");
  const std::string encryption = body.text_or("encryption", "none");
  type.sequence = body.text_or("sequence", "");
  for (Body& metric : body.objects("metrics", mappings_max)) {
    type.metrics.push_back(mapping_of(metric));
    body.take(metric.fault());
  }
  if (const auto fault = body.fault()) return *fault;
  if (format != "json" && format != "senml")
    return Error{Outcome::invalid, "\"format\" must be \"json\" or \"senml\"."};
  if (format == "senml") type.format = business::Format::senml;
  if (encryption != "none" && encryption != "aes256gcm")
    return Error{Outcome::invalid, "\"encryption\" must be \"none\" or \"aes256gcm\"."};
  if (encryption == "aes256gcm") type.encryption = business::Encryption::aes256gcm;
  const auto created = call.house.business.create(type);
  if (!created) return created.error();
  return answer(201, json_of(type));
}

Result<Answer> change_device_type(Call& call) {
  const business::DeviceType* known =
      call.house.registry.device_type(call.company, call.parameters[0]);
  if (known == nullptr) {
    return Error{Outcome::not_found,
                 "There is no such device type: GET /api/v1/device-types lists those that exist."};
  }
  if (auto refused = refused_by_precondition(call, json_of(*known))) return std::move(*refused);
  business::DeviceType type = *known;
  Body body(call.request.body);
  type.sequence = body.text_or("sequence", type.sequence);
  if (const auto fault = body.fault()) return *fault;
  const auto updated = call.house.business.update(type);
  if (!updated) return updated.error();
  Answer changed = answer(200, json_of(type));
  changed.headers.push_back(etag_header(json_of(type)));
  return changed;
}

}  // namespace cauce::api

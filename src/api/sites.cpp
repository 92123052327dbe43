#include "api/body.h"
#include "api/handlers.h"
#include "api/json.h"
#include "api/query.h"

namespace cauce::api {
namespace {

Json json_of(const business::Site& site) {
  return {{"company", site.company},
          {"name", site.name},
          {"title", site.title},
          {"time_zone", site.time_zone}};
}

}  // namespace

Result<Answer> list_sites(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto after = cursor_of(call);
  if (!after) return after.error();
  const auto page = page_of(call.house.registry.sites(call.company), *after, *limit);
  Json items = Json::array();
  for (const business::Site* site : page.items) {
    items.push_back(json_of(*site));
  }
  return answer(200, {{"items", items}, {"next", next_of(page.next)}});
}

Result<Answer> create_site(Call& call) {
  Body body(call.request.body);
  business::Site site;
  site.company = call.company;
  site.name = body.text("name");
  site.title = body.text_or("title", site.name);
  site.time_zone = body.text_or("time_zone", "UTC");
  if (const auto fault = body.fault()) return *fault;
  const auto created = call.house.business.create(site);
  if (!created) return created.error();
  return answer(201, json_of(site));
}

}  // namespace cauce::api

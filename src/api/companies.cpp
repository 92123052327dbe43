#include "api/body.h"
#include "api/handlers.h"
#include "api/json.h"
#include "api/query.h"

namespace cauce::api {
namespace {

Json json_of(const business::Company& company) {
  return {{"name", company.name}, {"title", company.title}};
}

}  // namespace

Result<Answer> list_companies(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto after = cursor_of(call);
  if (!after) return after.error();
  std::vector<const business::Company*> seen;
  for (const business::Company* company : call.house.registry.companies()) {
    if (call.caller.sees_all() || company->name == call.caller.company) seen.push_back(company);
  }
  const auto page = page_of(std::move(seen), *after, *limit);
  Json items = Json::array();
  for (const business::Company* company : page.items) {
    items.push_back(json_of(*company));
  }
  return answer(200, {{"items", items}, {"next", next_of(page.next)}});
}

Result<Answer> create_company(Call& call) {
  if (!call.caller.sees_all())
    return Error{Outcome::denied, "Only the owner of the installation may create companies."};
  Body body(call.request.body);
  business::Company company;
  company.name = body.text("name");
  company.title = body.text_or("title", company.name);
  if (const auto fault = body.fault()) return *fault;
  const auto created = call.house.business.create(company);
  if (!created) return created.error();
  return answer(201, json_of(company));
}

}  // namespace cauce::api

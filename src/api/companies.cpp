#include <fmt/core.h>

#include "api/body.h"
#include "api/handlers.h"
#include "api/json.h"
#include "api/limits.h"
#include "api/query.h"
#include "crypto/certificate.h"

namespace cauce::api {
namespace {

Json json_of(const business::Company& company) {
  Json json = {{"name", company.name}, {"title", company.title}, {"authority", Json()}};
  const auto authority = crypto::read_certificate(company.authority);
  if (authority) {
    json.set("authority",
             Json{{"subject", authority->subject}, {"until", format_time(authority->until)}});
  }
  json.set("limits", api::json_of(company.limits));
  return json;
}

// A certificate in PEM that may sign others; an empty text takes away what there was. Two companies
// with one authority could not be told apart by what it signs.
Result<Bytes> authority_of(const Call& call, const std::string& company, std::string_view pem) {
  if (pem.empty()) return Bytes{};
  const auto invalid = [](std::string_view why) {
    return Error{Outcome::invalid, fmt::format("\"authority\": {}.", why)};
  };
  auto der = crypto::certificate_from_pem(pem);
  if (!der) return invalid(der.error().message);
  const auto given = crypto::read_certificate(*der);
  if (!given) return invalid(given.error().message);
  if (!given->is_authority)
    return invalid("this certificate may not sign others: it has no basicConstraints CA:TRUE");
  for (const business::Company* other : call.house.registry.companies()) {
    const auto theirs = crypto::read_certificate(other->authority);
    if (theirs && other->name != company && theirs->key_hash == given->key_hash)
      return Error{Outcome::conflict,
                   "\"authority\": another company has it: make one of its own."};
  }
  return der;
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

Result<Answer> change_company(Call& call) {
  if (!call.caller.sees_all())
    return Error{Outcome::denied, "Only the owner of the installation may change companies."};
  const business::Company* known = call.house.registry.company(call.parameters[0]);
  if (known == nullptr) return Error{Outcome::not_found, "There is no such company."};
  business::Company company = *known;
  Body body(call.request.body);
  company.title = body.text_or("title", company.title);
  const auto pem = body.optional_text("authority");
  change_limits(body, company.limits);
  if (const auto fault = body.fault()) return *fault;
  if (pem) {
    auto authority = authority_of(call, company.name, *pem);
    if (!authority) return authority.error();
    company.authority = *std::move(authority);
  }
  const auto updated = call.house.business.update(company);
  if (!updated) return updated.error();
  return answer(200, json_of(company));
}

Result<Answer> create_company(Call& call) {
  if (!call.caller.sees_all())
    return Error{Outcome::denied, "Only the owner of the installation may create companies."};
  Body body(call.request.body);
  business::Company company;
  company.name = body.text("name");
  company.title = body.text_or("title", company.name);
  change_limits(body, company.limits);
  if (const auto fault = body.fault()) return *fault;
  const auto created = call.house.business.create(company);
  if (!created) return created.error();
  return answer(201, json_of(company));
}

}  // namespace cauce::api

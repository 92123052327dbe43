#include "api/limits.h"

namespace cauce::api {

bool change_limits(Body& body, business::Limits& limits) {
  if (body.is_null("limits")) {
    limits = {};
    return true;
  }
  auto given = body.optional_object("limits");
  if (!given) return false;
  for (const business::LimitMember& member : business::limit_members)
    given->change_count(member.name, limits.*member.value, member.most);
  body.take(given->fault());
  return true;
}

bool may_limit(const Caller& caller) {
  return caller.access == business::Access::owner;
}

Error refuse_to_limit() {
  return {Outcome::denied, "\"limits\": only an owner may set the limits of devices."};
}

Json json_of(const business::Limits& limits) {
  Json json = Json::object();
  for (const business::LimitMember& member : business::limit_members) {
    const auto value = limits.*member.value;
    json.set(member.name, value ? Json(*value) : Json());
  }
  return json;
}

}  // namespace cauce::api

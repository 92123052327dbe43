// Who may sign in. An owner of a company manages the users of that company; the owner of the
// installation all of them.
#include <fmt/core.h>

#include "api/access.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/session.h"
#include "api/sign_in.h"

namespace cauce::api {
namespace {

Json json_of(const business::User& user) {
  return {{"name", user.name},
          {"company", user.company.empty() ? Json() : Json(user.company)},
          {"access", name_of(user.access)},
          {"enabled", user.enabled},
          {"created_at", format_time(user.created_at)}};
}

bool manages(const Caller& caller, const business::User& user) {
  return caller.sees_all() || user.company == caller.company;
}

Error unknown_user() {
  return {Outcome::not_found, "There is no such user: GET /api/v1/users lists those that exist."};
}

// The user, or the `not_found` that a foreign one gives as well.
Result<const business::User*> user_of(const Call& call) {
  const business::User* user = call.house.registry.user(lower_case(call.parameters[0]));
  if (user == nullptr || !manages(call.caller, *user)) return unknown_user();
  return user;
}

void read_access(Body& body, business::Access& target) {
  const auto named = body.optional_text("access");
  if (!named) return;
  for (const auto access :
       {business::Access::viewer, business::Access::operator_, business::Access::owner}) {
    if (*named != name_of(access)) continue;
    target = access;
    return;
  }
  body.take(Error{Outcome::invalid, "\"access\" must be viewer, operator or owner."});
}

Error unfit_password() {
  return {Outcome::invalid, fmt::format("\"password\" must have {} to {} bytes.",
                                        crypto::password_bytes_min, crypto::password_bytes_max)};
}

bool fits(const std::string& password) {
  return password.size() >= crypto::password_bytes_min &&
         password.size() <= crypto::password_bytes_max;
}

// Hashes the password, then saves and answers.
Result<Answer> with_hash(Call& call, const std::string& password,
                         std::function<Result<Answer>(const std::string& hash)> save) {
  const auto queued = call.sign_in.passwords.hash(
      password, [save = std::move(save), finish = call.finish](const Result<std::string>& hash) {
        return settle(finish, hash ? save(*hash) : Result<Answer>{hash.error()});
      });
  if (!queued) return queued.error();
  return Answer::deferred();
}

}  // namespace

Result<Answer> list_users(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const std::string after = parameter(call, "after");
  if (!after.empty() && !business::is_user_name(after)) return damaged_cursor();
  const std::string named = parameter(call, "company");
  if (!named.empty()) {
    const auto company = company_of(call.caller, named, call.house.registry, call.options.open);
    if (!company) return company.error();
  }
  std::vector<const business::User*> seen;
  for (const business::User* user : call.house.registry.users()) {
    if (manages(call.caller, *user) && (named.empty() || user->company == named))
      seen.push_back(user);
  }
  const auto page = page_of(std::move(seen), after, *limit);
  Json items = Json::array();
  for (const business::User* user : page.items) {
    items.push_back(json_of(*user));
  }
  return answer(200, {{"items", items}, {"next", next_of(page.next)}});
}

Result<Answer> create_user(Call& call) {
  Body body(call.request.body);
  business::User user;
  user.name = lower_case(body.text("name"));
  const std::string password = body.text("password");
  read_access(body, user.access);
  const bool everywhere = body.optional_boolean("whole_installation").value_or(false);
  if (const auto fault = body.fault()) return *fault;
  if (!business::is_user_name(user.name))
    return Error{Outcome::invalid,
                 fmt::format("\"name\" must be a name or an e-mail address: 1 to {} of a-z 0-9 _ "
                             "- . + @, beginning with a letter or a digit.",
                             business::user_name_bytes_max)};
  if (!fits(password)) return unfit_password();
  const std::string named = parameter(call, "company");
  if (everywhere && (!call.caller.sees_all() || !named.empty()))
    return Error{Outcome::denied,
                 "A user of the whole installation has no company, and only its owner makes one."};
  if (!everywhere) {
    const auto company = company_of(call.caller, named, call.house.registry, call.options.open);
    if (!company) return company.error();
    user.company = *company;
  }
  user.created_at = call.house.clock.now();
  return with_hash(call, password,
                   [&house = call.house, user](const std::string& hash) -> Result<Answer> {
                     business::User hashed = user;
                     hashed.password_hash = hash;
                     if (const auto made = house.business.create(hashed); !made)
                       return made.error();
                     return answer(201, json_of(hashed));
                   });
}

Result<Answer> change_user(Call& call) {
  const auto known = user_of(call);
  if (!known) return known.error();
  Body body(call.request.body);
  business::User wanted = **known;
  read_access(body, wanted.access);
  wanted.enabled = body.optional_boolean("enabled").value_or(wanted.enabled);
  const auto password = body.optional_text("password");
  if (const auto fault = body.fault()) return *fault;
  if (password && !fits(*password)) return unfit_password();
  const auto save = [&house = call.house, wanted](const std::string& hash) -> Result<Answer> {
    business::User changed = wanted;
    if (!hash.empty()) changed.password_hash = hash;
    if (const auto updated = house.business.update(changed); !updated) return updated.error();
    return answer(200, json_of(changed));
  };
  return password ? with_hash(call, *password, save) : save({});
}

Result<Answer> remove_user(Call& call) {
  const auto known = user_of(call);
  if (!known) return known.error();
  const std::string name = (*known)->name;
  if (const auto removed = call.house.business.remove_user(name); !removed) return removed.error();
  return Answer{.status = 204};
}

}  // namespace cauce::api

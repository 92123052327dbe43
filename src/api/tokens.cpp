// Access tokens of a company: shown once when they are made, kept as a hash, named by an id that
// tells nothing about either.
#include <fmt/core.h>

#include "api/access.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/json.h"
#include "api/query.h"
#include "crypto/crypto.h"

namespace cauce::api {
namespace {

constexpr std::size_t id_bytes = 8;

// Hashed once more: with the hash alone one could check guesses against a copy of the store.
std::string id_of(const business::AccessToken& token) {
  return to_hex(crypto::sha256("access token id " + token.token_hash).substr(0, id_bytes));
}

struct Listed {
  std::string name;
  const business::AccessToken* token;
};

std::vector<Listed> tokens_of(const Call& call) {
  std::vector<Listed> listed;
  for (const business::AccessToken* token : call.house.registry.access_tokens()) {
    const bool is_session = !token->user.empty();
    if (token->company == call.company && !is_session) listed.push_back({id_of(*token), token});
  }
  return listed;
}

Json shown(const business::AccessToken& token, const std::string& id) {
  return {{"id", id},
          {"company", token.company},
          {"title", token.title},
          {"access", name_of(token.access)},
          {"expires_at", json_of(token.expires_at)},
          {"once", token.once}};
}

Result<business::Access> access_of(const std::string& text) {
  for (const auto access :
       {business::Access::viewer, business::Access::operator_, business::Access::owner}) {
    if (text == name_of(access)) return access;
  }
  return Error{Outcome::invalid, "\"access\" must be \"viewer\", \"operator\" or \"owner\"."};
}

Result<std::optional<Time>> expiry_of(const std::optional<std::string>& text, Time now) {
  if (!text) return std::optional<Time>();
  const Result<Time> time = parse_time(*text);
  if (!time || *time <= now)
    return Error{Outcome::invalid,
                 "\"expires_at\" must be a time to come, such as 2027-11-21T23:48:40Z."};
  return std::optional<Time>(*time);
}

}  // namespace

Result<Answer> list_tokens(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto after = cursor_of(call);
  if (!after) return after.error();
  const std::vector<Listed> listed = tokens_of(call);
  std::vector<const Listed*> all;
  for (const Listed& item : listed) {
    all.push_back(&item);
  }
  const auto page = page_of(std::move(all), *after, *limit);
  Json items = Json::array();
  for (const Listed* item : page.items) {
    items.push_back(shown(*item->token, item->name));
  }
  return answer(200, {{"items", items}, {"next", next_of(page.next)}});
}

Result<Answer> create_token(Call& call) {
  Body body(call.request.body);
  const std::string title = body.text("title");
  const auto access = access_of(body.text_or("access", "viewer"));
  const auto expires_at = expiry_of(body.optional_text("expires_at"), call.house.clock.now());
  if (!access) body.take(access.error());
  if (!expires_at) body.take(expires_at.error());
  if (const auto fault = body.fault()) return *fault;
  if (tokens_of(call).size() >= call.options.company_tokens_max)
    return Error{Outcome::conflict,
                 fmt::format("The company has {} tokens, the limit: delete one that is not needed.",
                             call.options.company_tokens_max)};
  const std::string secret = crypto::make_token(call.house.random);
  business::AccessToken token;
  token.token_hash = crypto::sha256(secret);
  token.company = call.company;
  token.access = *access;
  token.title = title;
  token.expires_at = *expires_at;
  const auto created = call.house.business.create(token);
  if (!created) return created.error();
  Json json = shown(token, id_of(token));
  json.set("token", secret);
  return answer(201, json);
}

Result<Answer> remove_token(Call& call) {
  for (const Listed& item : tokens_of(call)) {
    if (item.name != call.parameters[0]) continue;
    const Bytes hash = item.token->token_hash;
    const auto removed = call.house.business.remove_token(hash);
    if (!removed) return removed.error();
    return Answer{.status = 204};
  }
  return Error{Outcome::not_found,
               "There is no such token: GET /api/v1/tokens lists those that exist."};
}

}  // namespace cauce::api

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/json.h"
#include "crypto/crypto.h"

namespace cauce::api {
namespace {

Json session_of(std::string_view company, business::Access access, std::string_view title) {
  return {{"company", company.empty() ? Json() : Json(company)},
          {"access", name_of(access)},
          {"title", title}};
}

// The page cannot read its cookie, so a fault in the page cannot lose the token.
std::pair<std::string, std::string> cookie(std::string_view token, Duration span) {
  return {"Set-Cookie",
          fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict", cookie_name, token,
                      std::chrono::duration_cast<std::chrono::seconds>(span).count())};
}

struct Opened {
  business::AccessToken known;
  std::string token;
  bool fresh = false;
};

// Gives a fresh token for one that is valid for one exchange, and removes that one. Should we die
// between the two, the key still works: better than an owner locked out.
Result<Opened> exchange(const Call& call, const business::AccessToken& once) {
  Opened opened{once, crypto::make_token(call.house.random), true};
  opened.known.once = false;
  opened.known.token_hash = crypto::sha256(opened.token);
  opened.known.expires_at.reset();
  const Bytes spent = once.token_hash;
  const auto created = call.house.business.create(opened.known);
  if (!created) return created.error();
  const auto removed = call.house.business.remove_token(spent);
  if (removed) return opened;
  const auto undone = call.house.business.remove_token(opened.known.token_hash);
  return undone ? removed.error() : undone.error();
}

Result<Opened> opened_by(const Call& call, const std::string& key, const std::string& token) {
  const Error refused{
      Outcome::denied,
      "This key or token is not valid, or no longer: a key opens one session only."};
  const bool by_key = !key.empty();
  const auto* known = call.house.registry.access_token(crypto::sha256(by_key ? key : token));
  if (known == nullptr || known->once != by_key) return refused;
  if (known->expires_at && *known->expires_at <= call.house.clock.now()) return refused;
  if (by_key) return exchange(call, *known);
  return Opened{*known, token, false};
}

}  // namespace

Result<Answer> show_session(Call& call) {
  Json json = session_of(call.caller.company, call.caller.access, call.caller.title);
  json["open"] = call.options.open;
  return answer(200, json);
}

Result<Answer> open_session(Call& call) {
  Body body(call.request.body);
  const std::string key = body.text_or("key", "");
  const std::string token = body.text_or("token", "");
  if (const auto fault = body.fault()) return *fault;
  if (key.empty() == token.empty())
    return Error{Outcome::invalid, "The body needs either \"key\" or \"token\"."};
  const auto opened = opened_by(call, key, token);
  if (!opened) return opened.error();
  Json json = session_of(opened->known.company, opened->known.access, opened->known.title);
  if (opened->fresh) json["token"] = opened->token;
  Answer made = answer(201, json);
  // Another site can cause this request too; it must not choose whose session the page is in.
  if (comes_from_own_page(call.request))
    made.headers.push_back(cookie(opened->token, call.options.session_span));
  return made;
}

Result<Answer> close_session(Call& call) {
  Answer closed{.status = 204};
  if (comes_from_own_page(call.request)) closed.headers.push_back(cookie("", Duration{0}));
  return closed;
}

}  // namespace cauce::api

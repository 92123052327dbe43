#include "api/session.h"

#include <fmt/core.h>

#include "api/access.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/json.h"
#include "api/sign_in.h"
#include "crypto/crypto.h"

namespace cauce::api {
Json session_json(std::string_view company, business::Access access, std::string_view title) {
  return {{"company", company.empty() ? Json() : Json(company)},
          {"access", name_of(access)},
          {"title", title}};
}

std::pair<std::string, std::string> session_cookie(std::string_view token, Duration span,
                                                   Cookie cookie) {
  return {"Set-Cookie",
          fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie_name, token,
                      std::chrono::duration_cast<std::chrono::seconds>(span).count(),
                      cookie == Cookie::secure ? "; Secure" : "")};
}

namespace {

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
  if (by_key) {
    if (known->expires_at && *known->expires_at <= call.house.clock.now()) return refused;
    return exchange(call, *known);
  }
  const auto caller = caller_of(*known, call.house.registry, call.house.clock.now());
  if (!caller) return refused;
  Opened opened{*known, token, false};
  opened.known.company = caller->company;
  opened.known.access = caller->access;
  return opened;
}

}  // namespace

Result<Answer> show_session(Call& call) {
  Json json = session_json(call.caller.company, call.caller.access, call.caller.title);
  json.set("open", call.options.open);
  return answer(200, json);
}

Result<Answer> open_session(Call& call) {
  Body body(call.request.body);
  const std::string key = body.text_or("key", "");
  const std::string token = body.text_or("token", "");
  const std::string user = lower_case(body.text_or("user", ""));
  const std::string password = body.text_or("password", "");
  if (const auto fault = body.fault()) return *fault;
  const int ways = int(!key.empty()) + int(!token.empty()) + int(!user.empty());
  if (ways != 1 || user.empty() != password.empty())
    return Error{Outcome::invalid,
                 "The body needs \"user\" and \"password\", or \"key\", or \"token\"."};
  if (!user.empty()) {
    const Cookie cookie = cookie_for(call.request);
    return with_password(
        call, user, password,
        [&house = call.house, &options = call.options, cookie](const business::User& known) {
          return open_user_session(house, options, known, 201, cookie);
        });
  }
  const auto opened = opened_by(call, key, token);
  if (!opened) return opened.error();
  Json json = session_json(opened->known.company, opened->known.access, opened->known.title);
  if (opened->fresh) json.set("token", opened->token);
  Answer made = answer(201, json);
  // Another site can cause this request too; it must not choose whose session the page is in.
  if (const Cookie cookie = cookie_for(call.request); cookie != Cookie::none)
    made.headers.push_back(session_cookie(opened->token, call.options.session_span, cookie));
  return made;
}

Result<Answer> change_password(Call& call) {
  Body body(call.request.body);
  const std::string password = body.text("password");
  const std::string fresh = body.text("new_password");
  if (const auto fault = body.fault()) return *fault;
  if (call.caller.user.empty())
    return Error{Outcome::invalid, "This token is no user's, so it has no password."};
  // Two pieces of work one after the other; the answer comes after the second.
  const auto save =
      [&house = call.house, &options = call.options, name = call.caller.user,
       cookie = cookie_for(call.request)](const Result<std::string>& hash) -> Result<Answer> {
    if (!hash) return hash.error();
    if (const auto refreshed = house.registry.refresh(); !refreshed) return refreshed.error();
    const business::User* known = house.registry.user(name);
    if (known == nullptr) return Error{Outcome::not_found, "This user has been removed."};
    business::User changed = *known;
    changed.password_hash = *hash;
    if (const auto updated = house.business.update(changed); !updated) return updated.error();
    return open_user_session(house, options, changed, 200, cookie);
  };
  const auto rehash = [&sign_in = call.sign_in, fresh, save,
                       finish = call.finish](const business::User&) -> Result<Answer> {
    const auto queued = sign_in.passwords.hash(
        fresh, [save, finish](const auto& hash) { return settle(finish, save(hash)); });
    if (!queued) return queued.error();
    return Answer::deferred();
  };
  return with_password(call, call.caller.user, password, rehash);
}

Result<Answer> close_session(Call& call) {
  Answer closed{.status = 204};
  bool by_cookie = false;
  const std::string token = token_of(call.request, by_cookie);
  const bool own_page = comes_from_own_page(call.request);
  const auto* known = call.house.registry.access_token(crypto::sha256(token));
  // A user can sign in again; a token that was made by hand is all that its holder has.
  if (known != nullptr && !known->user.empty() && (own_page || !by_cookie)) {
    const Bytes hash = known->token_hash;
    if (const auto ended = call.house.business.remove_token(hash); !ended) return ended.error();
  }
  if (own_page) closed.headers.push_back(session_cookie("", Duration{0}, cookie_for(call.request)));
  return closed;
}

// Whoever lost the first link, and the login it gave: an owner, or the command line, makes another.
Result<Answer> create_owner_link(Call& call) {
  if (!call.caller.sees_all())
    return Error{Outcome::denied, "Only the owner of the installation may make owner's links."};
  if (const auto fault = Body(call.request.body.empty() ? "{}" : call.request.body).fault())
    return *fault;
  std::vector<Bytes> lost;
  for (const business::AccessToken* token : call.house.registry.access_tokens()) {
    if (token->once && token->company.empty()) lost.push_back(token->token_hash);
  }
  for (const Bytes& hash : lost) {
    if (const auto ended = call.house.business.remove_token(hash); !ended) return ended.error();
  }
  const std::string key = crypto::make_token(call.house.random);
  business::AccessToken link;
  link.token_hash = crypto::sha256(key);
  link.access = business::Access::owner;
  link.title = "owner's link";
  link.once = true;
  link.expires_at = call.house.clock.now() + call.options.owner_link_span;
  if (const auto created = call.house.business.create(link); !created) return created.error();
  return answer(201, {{"key", key}, {"expires_at", format_time(*link.expires_at)}});
}

}  // namespace cauce::api

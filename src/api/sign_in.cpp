#include "api/sign_in.h"

#include <fmt/core.h>

#include "api/access.h"
#include "api/json.h"
#include "api/session.h"
#include "crypto/crypto.h"

namespace cauce::api {
namespace {

Error refused() {
  return {Outcome::denied, "User name and password do not match, or this user may not sign in."};
}

Answer must_wait(Duration span) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(span).count();
  Answer answer{.status = 429};
  answer.refusal = fmt::format("Too many attempts failed: try again in {} s.", seconds);
  answer.headers.emplace_back("Retry-After", std::to_string(seconds));
  return answer;
}

}  // namespace

Result<void> settle(const Finish& finish, const Result<Answer>& answer) {
  if (answer && answer->later) return {};
  finish(answer);
  if (answer) return {};
  return answer.error();
}

std::string address_of(const net::Request& request) {
  std::string address = request.peer.substr(0, request.peer.rfind(':'));
  const bool is_loopback = address.starts_with("127.") || address == "[::1]" || address == "::1";
  const auto header = request.headers.find("x-forwarded-for");
  if (!is_loopback || header == request.headers.end()) return address;
  const std::string& list = header->second;
  const std::size_t last = list.find_last_of(", ");
  constexpr std::size_t address_bytes_max = 64;
  return list.substr(last == std::string::npos ? 0 : last + 1, address_bytes_max);
}

std::string lower_case(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

Result<Answer> with_password(Call& call, const std::string& user, const std::string& password,
                             std::function<Result<Answer>(const business::User& user)> then) {
  SignIn& sign_in = call.sign_in;
  const Duration now = call.house.clock.elapsed();
  const std::string address = address_of(call.request);
  const Bytes name = crypto::sha256(user);  // however long the name is that somebody makes up
  const Duration wait =
      std::max(sign_in.users.wait_of(name, now), sign_in.addresses.wait_of(address, now));
  if (wait > Duration{0}) return must_wait(wait);
  const business::User* known = call.house.registry.user(user);
  const bool may_enter = known != nullptr && known->enabled;
  const std::string hash = may_enter ? known->password_hash : std::string{};
  const auto queued = sign_in.passwords.verify(
      password, hash,
      [&sign_in, &house = call.house, user, name, address, hash, then = std::move(then),
       finish = call.finish](bool matches) -> Result<void> {
        if (const auto refreshed = house.registry.refresh(); !refreshed)
          return settle(finish, refreshed.error());
        // He may have been disabled, or got another password, meanwhile.
        const business::User* found = house.registry.user(user);
        if (!matches || found == nullptr || !found->enabled || found->password_hash != hash)
          return settle(finish, refused());
        sign_in.users.forgive(name);
        sign_in.addresses.forgive(address);
        return settle(finish, then(*found));
      });
  if (!queued) return queued.error();
  sign_in.users.count(name, now);
  sign_in.addresses.count(address, now);
  return Answer::deferred();
}

Result<Answer> open_user_session(const House& house, const Options& options,
                                 const business::User& user, int status, Cookie cookie) {
  business::AccessToken session;
  const std::string token = crypto::make_token(house.random);
  session.token_hash = crypto::sha256(token);
  session.company = user.company;
  session.access = user.access;
  session.title = user.name;
  session.expires_at = house.clock.now() + options.session_span;
  session.user = user.name;
  const auto created = house.business.create(session);
  if (!created) return created.error();
  Json json = session_json(user.company, user.access, user.name);
  // The page has it in its cookie, where a fault in the page cannot lose it.
  if (cookie == Cookie::none) json.set("token", token);
  Answer made = answer(status, json);
  if (cookie != Cookie::none) {
    made.headers.push_back(session_cookie(token, options.session_span, cookie));
  }
  return made;
}

}  // namespace cauce::api

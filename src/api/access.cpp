#include "api/access.h"

#include "crypto/crypto.h"

namespace cauce::api {
namespace {

std::string cookie_of(std::string_view header) {
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    std::string_view pair = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
    while (pair.starts_with(' ')) {
      pair.remove_prefix(1);
    }
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == cookie_name)
      return std::string(pair.substr(equals + 1));
  }
  return {};
}

std::string header_of(const net::Request& request, std::string_view name) {
  const auto found = request.headers.find(std::string(name));
  return found == request.headers.end() ? std::string{} : found->second;
}

int rank(business::Access access) {
  return static_cast<int>(access);
}

bool reaches(business::Access access, Need need) {
  switch (need) {
    case Need::nobody: return true;
    case Need::viewer: return rank(access) >= rank(business::Access::viewer);
    case Need::operator_: return rank(access) >= rank(business::Access::operator_);
    case Need::owner: return rank(access) >= rank(business::Access::owner);
  }
  return false;
}

}  // namespace

std::string_view name_of(business::Access access) {
  switch (access) {
    case business::Access::viewer: return "viewer";
    case business::Access::operator_: return "operator";
    case business::Access::owner: return "owner";
  }
  return "viewer";
}

bool comes_from_own_page(const net::Request& request) {
  return header_of(request, own_page_header) == own_page_value;
}

Cookie cookie_for(const net::Request& request) {
  if (!comes_from_own_page(request)) return Cookie::none;
  return request.encrypted ? Cookie::secure : Cookie::plain;
}

std::string token_of(const net::Request& request, bool& by_cookie) {
  by_cookie = false;
  const std::string header = header_of(request, "authorization");
  constexpr std::string_view scheme = "bearer ";
  std::string start = header.substr(0, scheme.size());
  for (char& letter : start) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  if (start == scheme) return header.substr(scheme.size());
  std::string token = cookie_of(header_of(request, "cookie"));
  by_cookie = !token.empty();
  return token;
}

Result<Caller> recognise(const net::Request& request, const business::Registry& registry,
                         Time now) {
  Caller caller;
  const std::string token = token_of(request, caller.by_cookie);
  if (token.empty())
    return Error{Outcome::denied,
                 "This needs a token: send it as \"Authorization: Bearer TOKEN\"."};
  const Bytes token_hash = crypto::sha256(token);
  const business::AccessToken* known = registry.access_token(token_hash);
  auto found = known == nullptr ? std::nullopt : caller_of(*known, registry, now);
  if (!found)
    return Error{Outcome::denied, "This token is not valid, or no longer: ask an owner for one."};
  found->by_cookie = caller.by_cookie;
  found->token_hash = token_hash;
  return *found;
}

std::optional<Caller> caller_of(const business::AccessToken& token,
                                const business::Registry& registry, Time now) {
  if (token.once || (token.expires_at && *token.expires_at <= now)) return std::nullopt;
  Caller caller;
  caller.company = token.company;
  caller.access = token.access;
  caller.title = token.title;
  caller.user = token.user;
  if (token.user.empty()) return caller;
  const business::User* user = registry.user(token.user);
  if (user == nullptr || !user->enabled) return std::nullopt;
  caller.company = user->company;
  caller.access = user->access;
  return caller;
}

Result<void> admit(const Caller& caller, const Route& route, const net::Request& request) {
  if (caller.by_cookie && route.method != "GET" && !comes_from_own_page(request))
    return Error{Outcome::denied,
                 "A change with the cookie needs the header \"X-Requested-With: cauce\"."};
  if (reaches(caller.access, route.need)) return {};
  return Error{Outcome::denied, route.need == Need::owner
                                    ? "Only an owner may do this."
                                    : "A viewer may not change anything: use an operator's token."};
}

Result<std::string> company_of(const Caller& caller, std::string_view named,
                               const business::Registry& registry, bool open) {
  const Error unknown{Outcome::not_found, "There is no such company."};
  if (!caller.sees_all()) {
    if (!named.empty() && named != caller.company) return unknown;
    return caller.company;
  }
  if (!named.empty()) {
    const bool exists =
        registry.company(named) != nullptr || (open && named == business::open_company);
    if (!exists) return unknown;
    return std::string(named);
  }
  const auto companies = registry.companies();
  if (companies.size() == 1) return companies.front()->name;
  if (companies.empty() && open) return std::string(business::open_company);
  if (companies.empty())
    return Error{Outcome::not_found,
                 "There is no company yet: create one with POST /api/v1/companies."};
  return Error{Outcome::invalid,
               "There are several companies: name one with ?company=, see /api/v1/companies."};
}

}  // namespace cauce::api

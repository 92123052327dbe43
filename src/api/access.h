// Who asks, what he may do and about which company: the only place where companies are kept apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"
#include "api/routes.h"

namespace cauce::api {

std::string_view name_of(business::Access access);

constexpr std::string_view cookie_name = "cauce_token";
// A cookie is sent by the browser whoever caused the request, so a change needs this header too,
// which another site cannot add.
constexpr std::string_view own_page_header = "x-requested-with";
constexpr std::string_view own_page_value = "cauce";

bool comes_from_own_page(const net::Request& request);

// What a session that this request opens is kept in.
enum class Cookie {
  none,  // not the page's: it gets the token itself
  plain,
  secure,  // for connections by TLS only
};
Cookie cookie_for(const net::Request& request);

// The token of the header `Authorization: Bearer …`, or else of the cookie; empty without either.
std::string token_of(const net::Request& request, bool& by_cookie);

// `denied` when there is no token, or none that is valid now: HTTP 401. A token that is valid for
// one exchange only opens nothing else.
Result<Caller> recognise(const net::Request& request, const business::Registry& registry, Time now);

// Who holds this token: what it says, or what its user may do now. nullopt when it is not valid
// now.
std::optional<Caller> caller_of(const business::AccessToken& token,
                                const business::Registry& registry, Time now);

// `denied` when this caller may not use this route: HTTP 403.
Result<void> admit(const Caller& caller, const Route& route, const net::Request& request);

// The company that the call is about. `not_found`, in the same words, for one that does not exist
// and for one that is not the caller's; `invalid` when it has to be named.
Result<std::string> company_of(const Caller& caller, std::string_view named,
                               const business::Registry& registry, bool open);

}  // namespace cauce::api

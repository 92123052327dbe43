// Links that show one thing to whoever has them, without a token, until a moment: in an <img>, a
// mail, a wiki. The signature is an HMAC over the path, the company, the moment, and when the thing
// was made: a link ends with what it shows, and one that is made again needs new links. Nothing is
// kept of a link.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"

namespace cauce::api {

// "company=acme&until=1800000000&signature=…": what follows the '?' of `path`.
std::string link_query(BytesView key, std::string_view path, std::string_view company, Time made_at,
                       Time until);

// Whether the request comes by a link, be it a valid one.
bool comes_by_link(const net::Request& request);

// The company that a link names, be it a valid one.
std::string company_by_link(const net::Request& request);

// A viewer of the link's company. `made_at`: of what it shows; nullopt when there is no such thing.
// denied: the link was changed, or is over.
Result<Caller> caller_by_link(const net::Request& request, BytesView key,
                              std::optional<Time> made_at, Time now);

}  // namespace cauce::api

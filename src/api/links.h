// Links that show one thing to whoever has them, without a token, until a moment: in an <img>, a
// mail, a wiki. The signature is an HMAC over the path, the company and the moment; nothing is
// kept of a link, so nothing but its end and the key end it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"

namespace cauce::api {

// "company=acme&until=1800000000&signature=…": what follows the '?' of `path`.
std::string link_query(BytesView key, std::string_view path, std::string_view company, Time until);

// Whether the request comes by a link, be it a valid one.
bool comes_by_link(const net::Request& request);

// A viewer of the link's company. denied: the link was changed, or is over.
Result<Caller> caller_by_link(const net::Request& request, BytesView key, Time now);

}  // namespace cauce::api

// HTTP out of what handlers give. Every failure is application/problem+json (RFC 9457) whose
// `instance` is the id of the request, which the log has too.
#pragma once

#include <string_view>

#include "api/call.h"

namespace cauce::api {

// `members`: an object with more of it.
net::Response problem(int status, std::string_view detail, std::string_view request_id,
                      const Json& members = Json::object());
// The status follows from the outcome. What went wrong inside is logged, not told.
net::Response problem(const Error& error, std::string_view request_id);
net::Response respond(const Result<Answer>& result, std::string_view request_id);

// Headers that every response has. A Cache-Control of its own stays.
void add_common_headers(net::Response& response, std::string_view request_id);

}  // namespace cauce::api

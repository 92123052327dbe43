// How a session is told: as JSON, and as the page's cookie.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "api/access.h"
#include "api/json.h"

namespace cauce::api {

// {"company", "access", "title"}; the company is null for the whole installation.
Json session_json(std::string_view company, business::Access access, std::string_view title);

// The page cannot read its cookie, so a fault in the page cannot lose the token. No span: forget.
// One that came by TLS never goes in the clear afterwards.
std::pair<std::string, std::string> session_cookie(std::string_view token, Duration span,
                                                   Cookie cookie);

}  // namespace cauce::api

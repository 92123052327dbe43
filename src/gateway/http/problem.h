// What a device is answered when its request is not served: application/problem+json (RFC 9457), as
// the REST interface does it.
#pragma once

#include <string_view>

#include "net/http.h"

namespace cauce::gateway::http {

// `instance` is the id of the request. A 401 asks for a token; a 503 names when to try again.
net::Response problem(int status, std::string_view detail, std::string_view instance);

}  // namespace cauce::gateway::http

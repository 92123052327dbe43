// What a device is answered when its request is not served: application/problem+json (RFC 9457), as
// the REST interface does it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "gateway/http/body.h"
#include "net/http.h"

namespace cauce::gateway::http {

// What a request that was not served to its end has left in the stream.
struct Stored {
  std::uint64_t messages = 0;
  std::uint64_t line = 0;  // of the last of them; 0: none
};

// `instance` is the id of the request. A 401 asks for a token; a 415 offers what
// is known; a 503 names when to try again.
net::Response problem(int status, std::string_view detail, std::string_view instance);
net::Response problem(const Refusal& refusal, const Stored& stored, std::string_view instance);

// 405: the path knows `method` only.
net::Response wrong_method(std::string_view method, std::string_view instance);

// What waits for a device, of which there may be more than it brings.
net::Response commands_answer(const Json& commands, std::string_view instance);

// So many messages are durable.
net::Response accepted(std::uint64_t messages, std::string_view instance);

}  // namespace cauce::gateway::http

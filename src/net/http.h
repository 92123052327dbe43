// An HTTP/1.1 server without the library showing. Handlers run on the server's loop thread; a
// slow answer is given later through Respond from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "net/net.h"

namespace cauce::net {

struct Request {
  std::string method;  // "GET"
  std::string path;    // percent-decoded, without the query: "/api/v1/devices"
  std::map<std::string, std::string> query;    // of a name given twice, the first counts
  std::map<std::string, std::string> headers;  // names in lower case; repeated: joined by ", "
  Bytes body;
  std::string peer;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  Bytes body;
};

// Answers exactly once, from any thread; a Respond that is destroyed unused answers 500, and a
// second answer is ignored. Content-Length is added; to HEAD the body is not sent.
using Respond = std::function<void(Response)>;
using Serve = std::function<void(const Request& request, Respond respond)>;

struct HttpOptions {
  std::size_t body_bytes_max = 4 << 20;          // more: 413
  std::size_t header_bytes_max = 16 << 10;       // more: 431
  std::size_t connections_max = 1024;            // more: accepted and closed
  Duration idle_max = std::chrono::seconds{60};  // a request not complete by then: 408
  // What is answered then, and to what is not HTTP (400). On the loop's thread.
  std::function<Response(int status)> refusal = [](int status) { return Response{status, {}, {}}; };
};

// Keep-alive and pipelining are served in order. What is not HTTP gets 400 and is closed.

Result<void> serve_http(Loop& loop, Listener listener, Serve serve, HttpOptions options);

// A blocking client for the command line: one request to a loopback server of ours.
Result<Response> request_http(const Address& server, const Request& request, Duration timeout);

}  // namespace cauce::net

// An HTTP/1.1 server without the library showing. Handlers run on the server's loop thread; a
// slow answer is given later through Respond from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
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
  // Of all requests that have not come whole yet, so that large bodies on many connections cannot
  // take all memory. Who would go over it gets 503.
  std::size_t incomplete_bytes_max = 256 << 20;

  // Sees a request whose body has not come yet, and may answer it instead: a stranger's body is
  // never taken. The connection then closes.
  std::function<std::optional<Response>(const Request& head)> admit;
  // The answer to what the server refuses by itself: 400 (no HTTP), 408, 413, 431 and 503. On the
  // loop's thread.
  std::function<Response(int status)> refusal = [](int status) { return Response{status, {}, {}}; };
};

// Keep-alive and pipelining are served in order. What is not HTTP gets 400 and is closed.

Result<void> serve_http(Loop& loop, Listener listener, Serve serve, HttpOptions options);

// A blocking client for the command line: one request to a loopback server of ours.
Result<Response> request_http(const Address& server, const Request& request, Duration timeout);

struct HttpClientOptions {
  std::size_t connections_max = 32;           // more requests wait for one of them
  std::size_t waiting_max = 1024;             // requests without a connection; more: `exhausted`
  std::size_t waiting_bytes_max = 128 << 20;  // of these together; more: `exhausted`
  std::size_t answer_bytes_max = 1 << 20;
  Duration answer_span_max = std::chrono::seconds{30};  // from send() to the whole answer
};

// Requests to other servers of ours, from a loop and without blocking it. Connections are kept for
// the next request. Used on the loop's thread; goes before the loop.
class HttpClient {
 public:
  static std::unique_ptr<HttpClient> create(Loop& loop, HttpClientOptions options);
  virtual ~HttpClient() = default;

  // `done` runs once, later, on the loop's thread, unless the client goes first. `unavailable`
  // does not say that the server did not do it. Nothing is sent twice.
  using Done = std::function<void(Result<Response>)>;
  virtual void send(const Address& server, const Request& request, Done done) = 0;
};

}  // namespace cauce::net

// An HTTP/1.1 server without the library showing. Handlers run on the server's loop thread; a
// slow answer is given later through Respond from any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "net/net.h"
#include "net/tls.h"

namespace cauce::net {

// The body of a request that went to a file (see Spooling). The file goes with this object unless
// it was taken or is to be kept. Not synced. One thread at a time.
class BodyFile {
 public:
  virtual ~BodyFile() = default;

  virtual const std::filesystem::path& path() const = 0;
  // Of this body, without what the file held before.
  virtual std::uint64_t bytes() const = 0;
  // What the client calls it, in a form; any text, and none for a raw body.
  virtual const std::string& name() const = 0;
  // The fields of the form besides the file.
  virtual const std::map<std::string, std::string>& fields() const = 0;
  // The file is the caller's from here on.
  virtual std::filesystem::path take() = 0;
};

struct Request {
  std::string method;  // "GET"
  std::string path;    // percent-decoded, without the query: "/api/v1/devices"
  std::map<std::string, std::string> query;    // of a name given twice, the first counts
  std::map<std::string, std::string> headers;  // names in lower case; repeated: joined by ", "
  Bytes body;
  std::string peer;
  std::shared_ptr<BodyFile> file = nullptr;  // instead of `body`
  Bytes certificate = {};                    // Connection::certificate()
  Bytes shared_key_holder = {};              // Connection::shared_key_holder()
  bool encrypted = false;                    // Connection::encrypted()
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

// Where one body goes.
struct BodyTarget {
  std::filesystem::path file;
  std::uint64_t bytes_max = 0;  // of this body; more: 413
  // Append to the file, which has exactly this many bytes (else 409), and leave there what came
  // even when the request never becomes whole. Without it the file must not exist, and a form
  // (multipart/form-data) is taken apart: its one file goes there.
  std::optional<std::uint64_t> continue_at = std::nullopt;
};

// Bodies too large for memory go to files while they come, on the loop's thread; a connection holds
// one piece of some 64 KiB. Whether one is taken, and where, is asked when its head is there and
// before the client is told to go on.
struct Spooling {
  // Whether the body of this request goes to a file. The loop's thread.
  std::function<bool(const Request& head)> wants;
  // Answers where to, or what the client is told instead, exactly once and from any thread. Reading
  // pauses meanwhile. Destroyed unused, it answers 500.
  using Place = std::function<void(std::variant<BodyTarget, Response>)>;
  std::function<void(const Request& head, Place place)> decide;

  std::size_t files_max = 32;             // that come at a time; more: 503
  std::uint64_t bytes_max = 64ull << 30;  // of all that come or were not taken yet; more: 503
  // A slow sender is welcome, a stalled one gets 408: so many bytes at least within idle_max.
  std::size_t progress_bytes_min = 4 << 10;
  // The rest of the disk is for others: who would take more than this share of it gets 507.
  double disk_share_kept_free = 0.1;
};

// Whoever takes a body while it comes. On the loop's thread. When it is destroyed before on_end(),
// the connection is gone, or Respond was used already.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // The next bytes, some 64 KiB at most, valid during the call; all of them are taken. False:
  // nothing more is read until Streaming::Resume is called.
  virtual bool on_piece(BytesView piece) = 0;
  // Last call. 0: the body came whole; else the status that says why it did not: 400 or 431 (what
  // came is not HTTP), 408 (nothing came for idle_max) or 503 (incomplete_bytes_max).
  virtual void on_end(int fault) = 0;
};

// Bodies of any length that need not be there as a whole, held by nobody.
struct Streaming {
  // Whether the body of this request is read so. Not asked when there is none.
  std::function<bool(const Request& head)> wants;
  // On the loop's thread, any number of times.
  using Resume = std::function<void()>;
  // Who answers before on_end() is not sent the rest: the connection closes then.
  std::function<std::unique_ptr<BodyReader>(const Request& head, Resume resume, Respond respond)>
      begin;
};

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
  // The answer to what the server refuses by itself: 400 (no HTTP), 408, 409, 413, 431, 503 and
  // 507, and 422 for a form that cannot be read. `why` is a sentence, or empty; `head` is
  // empty when it did not come whole. On the loop's thread.
  using Refusal = std::function<Response(int status, std::string_view why, const Request& head)>;
  Refusal refusal = [](int status, std::string_view, const Request&) {
    return Response{status, {}, {}};
  };

  // Of a connection that a layer below closed for what the peer sent: a TLS handshake that failed.
  // On the loop's thread.
  std::function<void(std::string_view peer, std::string_view why)> on_violation =
      [](std::string_view, std::string_view) {};

  std::optional<Spooling> spooling = std::nullopt;
  std::optional<Streaming> streaming = std::nullopt;
};

// Where a server is found: in the clear or behind TLS.
struct HttpDoor {
  Listener listener;
  std::shared_ptr<TlsServer> tls = nullptr;  // nullptr: in the clear
};

// Keep-alive and pipelining are served in order. What is not HTTP gets 400 and is closed. The
// limits are those of all doors together.
Result<void> serve_http(Loop& loop, std::vector<HttpDoor> doors, Serve serve, HttpOptions options);
// At one address, in the clear.
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

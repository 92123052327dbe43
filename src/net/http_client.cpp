#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <optional>
#include <unordered_set>

#include "net/http.h"
#include "net/http_target.h"
#include "net/socket_address.h"

namespace cauce::net {
namespace {

namespace http = boost::beast::http;
using Instant = std::chrono::steady_clock::time_point;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint64_t answer_bytes_max = 256 << 20;

// A non-blocking socket whose every wait ends at the deadline.
class Exchange {
 public:
  Exchange(const Address& server, Instant deadline) : server_(server), deadline_(deadline) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  Result<void> connect();
  Result<void> send(BytesView bytes);
  Result<void> receive(Parser& parser);

 private:
  Error failed(const char* what) const {
    return {Outcome::unavailable, fmt::format("{} {} does not answer ({}); is cauce serve running?",
                                              what, to_text(server_), std::strerror(errno))};
  }
  bool wait_for(short events) const;

  Address server_;
  Instant deadline_;
  int descriptor_ = -1;
};

bool Exchange::wait_for(short events) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline_ - std::chrono::steady_clock::now());
  pollfd watched{descriptor_, events, 0};
  const int ready = ::poll(&watched, 1, int(std::max<std::int64_t>(left.count(), 0)));
  if (ready == 0) errno = ETIMEDOUT;
  return ready > 0;
}

Result<void> Exchange::connect() {
  const auto target = SocketAddress::of(server_);
  if (!target) return target.error();
  descriptor_ = ::socket(target->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor_ < 0) return failed("connect:");
  if (::connect(descriptor_, target->get(), target->size()) == 0) return {};
  if (errno != EINPROGRESS || !wait_for(POLLOUT)) return failed("connect:");
  socklen_t size = sizeof errno;
  int code = 0;
  ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &code, &size);
  errno = code;
  if (code != 0) return failed("connect:");
  return {};
}

Result<void> Exchange::send(BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) bytes.remove_prefix(std::size_t(count));
    // A server that refuses a body early has answered already: read that instead.
    if (count < 0 && (errno == EPIPE || errno == ECONNRESET)) return {};
    if (count < 0 && errno != EAGAIN && errno != EINTR) return failed("send:");
    if (count < 0 && !wait_for(POLLOUT)) return failed("send:");
  }
  return {};
}

Result<void> Exchange::receive(Parser& parser) {
  Bytes received;
  std::array<char, 64 << 10> buffer;
  while (!parser.is_done()) {
    const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      if (!wait_for(POLLIN)) return failed("receive:");
      continue;
    }
    if (count < 0) return failed("receive:");
    boost::system::error_code failure;
    if (count == 0) {
      parser.put_eof(failure);
      if (failure || !parser.is_done()) {
        errno = ECONNRESET;
        return failed("receive:");
      }
      break;
    }
    received.append(buffer.data(), std::size_t(count));
    while (!failure && !received.empty() && !parser.is_done()) {
      received.erase(
          0, parser.put(boost::asio::const_buffer(received.data(), received.size()), failure));
    }
    if (failure && failure != http::error::need_more) {
      return Error{Outcome::unavailable, fmt::format("{} answers something else than HTTP: {}",
                                                     to_text(server_), failure.message())};
    }
  }
  return {};
}

Bytes encode(const Address& server, const Request& request, bool keep_alive) {
  Bytes text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}", request.method,
                           to_text(Target{request.path, request.query}), to_text(server),
                           keep_alive ? "" : "Connection: close\r\n");
  for (const auto& [name, value] : request.headers)
    text += name + ": " + value + "\r\n";
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  return text + "\r\n" + request.body;
}

void prepare(Parser& parser, std::uint64_t body_bytes_max, bool head) {
  parser.eager(true);
  parser.body_limit(body_bytes_max);
  parser.skip(head);
}

Response response_of(Parser& parser) {
  auto message = parser.release();
  Response response;
  response.status = message.result_int();
  for (const auto& field : message) {
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = std::move(message.body());
  return response;
}

// How long a request or an idle connection waits is counted in ticks of a quarter of
// answer_span_max.
constexpr int ticks_max = 4;

struct Exchanged {
  Address server;
  Bytes text;
  bool head = false;
  HttpClient::Done done;
  int ticks = 0;
};

class ClientConnection;

// What the connections of one client share.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(Loop& loop, HttpClientOptions options) : loop_(loop), options_(options) {}

  void add(Exchanged request);
  // Gives requests that wait to connections that do not, and opens connections.
  void pump();
  void pump_later();
  void tick();
  // The client has gone: nobody is told any more.
  void close();

  void join(ClientConnection& connection) { open_.insert(&connection); }
  void leave(ClientConnection& connection) { open_.erase(&connection); }
  const HttpClientOptions& options() const { return options_; }
  bool closed() const { return closed_; }

 private:
  // Of the first request that waits for `server`.
  std::optional<Exchanged> take(const Address& server);
  ClientConnection* idle_to(const Address& server);
  void dial(const Address& server);
  void expire_waiting();

  Loop& loop_;
  const HttpClientOptions options_;
  std::deque<Exchanged> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t dialling_ = 0;
  std::unordered_set<ClientConnection*> open_;
  bool closed_ = false;
};

// One connection, one request at a time.
class ClientConnection final : public Handler {
 public:
  ClientConnection(std::shared_ptr<Pool> pool, Connection& connection, Address server)
      : pool_(std::move(pool)), connection_(connection), server_(std::move(server)) {
    pool_->join(*this);
  }
  ~ClientConnection() override { pool_->leave(*this); }

  const Address& server() const { return server_; }
  bool is_idle() const { return !request_ && !closing_; }

  void begin(Exchanged request);
  void tick();
  void close();
  void on_bytes(BytesView bytes) override;
  void on_closed(std::string_view why) override;

 private:
  void finish(Result<Response> result);

  std::shared_ptr<Pool> pool_;
  Connection& connection_;
  Address server_;
  std::optional<Exchanged> request_;
  std::optional<Parser> parser_;
  Bytes received_;
  int idle_ticks_ = 0;
  bool closing_ = false;
};

Error no_answer(const Address& server, std::string_view why) {
  return {Outcome::unavailable, fmt::format("{} does not answer: {}", to_text(server), why)};
}

void ClientConnection::begin(Exchanged request) {
  request_ = std::move(request);
  idle_ticks_ = 0;
  parser_.emplace();
  prepare(*parser_, pool_->options().answer_bytes_max, request_->head);
  connection_.send(request_->text);
  request_->text = {};
}

void ClientConnection::finish(Result<Response> result) {
  const Exchanged request = *std::exchange(request_, std::nullopt);
  if (!pool_->closed()) request.done(std::move(result));
}

void ClientConnection::close() {
  closing_ = true;
  connection_.close();
}

void ClientConnection::on_bytes(BytesView bytes) {
  // What nobody asked for.
  if (!request_) return close();
  received_.append(bytes);
  boost::system::error_code failure;
  std::size_t used = 0;
  while (!failure && used < received_.size() && !parser_->is_done()) {
    used += parser_->put(
        boost::asio::const_buffer(received_.data() + used, received_.size() - used), failure);
  }
  received_.erase(0, used);
  if (failure && failure != http::error::need_more) {
    close();
    return finish(no_answer(server_, "it sends something else than HTTP: " + failure.message()));
  }
  if (!parser_->is_done()) return;
  const bool keep_alive = parser_->keep_alive() && received_.empty();
  if (!keep_alive) close();
  finish(response_of(*parser_));
  pool_->pump_later();
}

void ClientConnection::on_closed(std::string_view why) {
  closing_ = true;
  if (request_) finish(no_answer(server_, why));
  pool_->pump_later();
}

void ClientConnection::tick() {
  if (request_ && ++request_->ticks >= ticks_max) {
    close();
    return finish(no_answer(server_, "it took too long"));
  }
  if (is_idle() && ++idle_ticks_ >= ticks_max) close();
}

void Pool::add(Exchanged request) {
  const bool full = waiting_.size() >= options_.waiting_max ||
                    waiting_bytes_ + request.text.size() > options_.waiting_bytes_max;
  if (full) {
    loop_.post([done = std::move(request.done)] {
      done(Error{Outcome::exhausted, "too many requests wait to be handed on"});
    });
    return;
  }
  waiting_bytes_ += request.text.size();
  waiting_.push_back(std::move(request));
  pump_later();
}

void Pool::pump_later() {
  loop_.post([weak = weak_from_this()] {
    if (const auto found = weak.lock()) found->pump();
  });
}

std::optional<Exchanged> Pool::take(const Address& server) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Exchanged& request) {
    return request.server == server;
  });
  if (found == waiting_.end()) return std::nullopt;
  Exchanged request = std::move(*found);
  waiting_.erase(found);
  waiting_bytes_ -= request.text.size();
  return request;
}

ClientConnection* Pool::idle_to(const Address& server) {
  ClientConnection* found = nullptr;
  for (ClientConnection* connection : open_) {
    if (!connection->is_idle()) continue;
    // The server has moved: its place is needed.
    if (connection->server() != server) {
      connection->close();
    } else {
      found = connection;
    }
  }
  return found;
}

void Pool::pump() {
  while (!closed_ && !waiting_.empty()) {
    const Address server = waiting_.front().server;
    if (ClientConnection* idle = idle_to(server)) {
      idle->begin(*take(server));
    } else if (dialling_ < waiting_.size() && dialling_ + open_.size() < options_.connections_max) {
      dial(server);
    } else {
      return;
    }
  }
}

void Pool::dial(const Address& server) {
  ++dialling_;
  auto accept = [self = shared_from_this(), server](Connection& connection) {
    --self->dialling_;
    std::unique_ptr<ClientConnection> made;
    if (self->closed_) return std::unique_ptr<Handler>(std::move(made));
    if (auto request = self->take(server)) {
      made = std::make_unique<ClientConnection>(self, connection, server);
      made->begin(*std::move(request));
    }
    return std::unique_ptr<Handler>(std::move(made));
  };
  auto failed = [self = shared_from_this(), server](std::string_view why) {
    --self->dialling_;
    if (self->closed_) return;
    if (const auto request = self->take(server)) request->done(no_answer(server, why));
    self->pump_later();
  };
  const auto started = loop_.connect(server, accept, failed);
  if (!started) loop_.post([failed, why = started.error().message] { failed(why); });
}

void Pool::expire_waiting() {
  for (Exchanged& request : waiting_)
    ++request.ticks;
  while (!waiting_.empty() && waiting_.front().ticks >= ticks_max) {
    const auto request = take(waiting_.front().server);
    request->done(no_answer(request->server, "it took too long"));
  }
}

void Pool::tick() {
  expire_waiting();
  // Closing happens later, from the loop, so the set stands still here.
  for (ClientConnection* connection : open_)
    connection->tick();
}

void Pool::close() {
  closed_ = true;
  waiting_.clear();
  for (ClientConnection* connection : open_)
    connection->close();
}

class PooledClient final : public HttpClient {
 public:
  PooledClient(Loop& loop, HttpClientOptions options)
      : pool_(std::make_shared<Pool>(loop, options)) {
    loop.every(options.answer_span_max / ticks_max, [weak = std::weak_ptr<Pool>(pool_)] {
      if (const auto found = weak.lock()) found->tick();
    });
  }
  ~PooledClient() override { pool_->close(); }

  void send(const Address& server, const Request& request, Done done) override {
    pool_->add(
        {server, encode(server, request, true), request.method == "HEAD", std::move(done), 0});
  }

 private:
  std::shared_ptr<Pool> pool_;
};

}  // namespace

std::unique_ptr<HttpClient> HttpClient::create(Loop& loop, HttpClientOptions options) {
  return std::make_unique<PooledClient>(loop, options);
}

Result<Response> request_http(const Address& server, const Request& request, Duration timeout) {
  Exchange exchange(server, std::chrono::steady_clock::now() + timeout);
  if (const auto connected = exchange.connect(); !connected) return connected.error();
  if (const auto sent = exchange.send(encode(server, request, false)); !sent) return sent.error();
  Parser parser;
  prepare(parser, answer_bytes_max, request.method == "HEAD");
  if (const auto received = exchange.receive(parser); !received) return received.error();
  return response_of(parser);
}

}  // namespace cauce::net

#include <fmt/format.h>

#include <atomic>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cctype>
#include <limits>
#include <optional>
#include <unordered_map>

#include "net/http.h"
#include "net/http_target.h"

namespace cauce::net {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

class HttpConnection;

// What all connections of one server share. Used on the loop's thread only.
struct Server {
  Loop& loop;
  Serve serve;
  HttpOptions options;
  std::uint64_t next_connection = 0;
  std::size_t incomplete_bytes = 0;  // of all connections
  std::unordered_map<std::uint64_t, HttpConnection*> connections;
};

// How long a connection may be idle is counted in ticks of a quarter of idle_max.
constexpr int idle_ticks_max = 4;
// Parsed bytes that wait until the current request is answered; more stays in the kernel.
constexpr std::size_t pipelined_bytes_max = 64 << 10;

// The one answer to one request, from any thread. Destroyed unused, it answers 500.
class Answer {
 public:
  Answer(std::shared_ptr<Server> server, std::uint64_t connection)
      : server_(std::move(server)), connection_(connection) {}
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { give({500, {}, {}}); }

  void give(Response response);

 private:
  std::shared_ptr<Server> server_;
  std::uint64_t connection_;
  std::atomic<bool> given_{false};
};

// One request at a time: while it is being answered, reading pauses and later requests wait.
class HttpConnection final : public Handler {
 public:
  HttpConnection(std::shared_ptr<Server> server, Connection& connection)
      : server_(std::move(server)), connection_(connection), id_(++server_->next_connection) {
    server_->connections.emplace(id_, this);
    begin_request();
  }
  ~HttpConnection() override {
    server_->incomplete_bytes -= incomplete_bytes_;
    server_->connections.erase(id_);
  }

  void on_bytes(BytesView bytes) override;
  void on_sent() override { idle_ticks_ = 0; }
  void on_closed(std::string_view) override {}

  void respond(const Response& response);
  void tick();

 private:
  void begin_request();
  void parse();
  // What follows a complete header; false when the request has been answered.
  bool take_head();
  bool read_head();
  void continue_if_expected();
  // Counts what waits here to become a request; refuses when all connections hold too much.
  void count_incomplete();
  void serve();
  void refuse(int status);
  void refuse(const boost::system::error_code& failure);
  void send(const Response& response, bool keep_alive);

  std::shared_ptr<Server> server_;
  Connection& connection_;
  std::uint64_t id_;
  std::optional<Parser> parser_;
  Request request_;  // its head, once that is complete
  Bytes received_;   // not yet parsed
  std::size_t incomplete_bytes_ = 0;
  int idle_ticks_ = 0;
  bool head_ = false;        // of the request being answered
  bool keep_alive_ = false;  // of the request being answered
  bool answering_ = false;
  bool head_taken_ = false;
  bool refused_ = false;
};

void Answer::give(Response response) {
  if (given_.exchange(true)) return;
  Loop& loop = server_->loop;
  loop.post([server = server_, connection = connection_, response = std::move(response)] {
    const auto found = server->connections.find(connection);
    if (found != server->connections.end()) found->second->respond(response);
  });
}

void HttpConnection::begin_request() {
  parser_.emplace();
  parser_->eager(true);
  parser_->body_limit(server_->options.body_bytes_max);
  const std::size_t header_bytes_max = server_->options.header_bytes_max;
  parser_->header_limit(
      std::uint32_t(std::min<std::size_t>(header_bytes_max, std::numeric_limits<int>::max())));
  head_taken_ = false;
}

void HttpConnection::on_bytes(BytesView bytes) {
  if (refused_) return;
  received_.append(bytes);
  if (!answering_) parse();
  count_incomplete();
  if (answering_ && received_.size() >= pipelined_bytes_max) connection_.pause_reading();
}

void HttpConnection::parse() {
  // An empty line before a request is skipped (RFC 9112 section 2.2).
  if (!parser_->got_some()) {
    received_.erase(0, std::min(received_.find_first_not_of("\r\n"), received_.size()));
  }
  std::size_t used = 0;
  while (used < received_.size() && !parser_->is_done()) {
    boost::system::error_code failure;
    const std::size_t count = parser_->put(
        boost::asio::const_buffer(received_.data() + used, received_.size() - used), failure);
    used += count;
    if (failure == http::error::need_more || (!failure && count == 0)) break;
    if (failure) return refuse(failure);
  }
  received_.erase(0, used);
  if (parser_->is_header_done()) {
    idle_ticks_ = 0;
    if (!head_taken_ && !take_head()) return;
  }
  if (parser_->is_done()) serve();
}

bool HttpConnection::take_head() {
  head_taken_ = true;
  if (!read_head()) {
    refuse(400);
    return false;
  }
  if (server_->options.admit) {
    if (const auto answer = server_->options.admit(request_)) {
      received_.clear();
      send(*answer, false);
      return false;
    }
  }
  if (!parser_->is_done()) continue_if_expected();
  return true;
}

// RFC 9110 section 10.1.1: curl waits for this before it sends a body of more than 1 MiB.
void HttpConnection::continue_if_expected() {
  if (boost::beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
    connection_.send("HTTP/1.1 100 Continue\r\n\r\n");
  }
}

void HttpConnection::count_incomplete() {
  if (refused_) return;
  const std::size_t bytes = received_.size() + parser_->get().body().size();
  server_->incomplete_bytes += bytes - incomplete_bytes_;
  incomplete_bytes_ = bytes;
  if (server_->incomplete_bytes <= server_->options.incomplete_bytes_max || answering_) return;
  refuse(503);
}

bool HttpConnection::read_head() {
  const auto& message = parser_->get();
  const auto target =
      parse_target(std::string_view(message.target().data(), message.target().size()));
  if (!target) return false;
  Request request;
  request.method = std::string(message.method_string());
  request.path = target->path;
  request.query = target->query;
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& character : name) {
      character = char(std::tolower(static_cast<unsigned char>(character)));
    }
    std::string& value = request.headers[name];
    if (!value.empty()) value += ", ";
    value += std::string(field.value());
  }
  request.peer = connection_.peer();
  head_ = message.method() == http::verb::head;
  request_ = std::move(request);
  return true;
}

void HttpConnection::serve() {
  auto message = parser_->release();
  begin_request();
  Request request = std::move(request_);
  request.body = std::move(message.body());
  keep_alive_ = message.keep_alive();
  answering_ = true;
  auto answer = std::make_shared<Answer>(server_, id_);
  server_->serve(request, [answer = std::move(answer)](Response response) {
    answer->give(std::move(response));
  });
}

void HttpConnection::respond(const Response& response) {
  if (!answering_) return;
  answering_ = false;
  idle_ticks_ = 0;
  send(response, keep_alive_);
  if (!keep_alive_) return;
  connection_.resume_reading();
  if (!received_.empty()) parse();
  count_incomplete();
}

void HttpConnection::send(const Response& response, bool keep_alive) {
  const auto status = http::int_to_status(unsigned(response.status));
  const std::string reason(http::obsolete_reason(status));
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason);
  for (const auto& [name, value] : response.headers) {
    // A line break inside a value would let it forge headers.
    std::string line = name + ": " + value;
    for (char& character : line) {
      if (character == '\r' || character == '\n' || character == '\0') character = ' ';
    }
    head += line + "\r\n";
  }
  // RFC 9110 section 8.6: never with these.
  const bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
  if (!bodiless) head += fmt::format("Content-Length: {}\r\n", response.body.size());
  if (!keep_alive) head += "Connection: close\r\n";
  head += "\r\n";
  connection_.send(head);
  if (!bodiless && !head_) connection_.send(response.body);
  if (!keep_alive) {
    refused_ = true;
    connection_.close();
  }
}

void HttpConnection::refuse(int status) {
  head_ = false;
  answering_ = false;
  received_.clear();
  send(server_->options.refusal(status), false);
}

void HttpConnection::refuse(const boost::system::error_code& failure) {
  if (failure == http::error::header_limit) return refuse(431);
  if (failure == http::error::body_limit) return refuse(413);
  refuse(400);
}

void HttpConnection::tick() {
  if (answering_ || refused_ || ++idle_ticks_ <= idle_ticks_max) return;
  if (parser_->got_some() || !received_.empty()) return refuse(408);
  refused_ = true;
  connection_.close();
}

}  // namespace

Result<void> serve_http(Loop& loop, Listener listener, Serve serve, HttpOptions options) {
  auto server =
      std::make_shared<Server>(Server{loop, std::move(serve), std::move(options), 0, 0, {}});
  auto listening = loop.listen(std::move(listener),
                               [server](Connection& connection) -> std::unique_ptr<Handler> {
                                 if (server->connections.size() >= server->options.connections_max)
                                   return nullptr;
                                 return std::make_unique<HttpConnection>(server, connection);
                               });
  if (!listening) return listening;
  loop.every(options.idle_max / idle_ticks_max, [server] {
    // tick() closes through the loop later, so the map stands still here.
    for (const auto& [id, connection] : server->connections)
      connection->tick();
  });
  return {};
}

}  // namespace cauce::net

#include <fmt/core.h>

#include <atomic>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <cctype>
#include <limits>
#include <optional>
#include <unordered_map>

#include "net/http.h"
#include "net/http_target.h"
#include "net/piece_body.h"
#include "net/spool.h"

namespace cauce::net {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<PieceBody>;

class HttpConnection;

// What all connections of one server share. Used on the loop's thread only.
struct Server {
  Loop& loop;
  Serve serve;
  HttpOptions options;
  std::uint64_t next_connection = 0;
  std::size_t incomplete_bytes = 0;  // of all connections
  std::size_t spools = 0;            // being written
  std::shared_ptr<SpooledBytes> spooled_bytes = std::make_shared<SpooledBytes>();
  std::unordered_map<std::uint64_t, HttpConnection*> connections = {};
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

// The one answer to where a body goes, from any thread. Destroyed unused, it answers 500.
class Placement {
 public:
  Placement(std::shared_ptr<Server> server, std::uint64_t connection)
      : server_(std::move(server)), connection_(connection) {}
  Placement(const Placement&) = delete;
  Placement& operator=(const Placement&) = delete;
  ~Placement() { give(Response{500, {}, {}}); }

  void give(std::variant<BodyTarget, Response> placed);

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
    end_spool();
    server_->connections.erase(id_);
  }

  void on_bytes(BytesView bytes) override;
  void on_sent() override { idle_ticks_ = 0; }
  void on_closed(std::string_view) override {}
  void on_violation(std::string_view why) override {
    server_->options.on_violation(connection_.peer(), why);
  }

  void respond(const Response& response);
  void place(const std::variant<BodyTarget, Response>& placed);
  // More of the body may be read, if it is still this one.
  void resume_body(std::uint64_t body);
  void tick();

 private:
  void begin_request();
  void parse();
  // What follows a complete header; false when the request has been answered.
  bool take_head();
  bool read_head();
  // Asks where the body goes; the answer comes as place().
  void ask_for_place();
  // Hands what was parsed of the body on to its file; false when the request has been answered.
  bool spool_piece();
  void end_spool();
  void begin_body();
  // Hands what was parsed of the body on to whoever reads it.
  void read_piece();
  void end_body(int fault);
  void continue_if_expected();
  // Counts what waits here to become a request; refuses when all connections hold too much.
  void count_incomplete();
  void serve();
  void refuse(int status, std::string_view why = {});
  void refuse(const boost::system::error_code& failure);
  void send(const Response& response, bool keep_alive);

  std::shared_ptr<Server> server_;
  Connection& connection_;
  std::uint64_t id_;
  std::optional<Parser> parser_;
  Request request_;  // its head, once that is complete
  Bytes received_;   // not yet parsed
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<BodyReader> reader_;  // of the body that is coming
  std::uint64_t bodies_ = 0;            // that were read by somebody
  std::size_t progress_bytes_ =
      0;  // of the spooled body, since the connection last counted as idle
  std::size_t incomplete_bytes_ = 0;
  int idle_ticks_ = 0;
  bool head_ = false;        // of the request being answered
  bool keep_alive_ = false;  // of the request being answered
  bool answering_ = false;
  bool placing_ = false;      // where the body goes is being decided
  bool body_paused_ = false;  // its reader takes no more for now
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

void Placement::give(std::variant<BodyTarget, Response> placed) {
  if (given_.exchange(true)) return;
  Loop& loop = server_->loop;
  loop.post([server = server_, connection = connection_, placed = std::move(placed)] {
    const auto found = server->connections.find(connection);
    if (found != server->connections.end()) found->second->place(placed);
  });
}

void HttpConnection::begin_request() {
  parser_.emplace();
  // The limit follows from the head.
  parser_->eager(false);
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  const std::size_t header_bytes_max = server_->options.header_bytes_max;
  parser_->header_limit(
      std::uint32_t(std::min<std::size_t>(header_bytes_max, std::numeric_limits<int>::max())));
  head_taken_ = false;
}

void HttpConnection::on_bytes(BytesView bytes) {
  if (refused_) return;
  received_.append(bytes);
  if (!answering_ && !placing_ && !body_paused_) parse();
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
    const bool needs_more = failure == http::error::need_more || (!failure && count == 0);
    if (failure && !needs_more) {
      if (reader_) read_piece();
      return refuse(failure);
    }
    if (parser_->is_header_done() && !head_taken_) {
      received_.erase(0, std::exchange(used, 0));
      if (!take_head()) return;
    }
    if (spool_ && !spool_piece()) return;
    if (reader_) read_piece();
    if (needs_more || body_paused_) break;
  }
  received_.erase(0, used);
  if (parser_->is_header_done() && !spool_) idle_ticks_ = 0;
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
  parser_->eager(true);
  if (parser_->is_done()) return true;
  const auto& spooling = server_->options.spooling;
  if (spooling && spooling->wants(request_)) {
    ask_for_place();
    return false;
  }
  const auto& streaming = server_->options.streaming;
  if (streaming && streaming->wants(request_)) {
    begin_body();
    return true;
  }
  const std::size_t bytes_max = server_->options.body_bytes_max;
  if (parser_->content_length().value_or(0) > bytes_max) {
    refuse(413);
    return false;
  }
  parser_->body_limit(bytes_max);
  continue_if_expected();
  return true;
}

void HttpConnection::ask_for_place() {
  placing_ = true;
  connection_.pause_reading();
  auto placement = std::make_shared<Placement>(server_, id_);
  server_->options.spooling->decide(
      request_, [placement = std::move(placement)](std::variant<BodyTarget, Response> placed) {
        placement->give(std::move(placed));
      });
}

void HttpConnection::place(const std::variant<BodyTarget, Response>& placed) {
  if (!placing_) return;
  placing_ = false;
  idle_ticks_ = 0;
  if (const auto* answer = std::get_if<Response>(&placed)) {
    received_.clear();
    return send(*answer, false);
  }
  const Spooling& spooling = *server_->options.spooling;
  if (server_->spools >= spooling.files_max)
    return refuse(503, "As many uploads are under way as may be: send it again in a minute.");
  const auto length = parser_->content_length();
  const auto& type = request_.headers["content-type"];
  const SpoolFault fault =
      open_spool(std::get<BodyTarget>(placed), spooling, server_->spooled_bytes, type,
                 length ? std::optional<std::uint64_t>(*length) : std::nullopt, spool_);
  if (fault.status != 0) return refuse(fault.status, fault.why);
  ++server_->spools;
  continue_if_expected();
  connection_.resume_reading();
  if (!received_.empty()) parse();
  count_incomplete();
}

bool HttpConnection::spool_piece() {
  Bytes& piece = parser_->get().body();
  if (piece.empty()) return true;
  progress_bytes_ += piece.size();
  if (progress_bytes_ >= server_->options.spooling->progress_bytes_min) {
    progress_bytes_ = 0;
    idle_ticks_ = 0;
  }
  const SpoolFault fault = spool_->take(piece);
  piece.clear();
  if (fault.status == 0) return true;
  refuse(fault.status, fault.why);
  return false;
}

void HttpConnection::end_spool() {
  if (!spool_) return;
  spool_.reset();
  --server_->spools;
}

void HttpConnection::begin_body() {
  const std::uint64_t body = ++bodies_;
  const auto resume = [server = server_, connection = id_, body] {
    server->loop.post([server, connection, body] {
      const auto found = server->connections.find(connection);
      if (found != server->connections.end()) found->second->resume_body(body);
    });
  };
  auto answer = std::make_shared<Answer>(server_, id_);
  reader_ = server_->options.streaming->begin(
      request_, resume,
      [answer = std::move(answer)](Response response) { answer->give(std::move(response)); });
  continue_if_expected();
}

void HttpConnection::read_piece() {
  Bytes& piece = parser_->get().body();
  if (piece.empty()) return;
  body_paused_ = !reader_->on_piece(piece);
  piece.clear();
  if (body_paused_) connection_.pause_reading();
}

void HttpConnection::resume_body(std::uint64_t body) {
  if (!body_paused_ || body != bodies_) return;
  body_paused_ = false;
  idle_ticks_ = 0;
  connection_.resume_reading();
  if (!received_.empty()) parse();
}

void HttpConnection::end_body(int fault) {
  answering_ = true;
  body_paused_ = false;
  const auto reader = std::move(reader_);
  reader->on_end(fault);
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
  request.certificate = connection_.certificate();
  request.shared_key_holder = connection_.shared_key_holder();
  request.encrypted = connection_.encrypted();
  head_ = message.method() == http::verb::head;
  request_ = std::move(request);
  return true;
}

void HttpConnection::serve() {
  if (spool_) {
    const SpoolFault fault = spool_->finish(request_.file);
    if (fault.status != 0) return refuse(fault.status, fault.why);
    end_spool();
  }
  auto message = parser_->release();
  begin_request();
  Request request = std::move(request_);
  request.body = std::move(message.body());
  keep_alive_ = message.keep_alive();
  if (reader_) return end_body(0);
  answering_ = true;
  auto answer = std::make_shared<Answer>(server_, id_);
  server_->serve(request, [answer = std::move(answer)](Response response) {
    answer->give(std::move(response));
  });
}

void HttpConnection::respond(const Response& response) {
  if (!answering_ && !reader_) return;
  if (reader_) keep_alive_ = false;
  reader_.reset();
  answering_ = false;
  idle_ticks_ = 0;
  send(response, keep_alive_);
  if (!keep_alive_) return received_.clear();
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

void HttpConnection::refuse(int status, std::string_view why) {
  if (reader_) {
    keep_alive_ = false;
    return end_body(status);
  }
  head_ = false;
  answering_ = false;
  received_.clear();
  end_spool();
  send(server_->options.refusal(status, why, head_taken_ ? request_ : Request{}), false);
}

void HttpConnection::refuse(const boost::system::error_code& failure) {
  if (failure == http::error::header_limit) return refuse(431);
  if (failure == http::error::body_limit) return refuse(413);
  refuse(400);
}

void HttpConnection::tick() {
  if (answering_ || placing_ || body_paused_ || refused_ || ++idle_ticks_ <= idle_ticks_max) return;
  if (parser_->got_some() || !received_.empty()) return refuse(408);
  refused_ = true;
  connection_.close();
}

}  // namespace

Result<void> serve_http(Loop& loop, std::vector<HttpDoor> doors, Serve serve, HttpOptions options) {
  auto server = std::make_shared<Server>(Server{loop, std::move(serve), std::move(options)});
  const Loop::Accept accept = [server](Connection& connection) -> std::unique_ptr<Handler> {
    if (server->connections.size() >= server->options.connections_max) return nullptr;
    return std::make_unique<HttpConnection>(server, connection);
  };
  for (HttpDoor& door : doors) {
    auto listening =
        loop.listen(std::move(door.listener), door.tls ? door.tls->over(accept) : accept);
    if (!listening) return listening;
  }
  loop.every(server->options.idle_max / idle_ticks_max, [server] {
    // tick() closes through the loop later, so the map stands still here.
    for (const auto& [id, connection] : server->connections)
      connection->tick();
  });
  return {};
}

Result<void> serve_http(Loop& loop, Listener listener, Serve serve, HttpOptions options) {
  std::vector<HttpDoor> doors;
  doors.push_back({std::move(listener)});
  return serve_http(loop, std::move(doors), std::move(serve), std::move(options));
}

}  // namespace cauce::net

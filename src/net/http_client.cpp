#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>

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

Bytes encode(const Address& server, const Request& request) {
  Bytes text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", request.method,
                           to_text(Target{request.path, request.query}), to_text(server));
  for (const auto& [name, value] : request.headers)
    text += name + ": " + value + "\r\n";
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  return text + "\r\n" + request.body;
}

}  // namespace

Result<Response> request_http(const Address& server, const Request& request, Duration timeout) {
  Exchange exchange(server, std::chrono::steady_clock::now() + timeout);
  if (const auto connected = exchange.connect(); !connected) return connected.error();
  if (const auto sent = exchange.send(encode(server, request)); !sent) return sent.error();
  Parser parser;
  parser.eager(true);
  parser.body_limit(answer_bytes_max);
  parser.skip(request.method == "HEAD");
  if (const auto received = exchange.receive(parser); !received) return received.error();
  auto message = parser.release();
  Response response;
  response.status = message.result_int();
  for (const auto& field : message) {
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  response.body = std::move(message.body());
  return response;
}

}  // namespace cauce::net

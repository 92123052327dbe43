#include "net/asio_loop.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "net/socket_address.h"

namespace cauce::net {
namespace {

using boost::asio::posix::stream_descriptor;

constexpr std::size_t read_bytes_max = 64 << 10;
// New connections taken in one turn, so that a storm of them leaves time for the others.
constexpr int accepts_per_turn_max = 64;
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

struct AsioLoop::Acceptor {
  stream_descriptor descriptor;
  Accept accept;
  boost::asio::steady_timer pause;
  bool complained = false;
};

// A connection that is being opened.
struct AsioLoop::Dial {
  stream_descriptor descriptor;
  std::string peer;
  Accept accept;
  Failed failed;
};

struct AsioLoop::Ticker {
  boost::asio::steady_timer timer;
  std::chrono::microseconds interval;
  std::function<void()> task;
};

std::unique_ptr<Loop> Loop::create() {
  return std::make_unique<AsioLoop>();
}

AsioLoop::AsioLoop() : read_buffer_(read_bytes_max), context_(1) {}

// Members go in reverse order: connections, then the context with the operations that hold them.
AsioLoop::~AsioLoop() {
  destroyed_ = true;
}

Result<void> AsioLoop::listen(Listener listener, Accept accept) {
  auto acceptor = std::make_shared<Acceptor>(Acceptor{
      stream_descriptor(context_), std::move(accept), boost::asio::steady_timer(context_)});
  boost::system::error_code failure;
  acceptor->descriptor.assign(listener.descriptor(), failure);
  if (failure) {
    return Error{Outcome::unavailable, fmt::format("cannot watch the socket of {}: {}",
                                                   to_text(listener.address()), failure.message())};
  }
  listener.release();
  wait_to_accept(acceptor);
  return {};
}

void AsioLoop::wait_to_accept(const std::shared_ptr<Acceptor>& acceptor) {
  acceptor->descriptor.async_wait(stream_descriptor::wait_read,
                                  [this, acceptor](const boost::system::error_code& failure) {
                                    if (!failure) accept_ready(acceptor);
                                  });
}

void AsioLoop::accept_ready(const std::shared_ptr<Acceptor>& acceptor) {
  for (int count = 0; count < accepts_per_turn_max; ++count) {
    sockaddr_storage stored{};
    socklen_t size = sizeof stored;
    const int descriptor =
        ::accept4(acceptor->descriptor.native_handle(), reinterpret_cast<sockaddr*>(&stored), &size,
                  SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        return retry_accept_later(acceptor, errno);
      }
      break;
    }
    start(descriptor, to_text(SocketAddress::from(stored)), acceptor->accept);
  }
  wait_to_accept(acceptor);
}

void AsioLoop::start(int descriptor, std::string peer, const Accept& accept) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto connection = std::make_shared<SocketConnection>(*this, descriptor, std::move(peer));
  connection->attach_outlet();
  auto handler = accept(*connection);
  if (!handler) return;
  connections_.insert(connection);
  connection->start(std::move(handler));
}

Result<void> AsioLoop::connect(const Address& address, Accept accept, Failed failed) {
  const auto target = SocketAddress::of(address);
  if (!target) return target.error();
  auto dial = std::make_shared<Dial>(
      Dial{stream_descriptor(context_), to_text(address), std::move(accept), std::move(failed)});
  const int descriptor = ::socket(target->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int code = descriptor < 0 ? errno : 0;
  if (code != 0) {
    post([this, dial, code] { finish_dial(dial, code); });
    return {};
  }
  dial->descriptor.assign(descriptor);
  if (::connect(descriptor, target->get(), target->size()) != 0 && errno != EINPROGRESS) {
    post([this, dial, refused = errno] { finish_dial(dial, refused); });
    return {};
  }
  dial->descriptor.async_wait(
      stream_descriptor::wait_write, [this, dial](const boost::system::error_code& failure) {
        if (failure) return;
        int reason = 0;
        socklen_t size = sizeof reason;
        ::getsockopt(dial->descriptor.native_handle(), SOL_SOCKET, SO_ERROR, &reason, &size);
        finish_dial(dial, reason);
      });
  return {};
}

void AsioLoop::finish_dial(const std::shared_ptr<Dial>& dial, int code) {
  if (code != 0) return dial->failed(std::strerror(code));
  start(dial->descriptor.release(), dial->peer, dial->accept);
}

void AsioLoop::retry_accept_later(const std::shared_ptr<Acceptor>& acceptor, int code) {
  if (!acceptor->complained) {
    log::warning(fmt::format("cannot accept connections: {}; trying again every {} ms",
                             std::strerror(code), accept_pause.count()));
  }
  acceptor->complained = true;
  acceptor->pause.expires_after(accept_pause);
  acceptor->pause.async_wait([this, acceptor](const boost::system::error_code& failure) {
    if (!failure) accept_ready(acceptor);
  });
}

void AsioLoop::every(Duration interval, std::function<void()> task) {
  auto ticker = std::make_shared<Ticker>(
      Ticker{boost::asio::steady_timer(context_), interval, std::move(task)});
  ticker->timer.expires_after(ticker->interval);
  schedule(ticker);
}

void AsioLoop::schedule(const std::shared_ptr<Ticker>& ticker) {
  ticker->timer.async_wait([this, ticker](const boost::system::error_code& failure) {
    if (failure) return;
    ticker->task();
    ticker->timer.expires_after(ticker->interval);
    schedule(ticker);
  });
}

void AsioLoop::post(std::function<void()> task) {
  if (!destroyed_) boost::asio::post(context_, std::move(task));
}

void AsioLoop::run() {
  const auto work = boost::asio::make_work_guard(context_);
  context_.run();
}

void AsioLoop::run_ready() {
  context_.restart();
  context_.poll();
}

void AsioLoop::stop() {
  context_.stop();
}

void AsioLoop::flush_at_end_of_turn(std::shared_ptr<SocketConnection> connection) {
  if (to_flush_.empty()) boost::asio::post(context_, [this] { flush_all(); });
  to_flush_.push_back(std::move(connection));
}

void AsioLoop::flush_all() {
  // A flush may let its handler send again, which begins the next turn's list.
  flushing_.swap(to_flush_);
  for (const auto& connection : flushing_)
    connection->flush();
  flushing_.clear();
}

void AsioLoop::forget(const std::shared_ptr<SocketConnection>& connection) {
  connections_.erase(connection);
}

}  // namespace cauce::net

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/asio_loop.h"

namespace cauce::net {
namespace {

using boost::asio::posix::stream_descriptor;

// A peer gets so long to take our last bytes and to say goodbye.
constexpr std::chrono::seconds close_span_max{5};

}  // namespace

bool would_block(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

SocketConnection::SocketConnection(AsioLoop& loop, int descriptor, std::string peer)
    : loop_(loop),
      descriptor_(loop.context(), descriptor),
      peer_(std::move(peer)),
      outlet_(std::make_shared<SocketOutlet>(loop, descriptor)) {}

SocketConnection::~SocketConnection() {
  outlet_->shut();
}

void SocketConnection::start(std::unique_ptr<Handler> handler) {
  handler_ = std::move(handler);
  if (!paused_ && !closing_) wait_to_read();
}

void SocketConnection::wait_to_read() {
  if (waits_to_read_) return;
  waits_to_read_ = true;
  descriptor_.async_wait(stream_descriptor::wait_read,
                         [self = shared_from_this()](const boost::system::error_code& failure) {
                           self->waits_to_read_ = false;
                           if (!failure) self->read();
                         });
}

void SocketConnection::read() {
  if (!handler_) return discard();
  if (paused_ || closing_) return;
  std::vector<char>& buffer = loop_.read_buffer();
  const ssize_t count =
      ::recv(descriptor_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0) {
    handler_->on_bytes(BytesView(buffer.data(), std::size_t(count)));
  } else if (count == 0) {
    // A peer that has only finished sending may still read what is queued.
    outlet_->write();
    return finish("the peer closed the connection");
  } else if (!would_block(errno)) {
    return finish(std::strerror(errno));
  }
  if (!paused_ && !closing_) wait_to_read();
}

void SocketConnection::resume_reading() {
  paused_ = false;
  if (handler_ && !closing_) wait_to_read();
}

void SocketConnection::send(BytesView bytes) {
  if (closing_) return;
  outlet_->queue(bytes);
  mark_for_flush();
}

void SocketConnection::mark_for_flush() {
  if (marked_for_flush_) return;
  marked_for_flush_ = true;
  loop_.flush_at_end_of_turn(shared_from_this());
}

void SocketConnection::flush() {
  marked_for_flush_ = false;
  if (!handler_ || waits_to_write_) return;
  if (const int broken = outlet_->write(); broken != 0) return finish(std::strerror(broken));
  if (unsent_bytes() > 0) return wait_to_write();
  if (closing_) {
    finish("closed");
  } else {
    // Also when another thread sent the last of it.
    handler_->on_sent();
  }
}

void SocketConnection::wait_to_write() {
  waits_to_write_ = true;
  descriptor_.async_wait(stream_descriptor::wait_write,
                         [self = shared_from_this()](const boost::system::error_code& failure) {
                           self->waits_to_write_ = false;
                           if (!failure) self->flush();
                         });
}

void SocketConnection::close() {
  if (closing_) return;
  closing_ = true;
  outlet_->seal();
  close_timer_ = std::make_unique<boost::asio::steady_timer>(loop_.context(), close_span_max);
  close_timer_->async_wait([self = shared_from_this()](const boost::system::error_code& failure) {
    if (failure) return;
    if (self->handler_) self->finish("the peer did not take our last bytes in time");
    self->drop();
  });
  mark_for_flush();
}

void SocketConnection::finish(std::string_view why) {
  const std::unique_ptr<Handler> handler = std::move(handler_);
  const bool lingers = closing_ && unsent_bytes() == 0;
  handler->on_closed(why);
  if (lingers) {
    linger();
  } else {
    drop();
  }
}

// Closing a socket that holds unread bytes resets the connection, and the reset can overtake our
// last bytes (RFC 9112 section 9.6). So we say that we have finished, then read to the end.
void SocketConnection::linger() {
  ::shutdown(descriptor_.native_handle(), SHUT_WR);
  wait_to_read();
}

void SocketConnection::discard() {
  std::vector<char>& buffer = loop_.read_buffer();
  const ssize_t count =
      ::recv(descriptor_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0 || (count < 0 && would_block(errno))) return wait_to_read();
  drop();
}

void SocketConnection::drop() {
  outlet_->shut();
  boost::system::error_code ignored;
  descriptor_.close(ignored);
  if (close_timer_) close_timer_->cancel(ignored);
  loop_.forget(shared_from_this());
}

}  // namespace cauce::net

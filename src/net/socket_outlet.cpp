#include "net/socket_outlet.h"

#include <sys/socket.h>

#include <cerrno>

#include "net/asio_loop.h"

namespace cauce::net {
namespace {

// A burst larger than this gives its memory back when it has left.
constexpr std::size_t kept_capacity_bytes_max = 64 << 10;

}  // namespace

void SocketOutlet::queue(BytesView bytes) {
  const std::lock_guard lock(mutex_);
  if (!sealed_) queued_.append(bytes);
}

void SocketOutlet::flush() {
  const std::lock_guard lock(mutex_);
  if (descriptor_ < 0 || unsent_locked() == 0) return;
  const int broken = write_locked();
  if (broken == 0 && unsent_locked() == 0) return;
  // With the lock held: the loop shuts its outlets before it goes.
  loop_.post([weak = connection_] {
    if (const auto found = weak.lock()) found->flush();
  });
}

int SocketOutlet::write() {
  const std::lock_guard lock(mutex_);
  return write_locked();
}

int SocketOutlet::write_locked() {
  while (unsent_locked() > 0) {
    const ssize_t count =
        ::send(descriptor_, queued_.data() + sent_, unsent_locked(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && !would_block(errno)) return errno;
    if (count < 0) {
      // What has left is cut off, so that a slow peer's queue does not keep its past.
      queued_.erase(0, sent_);
      sent_ = 0;
      return 0;
    }
    sent_ += std::size_t(count);
  }
  queued_.clear();
  sent_ = 0;
  if (queued_.capacity() > kept_capacity_bytes_max) queued_.shrink_to_fit();
  return 0;
}

std::size_t SocketOutlet::unsent_bytes() const {
  const std::lock_guard lock(mutex_);
  return unsent_locked();
}

void SocketOutlet::seal() {
  const std::lock_guard lock(mutex_);
  sealed_ = true;
}

void SocketOutlet::shut() {
  const std::lock_guard lock(mutex_);
  sealed_ = true;
  descriptor_ = -1;
}

}  // namespace cauce::net

// What leaves through one socket: one queue for its loop and for other threads. Inside this room
// only.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "net/net.h"

namespace cauce::net {

class AsioLoop;
class SocketConnection;

class SocketOutlet final : public Outlet {
 public:
  // The descriptor is the connection's, which tells when it goes.
  SocketOutlet(AsioLoop& loop, int descriptor) : loop_(loop), descriptor_(descriptor) {}

  // Who sends on what flush() could not. Before anybody else has the outlet.
  void attach(std::weak_ptr<SocketConnection> connection) { connection_ = std::move(connection); }

  void queue(BytesView bytes) override;
  void flush() override;

  // The loop's thread, as what follows. Gives the kernel what it takes; the errno when the
  // connection is broken, else 0.
  int write();
  std::size_t unsent_bytes() const;
  // Takes no more; what is queued may still leave.
  void seal();
  // The descriptor is about to be closed, and its number may then be another's.
  void shut();

 private:
  int write_locked();
  std::size_t unsent_locked() const { return queued_.size() - sent_; }

  AsioLoop& loop_;
  std::weak_ptr<SocketConnection> connection_;
  mutable std::mutex mutex_;  // guards what follows
  int descriptor_;            // -1 once shut
  bool sealed_ = false;
  Bytes queued_;
  std::size_t sent_ = 0;  // of queued_
};

}  // namespace cauce::net

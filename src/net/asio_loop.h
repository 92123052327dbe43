// The event loop and its connections on Boost.Asio. Inside this room only: no other room sees Asio.
//
// A connection waits for readiness and then reads into the loop's one buffer, so an idle connection
// costs no buffer. What handlers send during a turn of the loop is gathered per connection and
// leaves with one system call each at the end of the turn.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <unordered_set>
#include <vector>

#include "net/net.h"
#include "net/socket_outlet.h"

namespace cauce::net {

// Whether a call failed with an errno that only says: again, later.
bool would_block(int code);

class AsioLoop;

class SocketConnection final : public Connection,
                               public std::enable_shared_from_this<SocketConnection> {
 public:
  SocketConnection(AsioLoop& loop, int descriptor, std::string peer);

  ~SocketConnection() override;

  // Before its handler has it.
  void attach_outlet() { outlet_->attach(weak_from_this()); }
  void start(std::unique_ptr<Handler> handler);
  // End of a turn: hands what was queued to the kernel.
  void flush();

  void send(BytesView bytes) override;
  std::shared_ptr<Outlet> outlet() override { return outlet_; }
  std::size_t unsent_bytes() const override { return outlet_->unsent_bytes(); }
  void pause_reading() override { paused_ = true; }
  void resume_reading() override;
  void close() override;
  std::string peer() const override { return peer_; }

 private:
  void wait_to_read();
  void read();
  void wait_to_write();
  void mark_for_flush();
  void finish(std::string_view why);
  void linger();
  void discard();
  void drop();

  AsioLoop& loop_;
  boost::asio::posix::stream_descriptor descriptor_;
  std::unique_ptr<boost::asio::steady_timer> close_timer_;
  std::unique_ptr<Handler> handler_;  // null once on_closed has run
  std::string peer_;
  std::shared_ptr<SocketOutlet> outlet_;  // never null
  bool paused_ = false;
  bool closing_ = false;
  bool waits_to_read_ = false;
  bool waits_to_write_ = false;
  bool marked_for_flush_ = false;
};

class AsioLoop final : public Loop {
 public:
  AsioLoop();
  ~AsioLoop() override;

  Result<void> listen(Listener listener, Accept accept) override;
  Result<void> connect(const Address& address, Accept accept, Failed failed) override;
  Result<std::shared_ptr<DatagramSocket>> receive(Listener listener,
                                                  OnDatagram on_datagram) override;
  void every(Duration interval, std::function<void()> task) override;
  void post(std::function<void()> task) override;
  void run() override;
  void run_ready() override;
  void stop() override;

  boost::asio::io_context& context() { return context_; }
  std::vector<char>& read_buffer() { return read_buffer_; }
  void flush_at_end_of_turn(std::shared_ptr<SocketConnection> connection);
  void forget(const std::shared_ptr<SocketConnection>& connection);

 private:
  struct Acceptor;
  struct Ticker;
  struct Dial;
  void wait_to_accept(const std::shared_ptr<Acceptor>& acceptor);
  void accept_ready(const std::shared_ptr<Acceptor>& acceptor);
  void finish_dial(const std::shared_ptr<Dial>& dial, int code);
  void start(int descriptor, std::string peer, const Accept& accept);
  void retry_accept_later(const std::shared_ptr<Acceptor>& acceptor, int code);
  void schedule(const std::shared_ptr<Ticker>& ticker);
  void flush_all();

  std::atomic<bool> destroyed_{false};
  std::vector<char> read_buffer_;
  boost::asio::io_context context_;
  std::unordered_set<std::shared_ptr<SocketConnection>> connections_;
  std::vector<std::shared_ptr<SocketConnection>> to_flush_;
  std::vector<std::shared_ptr<SocketConnection>> flushing_;  // being flushed now
};

}  // namespace cauce::net

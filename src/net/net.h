// Sockets without the library showing: an event loop, listeners and connections, by callbacks. A
// connection stays on its loop for life, so its handler needs no locks. (HTTP is http.h.)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "net/datagrams.h"

namespace cauce::net {

struct Address {
  std::string host;        // numeric, "127.0.0.1" or "::1"
  std::uint16_t port = 0;  // 0: any free port

  bool operator==(const Address&) const = default;
};

// A bound, listening socket that can be handed to a child process, which inherits its number. It
// is closed by exec unless keep_across_exec() was called.
class Listener {
 public:
  // `conflict` when the port is taken: the error names the program and pid that hold it, as far as
  // they can be seen ("port 1883 is taken by mosquitto (pid 812)"). Backlog 4096.
  static Result<Listener> bind(const Address& address);
  // The same for datagrams (UDP).
  static Result<Listener> bind_datagrams(const Address& address);
  // One that was inherited.
  static Result<Listener> adopt(int descriptor);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;
  ~Listener();

  const Address& address() const { return address_; }
  int descriptor() const { return descriptor_; }
  // Gives up ownership (the event loop takes it).
  int release();
  // Lets a program started by exec inherit descriptor(), which that program then adopts.
  Result<void> keep_across_exec();

 private:
  static Result<Listener> bind(const Address& address, int type);
  Listener(int descriptor, Address address);
  int descriptor_ = -1;
  Address address_;
};

// The way out of a connection for other threads than its loop's: what is queued here leaves in one
// order with what the connection sends. Outlives the connection; then it takes nothing. Any thread.
class Outlet {
 public:
  virtual ~Outlet() = default;
  // Behind all that was sent or queued before; for nothing after Connection::close().
  virtual void queue(BytesView bytes) = 0;
  // Gives the kernel at once what it takes of what is queued and sent. The loop does the rest.
  virtual void flush() = 0;
};

// One connection, used by its handler only, on its loop's thread.
class Connection {
 public:
  virtual ~Connection() = default;
  // Queues bytes; they leave together when the handler has returned.
  virtual void send(BytesView bytes) = 0;
  // nullptr where a layer on the way (TLS, WebSocket) makes other bytes of them, which only the
  // loop's thread may do.
  virtual std::shared_ptr<Outlet> outlet() { return nullptr; }
  // Bytes queued and not yet taken by the kernel.
  virtual std::size_t unsent_bytes() const = 0;
  // Stops and resumes reading: the way back-pressure reaches the client.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  // Sends what is queued, then closes; nothing more is read. on_closed follows, never from inside
  // this call; after five seconds at the latest, however slowly the peer reads.
  virtual void close() = 0;
  virtual std::string peer() const = 0;  // "127.0.0.1:41822", for logs
  // The certificate, in DER, whose key the peer has proved to hold; empty without one. Who signed
  // it, and for how long, is the caller's to judge. Known once bytes come.
  virtual Bytes certificate() const { return {}; }
  // The holder of the shared key that the peer has proved to hold (shared_key.h); empty without.
  // Known once bytes come.
  virtual Bytes shared_key_holder() const { return {}; }
  // Whether nobody in between can read what goes through it.
  virtual bool encrypted() const { return false; }
};

class Handler {
 public:
  virtual ~Handler() = default;
  // `bytes` are valid during the call only. All of them are consumed by the call.
  virtual void on_bytes(BytesView bytes) = 0;
  // The kernel took everything that was sent.
  virtual void on_sent() {}
  // Last call; the handler is destroyed afterwards.
  virtual void on_closed(std::string_view why) = 0;
  // Instead of on_closed(): a layer between (TLS, WebSocket) closed it for what the peer sent.
  virtual void on_violation(std::string_view why) { on_closed(why); }
};

// A single-threaded event loop. Only post() and stop() may be called from other threads. Whoever
// posts to it or holds one of its connections goes before it does: a loop that is destroyed drops
// its connections and handlers without on_closed.
class Loop {
 public:
  static std::unique_ptr<Loop> create();
  virtual ~Loop() = default;

  // Answers who handles a new connection; nullptr closes it at once.
  using Accept = std::function<std::unique_ptr<Handler>(Connection&)>;
  virtual Result<void> listen(Listener listener, Accept accept) = 0;
  // Takes datagrams until the socket that it answers is dropped, which goes before the loop.
  virtual Result<std::shared_ptr<DatagramSocket>> receive(Listener listener,
                                                          OnDatagram on_datagram) = 0;
  // Opens a connection to `address`. Later, on the loop, exactly one of the two is called: `accept`
  // with the connection, whose handler it answers, or `failed` with the reason. It may take as long
  // as the kernel lets it. `invalid` when the address is not numeric; then neither is called.
  using Failed = std::function<void(std::string_view why)>;
  virtual Result<void> connect(const Address& address, Accept accept, Failed failed) = 0;
  // Calls `task` on the loop every `interval` until the loop stops.
  virtual void every(Duration interval, std::function<void()> task) = 0;
  virtual void post(std::function<void()> task) = 0;
  // Runs until stop().
  virtual void run() = 0;
  // Runs what is ready now and returns; for tests.
  virtual void run_ready() = 0;
  virtual void stop() = 0;
};

}  // namespace cauce::net

// A raw TCP client for tests: sends bytes, collects what comes back, sees the end. It and the loop
// under test share one thread: run_until turns the loop and waits on the socket, never on a clock.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <string>
#include <utility>

#include "net/net.h"

namespace cauce::net {

class TestClient {
 public:
  TestClient(Loop& loop, const Address& server)
      : loop_(loop), descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(server.port);
    ::inet_pton(AF_INET, server.host.c_str(), &target.sin_addr);
    connected_ =
        ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0;
  }
  TestClient(TestClient&& other) noexcept
      : loop_(other.loop_),
        descriptor_(std::exchange(other.descriptor_, -1)),
        connected_(other.connected_),
        closed_(other.closed_),
        received_(std::move(other.received_)) {}
  ~TestClient() { disconnect(); }

  bool connected() const { return connected_; }

  // Sends what the kernel takes and answers how much that was.
  std::size_t send(BytesView bytes) {
    const ssize_t count =
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return count < 0 ? 0 : std::size_t(count);
  }

  void disconnect() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  // Collects what has arrived.
  void receive() {
    std::array<char, 64 << 10> buffer;
    for (;;) {
      const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count > 0) received_.append(buffer.data(), std::size_t(count));
      if (count == 0 || (count < 0 && errno != EAGAIN)) closed_ = true;
      if (count <= 0) return;
    }
  }

  // Turns the loop until `condition` holds; false when it has not after many turns.
  bool run_until(const std::function<bool()>& condition) {
    for (int turn = 0; turn < turns_max; ++turn) {
      loop_.run_ready();
      if (descriptor_ >= 0 && !closed_) receive();
      if (condition()) return true;
      pollfd watched{closed_ ? -1 : descriptor_, POLLIN, 0};
      if (turn > 3) ::poll(&watched, 1, 1);
    }
    return false;
  }
  bool run_until_received(std::size_t count) {
    return run_until([&] { return received_.size() >= count; });
  }
  bool run_until_closed() {
    return run_until([&] { return closed_; });
  }

  bool closed() const { return closed_; }
  Bytes take_received() { return std::exchange(received_, {}); }
  const Bytes& received() const { return received_; }

 private:
  static constexpr int turns_max = 5000;

  Loop& loop_;
  int descriptor_;
  bool connected_ = false;
  bool closed_ = false;
  Bytes received_;
};

}  // namespace cauce::net

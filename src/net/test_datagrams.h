// A UDP client for tests, on the thread of the loop under test (see test_client.h).
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "net/net.h"

namespace cauce::net {

class TestDatagrams {
 public:
  TestDatagrams(Loop& loop, const Address& server) : loop_(loop) {
    const bool ip6 = server.host.find(':') != std::string::npos;
    descriptor_ = ::socket(ip6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in ip4_target{};
    ip4_target.sin_family = AF_INET;
    ip4_target.sin_port = htons(server.port);
    sockaddr_in6 ip6_target{};
    ip6_target.sin6_family = AF_INET6;
    ip6_target.sin6_port = htons(server.port);
    if (ip6) {
      ::inet_pton(AF_INET6, server.host.c_str(), &ip6_target.sin6_addr);
      ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&ip6_target), sizeof ip6_target);
    } else {
      ::inet_pton(AF_INET, server.host.c_str(), &ip4_target.sin_addr);
      ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&ip4_target), sizeof ip4_target);
    }
  }
  TestDatagrams(const TestDatagrams&) = delete;
  TestDatagrams& operator=(const TestDatagrams&) = delete;
  ~TestDatagrams() { ::close(descriptor_); }

  void send(BytesView datagram) { (void)::send(descriptor_, datagram.data(), datagram.size(), 0); }

  // Turns the loop until a datagram has come; empty when none has after many turns.
  Bytes next(int turns_max = 2000) {
    std::vector<char> buffer(64 << 10);
    for (int turn = 0; turn < turns_max; ++turn) {
      loop_.run_ready();
      const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count >= 0) return {buffer.data(), std::size_t(count)};
      pollfd watched{descriptor_, POLLIN, 0};
      if (turn > 3) ::poll(&watched, 1, 1);
    }
    return {};
  }

 private:
  Loop& loop_;
  int descriptor_ = -1;
};

}  // namespace cauce::net

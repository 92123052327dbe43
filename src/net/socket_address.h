// Between Address and the kernel's form of it. Inside this room only.
#pragma once

#include <sys/socket.h>

#include <string>

#include "net/net.h"

namespace cauce::net {

class SocketAddress {
 public:
  // `invalid` unless address.host is a numeric IPv4 or IPv6 address or "localhost".
  static Result<SocketAddress> of(const Address& address);
  // What `descriptor` is bound to.
  static Address local(int descriptor);
  static Address from(const sockaddr_storage& stored);

  int family() const { return stored_.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&stored_); }
  socklen_t size() const { return size_; }

 private:
  sockaddr_storage stored_{};
  socklen_t size_ = 0;
};

// "127.0.0.1:1883", "[::1]:1883".
std::string to_text(const Address& address);

}  // namespace cauce::net

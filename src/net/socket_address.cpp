#include "net/socket_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>

#include <array>

namespace cauce::net {

Result<SocketAddress> SocketAddress::of(const Address& address) {
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  SocketAddress result;
  auto* ip4 = reinterpret_cast<sockaddr_in*>(&result.stored_);
  if (::inet_pton(AF_INET, host.c_str(), &ip4->sin_addr) == 1) {
    ip4->sin_family = AF_INET;
    ip4->sin_port = htons(address.port);
    result.size_ = sizeof *ip4;
    return result;
  }
  auto* ip6 = reinterpret_cast<sockaddr_in6*>(&result.stored_);
  if (::inet_pton(AF_INET6, host.c_str(), &ip6->sin6_addr) == 1) {
    ip6->sin6_family = AF_INET6;
    ip6->sin6_port = htons(address.port);
    result.size_ = sizeof *ip6;
    return result;
  }
  return Error{Outcome::invalid,
               fmt::format("\"{}\" is not a numeric address; write 127.0.0.1 or ::1",
                           address.host.substr(0, 64))};
}

Address SocketAddress::local(int descriptor) {
  sockaddr_storage stored{};
  socklen_t size = sizeof stored;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&stored), &size);
  return from(stored);
}

Address SocketAddress::from(const sockaddr_storage& stored) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  Address address;
  if (stored.ss_family == AF_INET6) {
    const auto& ip6 = reinterpret_cast<const sockaddr_in6&>(stored);
    ::inet_ntop(AF_INET6, &ip6.sin6_addr, text.data(), text.size());
    address.port = ntohs(ip6.sin6_port);
  } else {
    const auto& ip4 = reinterpret_cast<const sockaddr_in&>(stored);
    ::inet_ntop(AF_INET, &ip4.sin_addr, text.data(), text.size());
    address.port = ntohs(ip4.sin_port);
  }
  address.host = text.data();
  return address;
}

std::string to_text(const Address& address) {
  const bool ip6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", ip6 ? "[" : "", address.host, ip6 ? "]" : "", address.port);
}

}  // namespace cauce::net

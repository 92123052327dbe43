#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/net.h"
#include "net/port_holder.h"
#include "net/socket_address.h"

namespace cauce::net {
namespace {

constexpr int backlog = 4096;

Error bind_error(const Address& address, int code) {
  const std::string text = to_text(address);
  if (code == EADDRINUSE) {
    return {Outcome::conflict,
            fmt::format("port {} is taken by {}", address.port, port_holder(address.port))};
  }
  if (code == EACCES) {
    return {Outcome::denied,
            fmt::format("this user may not listen on {}; choose a port above 1023", text)};
  }
  if (code == EADDRNOTAVAIL) {
    return {Outcome::invalid, fmt::format("{} is not an address of this machine", text)};
  }
  return {Outcome::unavailable, fmt::format("cannot listen on {}: {}", text, std::strerror(code))};
}

}  // namespace

Result<Listener> Listener::bind(const Address& address) {
  const auto target = SocketAddress::of(address);
  if (!target) return target.error();
  const int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const int descriptor = ::socket(target->family(), type, 0);
  if (descriptor < 0) return bind_error(address, errno);
  Listener listener(descriptor, address);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (target->family() == AF_INET6) {
    ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (::bind(descriptor, target->get(), target->size()) != 0 ||
      ::listen(descriptor, backlog) != 0) {
    return bind_error(address, errno);
  }
  listener.address_ = SocketAddress::local(descriptor);
  return listener;
}

Result<Listener> Listener::adopt(int descriptor) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
      listening == 0) {
    return Error{Outcome::invalid,
                 fmt::format("descriptor {} is not a listening socket", descriptor)};
  }
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  return Listener(descriptor, SocketAddress::local(descriptor));
}

Listener::Listener(int descriptor, Address address)
    : descriptor_(descriptor), address_(std::move(address)) {}

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), address_(std::move(other.address_)) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(address_, other.address_);
  return *this;
}

Listener::~Listener() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int Listener::release() {
  return std::exchange(descriptor_, -1);
}

Result<void> Listener::keep_across_exec() {
  if (::fcntl(descriptor_, F_SETFD, 0) == 0) return {};
  return Error{Outcome::invalid, fmt::format("cannot hand descriptor {} to a child: {}",
                                             descriptor_, std::strerror(errno))};
}

}  // namespace cauce::net

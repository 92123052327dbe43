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

Error bind_error(const Address& address, int type, int code) {
  const std::string text = to_text(address);
  if (code == EADDRINUSE) {
    return {Outcome::conflict, fmt::format("port {} is taken by {}", address.port,
                                           port_holder(address.port, type == SOCK_DGRAM))};
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
  return bind(address, SOCK_STREAM);
}

Result<Listener> Listener::bind_datagrams(const Address& address) {
  return bind(address, SOCK_DGRAM);
}

Result<Listener> Listener::bind(const Address& address, int type) {
  const auto target = SocketAddress::of(address);
  if (!target) return target.error();
  const int descriptor = ::socket(target->family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return bind_error(address, type, errno);
  Listener listener(descriptor, address);
  const int on = 1;
  // Of datagrams, two could listen on the same port then, and one of them would hear nothing.
  if (type == SOCK_STREAM) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (target->family() == AF_INET6) {
    ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (::bind(descriptor, target->get(), target->size()) != 0)
    return bind_error(address, type, errno);
  if (type == SOCK_STREAM) {
    if (::listen(descriptor, backlog) != 0) return bind_error(address, type, errno);
  } else {
    // As much as the kernel lets it have.
    const int bytes = 4 << 20;
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  listener.address_ = SocketAddress::local(descriptor);
  return listener;
}

Result<Listener> Listener::adopt(int descriptor) {
  const auto option = [descriptor](int name) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
  };
  if (option(SO_ACCEPTCONN) == 0 && option(SO_TYPE) != SOCK_DGRAM) {
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

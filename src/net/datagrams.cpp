#include "net/datagrams.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/asio_loop.h"
#include "net/socket_address.h"

namespace cauce::net {
namespace {

using boost::asio::posix::stream_descriptor;

// Taken in one turn, so that a storm of them leaves time for the others.
constexpr int datagrams_per_turn_max = 256;

constexpr std::size_t ip4_bytes = 4;
constexpr std::size_t ip6_bytes = 16;
constexpr std::size_t ip4_peer_bytes = ip4_bytes + 2;
constexpr std::size_t ip6_peer_bytes = ip6_bytes + 6;

template <class Value>
void append(Bytes& bytes, const Value& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

DatagramPeer peer_of(const sockaddr_storage& stored) {
  DatagramPeer peer;
  if (stored.ss_family == AF_INET6) {
    const auto& ip6 = reinterpret_cast<const sockaddr_in6&>(stored);
    append(peer, ip6.sin6_addr);
    append(peer, ip6.sin6_port);
    append(peer, ip6.sin6_scope_id);
  } else {
    const auto& ip4 = reinterpret_cast<const sockaddr_in&>(stored);
    append(peer, ip4.sin_addr);
    append(peer, ip4.sin_port);
  }
  return peer;
}

socklen_t address_of(const DatagramPeer& peer, sockaddr_storage& stored) {
  stored = {};
  if (peer.size() == ip4_peer_bytes) {
    auto& ip4 = reinterpret_cast<sockaddr_in&>(stored);
    ip4.sin_family = AF_INET;
    std::memcpy(&ip4.sin_addr, peer.data(), ip4_bytes);
    std::memcpy(&ip4.sin_port, peer.data() + ip4_bytes, 2);
    return sizeof ip4;
  }
  auto& ip6 = reinterpret_cast<sockaddr_in6&>(stored);
  INVARIANT(peer.size() == ip6_peer_bytes);
  ip6.sin6_family = AF_INET6;
  std::memcpy(&ip6.sin6_addr, peer.data(), ip6_bytes);
  std::memcpy(&ip6.sin6_port, peer.data() + ip6_bytes, 2);
  std::memcpy(&ip6.sin6_scope_id, peer.data() + ip6_bytes + 2, 4);
  return sizeof ip6;
}

class AsioDatagrams final : public DatagramSocket,
                            public std::enable_shared_from_this<AsioDatagrams> {
 public:
  AsioDatagrams(AsioLoop& loop, OnDatagram on_datagram)
      : loop_(loop), descriptor_(loop.context()), on_datagram_(std::move(on_datagram)) {}

  stream_descriptor& descriptor() { return descriptor_; }

  void wait() {
    descriptor_.async_wait(stream_descriptor::wait_read,
                           [weak = weak_from_this()](const boost::system::error_code& failure) {
                             const auto self = weak.lock();
                             if (!failure && self) self->receive();
                           });
  }

  void send(const DatagramPeer& peer, BytesView datagram) override {
    sockaddr_storage target;
    const socklen_t size = address_of(peer, target);
    // What is not sent is sent again by whoever misses it.
    (void)::sendto(descriptor_.native_handle(), datagram.data(), datagram.size(),
                   MSG_DONTWAIT | MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&target), size);
  }

 private:
  void receive() {
    std::vector<char>& buffer = loop_.read_buffer();
    for (int count = 0; count < datagrams_per_turn_max; ++count) {
      sockaddr_storage stored{};
      socklen_t size = sizeof stored;
      const ssize_t bytes = ::recvfrom(descriptor_.native_handle(), buffer.data(), buffer.size(),
                                       MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&stored), &size);
      if (bytes < 0) break;
      on_datagram_(peer_of(stored), BytesView(buffer.data(), std::size_t(bytes)));
    }
    wait();
  }

  AsioLoop& loop_;
  stream_descriptor descriptor_;
  OnDatagram on_datagram_;
};

}  // namespace

std::string to_text(const DatagramPeer& peer) {
  sockaddr_storage stored;
  const bool has_session = peer.size() != ip4_peer_bytes && peer.size() != ip6_peer_bytes;
  address_of(has_session ? peer.substr(0, peer.size() - session_number_bytes) : peer, stored);
  return to_text(SocketAddress::from(stored));
}

Result<std::shared_ptr<DatagramSocket>> AsioLoop::receive(Listener listener,
                                                          OnDatagram on_datagram) {
  auto socket = std::make_shared<AsioDatagrams>(*this, std::move(on_datagram));
  boost::system::error_code failure;
  socket->descriptor().assign(listener.descriptor(), failure);
  if (failure) {
    return Error{Outcome::unavailable, fmt::format("cannot watch the socket of {}: {}",
                                                   to_text(listener.address()), failure.message())};
  }
  listener.release();
  socket->wait();
  return std::shared_ptr<DatagramSocket>(std::move(socket));
}

}  // namespace cauce::net

// UDP without the library showing. On the loop's thread.
#pragma once

#include <functional>
#include <string>

#include "base/bytes.h"

namespace cauce::net {

// Where a datagram came from: address and port as they stand in the packet, 6 bytes (IPv4) or 22
// (IPv6 with its scope); a session of DTLS has its number behind them. To be compared and kept, and
// to be sent to by the socket that it came from.
using DatagramPeer = Bytes;

constexpr std::size_t session_number_bytes = 4;  // of DTLS (dtls.h)

std::string to_text(const DatagramPeer& peer);  // "127.0.0.1:41822", for logs

class DatagramSocket {
 public:
  virtual ~DatagramSocket() = default;
  // At once; what the kernel does not take is lost, as any datagram may be.
  virtual void send(const DatagramPeer& peer, BytesView datagram) = 0;
  // The holder of the shared key that the peer has proved to hold (shared_key.h); empty without.
  virtual Bytes shared_key_holder(const DatagramPeer&) const { return {}; }
};

// Who takes what comes; at most 64 KiB, valid during the call.
using OnDatagram = std::function<void(const DatagramPeer& peer, BytesView datagram)>;

}  // namespace cauce::net

// DTLS 1.2 (RFC 6347) with shared keys (RFC 4279), between a socket of datagrams and whoever takes
// what comes. It is a DatagramSocket again: what is sent to a session leaves encrypted or not at
// all. Nothing of OpenSSL shows here. One loop's thread.
//
// A client that has not proved that its address is its own costs nothing: its first message is
// answered by a cookie, in fewer bytes than it had, and forgotten (section 4.2.1). One that begins
// anew at an address that has a session, because it lost what it knew, replaces the session when
// its own handshake is over (section 4.2.8). What comes for no session is dropped in silence.
//
// There is no renegotiation, no compression and no resumption, and records that come again are
// dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "net/net.h"
#include "net/shared_key.h"

namespace cauce::net {

// Bytes of a datagram that leaves in a handshake: what every path of IPv6 carries (RFC 8200
// section 5), less the headers of IPv6 and UDP.
constexpr std::size_t dtls_datagram_bytes_max = 1232;

struct DtlsLimits {
  // Of clients that have proved to hold their key. One more ends the one that was silent longest:
  // first of the same key, then of all.
  std::size_t sessions_max = 10'000;
  std::size_t sessions_of_key_max = 16;
  // Begun by clients that have proved their address. One more ends the oldest.
  std::size_t handshakes_max = 256;
  Duration handshake_span_max = std::chrono::seconds{10};
  // Taken of one client before its handshake is over; more end it.
  int handshake_datagrams_max = 24;
  Duration retransmission_span = std::chrono::seconds{1};  // section 4.2.4.1; doubles each time
};

enum class DtlsEvent {
  established,          // a handshake became a session
  handshake_failed,     // against the protocol
  handshake_late,       // not over within handshake_span_max: another key, or a lossy network
  handshake_displaced,  // by another, at handshakes_max
  session_left,         // the client ended it
  session_failed,       // against the protocol
  session_replaced,     // by another of the same address
  session_displaced,    // by another, at sessions_max or sessions_of_key_max
  session_revoked,      // is_valid() says no
};
// The first of them are how a handshake may end.
constexpr std::size_t dtls_handshake_ends = 4;

// Outlives the server that it was given to.
class DtlsHandler {
 public:
  virtual ~DtlsHandler() = default;
  // As FindSharedKey.
  virtual std::optional<SharedKey> find_shared_key(std::string_view identity) = 0;
  // Whether who proved to be `holder` may have a session: asked once his handshake is over, and by
  // judge_sessions().
  virtual bool is_valid(BytesView holder) = 0;
  // As OnDatagram; `peer` is the session's. It may send, and must not call the server otherwise.
  virtual void on_datagram(const DatagramPeer& peer, BytesView datagram) = 0;
  // `why` is for the log.
  virtual void on_event(DtlsEvent event, const DatagramPeer& peer, std::string_view why) = 0;
};

class DtlsServer : public DatagramSocket {
 public:
  // Serves until it is dropped, which is before the loop is; its sessions are told so.
  static Result<std::shared_ptr<DtlsServer>> start(Loop& loop, Listener listener,
                                                   DtlsHandler& handler, const Clock& clock,
                                                   Random& random, const DtlsLimits& limits);
  // Over a socket whose datagrams the caller brings by receive().
  static std::shared_ptr<DtlsServer> over(std::shared_ptr<DatagramSocket> below,
                                          DtlsHandler& handler, const Clock& clock, Random& random,
                                          const DtlsLimits& limits);

  virtual void receive(const DatagramPeer& address, BytesView datagram) = 0;
  // Every 100 ms: sends again what was lost of handshakes, and ends those that take too long.
  virtual void look_around() = 0;
  // Asks is_valid() of every session, and ends those that are not.
  virtual void judge_sessions() = 0;

  virtual std::size_t sessions() const = 0;
  virtual std::size_t handshakes() const = 0;  // open
};

}  // namespace cauce::net

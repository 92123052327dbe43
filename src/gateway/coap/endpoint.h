// The layer of messages of CoAP (RFC 7252 section 4) for a server, without sockets: datagrams and
// time go in, requests and datagrams come out. Requests that come again are known for as long as
// their message id may come again (EXCHANGE_LIFETIME) and are answered without being served again.
//
// A request that was served at once is answered in its acknowledgement. One that takes longer than
// piggyback_span is acknowledged first and answered in a confirmable message of its own, which is
// sent again until the client acknowledges it.
//
// Only what changed something is remembered: a request that was refused, or that only reads, may be
// judged again. Each company has a fair share of what can be remembered.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

#include "base/random.h"
#include "base/time.h"
#include "gateway/coap/fair_share.h"
#include "gateway/coap/message.h"

namespace cauce::gateway::coap {

struct EndpointLimits {
  // Requests that are remembered, of all peers; more: 5.03. At most 65,536 are of one peer.
  std::size_t exchanges_max = 1'000'000;
  Duration piggyback_span = std::chrono::milliseconds{500};  // of the 2 s until it comes again
  // Section 4.8.2.
  Duration exchange_lifetime = std::chrono::seconds{247};
  Duration non_lifetime = std::chrono::seconds{145};
  Duration ack_timeout = std::chrono::seconds{2};
  int retransmissions_max = 4;
};

// Where a datagram came from, as net::DatagramSocket has it.
using Peer = Bytes;

// One thread.
class Endpoint {
 public:
  class Server {
   public:
    virtual ~Server() = default;
    // Whose it is; shares() had room for it.
    struct Accepted {
      FairShare::Owner owner = 0;
    };
    using Served = std::variant<Response, Accepted>;
    // Serves it: the answer, or that it was accepted and answer() will be called with `exchange`.
    // An answer that is remembered keeps its code and Block1; one without a code rejects a
    // non-confirmable request, which is silence. Not called for requests that are known.
    virtual Served on_request(std::uint64_t exchange, const Peer& peer, const Message& request) = 0;
    virtual void send(const Peer& peer, BytesView datagram) = 0;
  };

  // `server` outlives it.
  Endpoint(Server& server, Random& random, const EndpointLimits& limits);

  void receive(const Peer& peer, BytesView datagram, Duration now);
  // Of an exchange that was accepted; once. It is forgotten when the answer is not 2.04, for then
  // nothing was changed, and it may come again.
  void answer(std::uint64_t exchange, const Response& response, Duration now);
  // Every 100 ms: acknowledges what takes long, sends again, forgets.
  void look_around(Duration now);

  // Of what is remembered, one for each request that was accepted.
  FairShare& shares() { return shares_; }

  std::size_t exchanges() const { return exchanges_.size(); }
  std::size_t unacknowledged() const { return unacknowledged_.size(); }

 private:
  // There are many of them: some 170 bytes each with all around it.
  struct Exchange {
    std::uint64_t number = 0;
    Duration since{0};
    std::array<char, 8> token_bytes{};
    std::uint8_t token_size = 0;
    Type type = Type::confirmable;
    bool acknowledged = false;  // with an empty message
    Code answer = Code::empty;  // none yet
    std::uint16_t id = 0;
    FairShare::Owner owner = 0;
    std::optional<std::uint32_t> block1 = std::nullopt;  // of the answer

    BytesView token() const { return {token_bytes.data(), token_size}; }
  };
  // An answer of its own that the client has not acknowledged.
  struct Unacknowledged {
    Peer peer;
    Bytes datagram;
    Duration again_at{0};
    Duration interval{0};
    int left = 0;
  };
  struct Remembered {
    std::string key;
    std::uint64_t number = 0;
    Duration until{0};
  };

  using Exchanges = std::unordered_map<std::string, Exchange>;

  static std::string key_of(const Peer& peer, std::uint16_t id);
  static Peer peer_of(const std::string& key);
  void serve(const Peer& peer, const Message& request, Duration now);
  void repeat(const Peer& peer, const Exchange& exchange);
  void respond(const Peer& peer, const Exchange& exchange, const Response& response);
  void send_separately(const Peer& peer, const Exchange& exchange, const Response& response,
                       Duration now);
  void acknowledge_slow(Duration now);
  void send_again(Duration now);
  void forget(Exchanges::iterator exchange);
  void forget_old(std::deque<Remembered>& remembered, Duration now);

  Server& server_;
  Random& random_;
  const EndpointLimits limits_;
  Message message_;  // keeps its memory
  FairShare shares_;
  Exchanges exchanges_;                                  // by peer and id
  std::unordered_map<std::uint64_t, std::string> open_;  // not answered: the key
  std::deque<std::uint64_t> unanswered_;                 // oldest first; some are answered
  std::unordered_map<std::string, Unacknowledged> unacknowledged_;  // by peer and id of ours
  std::deque<Remembered> confirmable_;                              // oldest first
  std::deque<Remembered> non_confirmable_;
  std::uint64_t last_exchange_ = 0;
  std::uint16_t last_id_ = 0;
};

}  // namespace cauce::gateway::coap

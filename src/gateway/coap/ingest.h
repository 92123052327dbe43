// Devices that speak CoAP (RFC 7252) over UDP, in the clear or by DTLS: they send messages, ask for
// their commands, and say what came of those (request.h). Who they are, what they may send and when
// they are answered is decided as for MQTT and HTTP, by the same switchboard and intake: 2.04
// leaves when the message is durable. A message that comes again is answered again and stored once
// (endpoint.h); a large one comes in blocks (blocks.h).
//
// Each door has an Ingest of its own: nothing of a session of DTLS is known in the clear.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "gateway/coap/blocks.h"
#include "gateway/coap/endpoint.h"
#include "gateway/coap/options.h"
#include "gateway/coap/request.h"
#include "gateway/switchboard.h"
#include "net/net.h"

namespace cauce::gateway::coap {

// Runs on the loop's thread.
class Ingest final : public std::enable_shared_from_this<Ingest>,
                     private Endpoint::Server,
                     private Submitter,
                     private net::DtlsHandler {
 public:
  // Serves until it goes, which is before the loop does.
  static Result<std::shared_ptr<Ingest>> start(net::Loop& loop, net::Listener listener,
                                               std::shared_ptr<Switchboard> switchboard,
                                               const IngestOptions& options);
  // The same by DTLS. Who holds a shared key of a device is that device, without a token.
  static Result<std::shared_ptr<Ingest>> start_encrypted(net::Loop& loop, net::Listener listener,
                                                         std::shared_ptr<Switchboard> switchboard,
                                                         const IngestOptions& options);
  Ingest(std::shared_ptr<Switchboard> switchboard, const IngestOptions& options);
  ~Ingest() override;

  // Every 100 ms.
  void look_around();

 private:
  // A message on its way to the stream.
  struct Pending {
    std::uint64_t exchange = 0;
    std::optional<std::uint32_t> block1;  // of the answer
    Duration since{0};
    bool told = false;  // that it takes too long
  };

  Served on_request(std::uint64_t exchange, const Peer& peer, const Message& request) override;
  void send(const Peer& peer, BytesView datagram) override;

  std::optional<net::SharedKey> find_shared_key(std::string_view identity) override;
  bool is_valid(BytesView holder) override;
  void on_datagram(const Peer& peer, BytesView datagram) override;
  void on_event(net::DtlsEvent event, const Peer& peer, std::string_view why) override;

  void on_durable(const Answer& answer, std::size_t count) override;
  void on_failure(const Error& error) override;
  // Nothing waits: who found the stream full was told so.
  bool retry() override { return true; }

  Served hand_command(std::uint64_t exchange, const Asked& asked, const Identity& identity);
  Served accept(const Identity& identity);
  std::optional<Response> admit(const Peer& peer, const Asked& asked,
                                std::optional<Identity>& identity);
  std::optional<Response> refuse_excess(const Identity& identity);
  std::optional<Response> refuse_oversize(const Identity& identity, const Asked& asked,
                                          BytesView payload);
  void look_at_sessions();
  void draw(const Identity& identity, std::size_t messages, std::size_t bytes);
  Served store(std::uint64_t exchange, const Identity& identity, const Incoming& message,
               std::optional<std::uint32_t> block1);
  Duration now() const { return switchboard_->clock().elapsed(); }

  std::shared_ptr<Switchboard> switchboard_;
  const IngestOptions options_;
  std::shared_ptr<net::DatagramSocket> socket_;
  std::shared_ptr<net::DtlsServer> dtls_;  // the same socket; nullptr in the clear
  std::uint64_t judged_at_ = 0;            // Switchboard::registry_changes()
  Endpoint endpoint_;
  Blocks blocks_;
  std::uint64_t submitter_;
  std::deque<Pending> pending_;  // in the order of their appends
};

}  // namespace cauce::gateway::coap

// The gateway role: devices connect by MQTT 3.1.1 or 5.0 (over TCP or WebSocket) or send by HTTP,
// in the clear or by TLS, or by CoAP, in the clear or by DTLS, are admitted, and what they publish
// goes to `raw`; a PUBACK, a PUBREC, a 200 or a 2.04 leaves only when it is durable. What somebody
// subscribed to goes on to him then (broker/broker.h), as do commands of the topic `commands`.
//
// Back-pressure, never loss: when the stream is full, the connection's messages wait here, at most
// one read of them, and its socket is not read until they were taken.
//
// Everything but the workers runs on the loop's thread. Order of destruction: the gateway,
// then the writer, then the loop; the registry may go any time after the loop has stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "business/business.h"
#include "gateway/allowance.h"
#include "gateway/broker/broker.h"
#include "gateway/coap/options.h"
#include "gateway/http/options.h"
#include "gateway/meters.h"
#include "gateway/session_keeper.h"
#include "net/net.h"
#include "net/tls.h"
#include "record/message.h"
#include "stream/stream.h"
#include "work/worker.h"

namespace cauce::gateway {

struct Options {
  // Admits any client on any topic under business::open_company: for benchmarks and conformance
  // suites. Differs in credential lookup, topic policy and rates, and in nothing else.
  bool open = false;

  std::size_t connections_max = 20'000;        // more: accepted and closed
  std::size_t publishes_in_flight_max = 4096;  // of one connection, not durable yet: not read
  std::size_t unreleased_max = 4096;           // QoS 2 messages of one without PUBREL: closed
  std::size_t unsent_bytes_max = 1 << 20;      // of one connection that does not read: closed
  std::size_t payload_bytes_max = record::payload_bytes_max;
  // Of one connection, of what it subscribed to; more waits in its session.
  std::size_t unsent_delivery_bytes_max = 256 << 10;
  broker::Limits broker;
  http::IngestOptions http;
  coap::IngestOptions coap;
  AllowanceLimits allowances;  // of each device and each company; not with `open`

  // Asked once a second. While true (below 5 % free), CONNECT gets 0x03, a POST 503, and nobody is
  // read.
  std::function<bool()> disk_is_low = [] { return false; };

  Meters meters = {};

  // The last time in `raw` (last_received_at), so that a clock that was set back between two
  // starts does not turn stream time back.
  Time received_at_least = time_min;
};

// The time of the newest record of `raw`; time_min when there is none.
Result<Time> last_received_at(stream::Reader& raw);

struct Counts {
  std::size_t connections = 0;
  std::uint64_t messages_in_flight = 0;  // taken, not durable yet
  std::uint64_t messages = 0;            // durable, since the start
  bool disk_is_low = false;
};

// Where devices come in. What comes through an encrypted one needs `tls`.
struct Listeners {
  net::Listener mqtt;
  net::Listener http;
  std::optional<net::Listener> mqtt_tls = std::nullopt;
  std::optional<net::Listener> websocket = std::nullopt;
  std::optional<net::Listener> websocket_tls = std::nullopt;
  std::optional<net::Listener> http_tls = std::nullopt;
  std::optional<net::Listener> coap = std::nullopt;   // of datagrams
  std::optional<net::Listener> coaps = std::nullopt;  // the same, with shared keys of devices
  std::shared_ptr<net::TlsServer> tls = nullptr;
};

// Of the topics that the gateway reads, and where it keeps its sessions.
struct Readers {
  std::unique_ptr<stream::Reader> commands;
  // For messages that wait in sessions.
  std::unique_ptr<stream::Reader> queued_raw;
  std::unique_ptr<stream::Reader> queued_commands;
  SessionStore sessions;
};

class Gateway {
 public:
  // The sessions of an earlier gateway go on before anybody can connect.
  // What it refers to outlives it. The registry is refreshed here, every 100 ms; a device that was
  // disabled, or whose token was changed, loses its connection within a second.
  static Result<std::unique_ptr<Gateway>> start(net::Loop& loop, Listeners listeners,
                                                stream::Writer& raw, Readers readers,
                                                business::Registry& registry, const Clock& clock,
                                                Random& random, const Options& options);
  virtual ~Gateway() = default;

  // Follows the topic `commands` from where it came the last time; wants a thread of its own.
  virtual work::Worker& commands_worker() = 0;
  // Brings messages that waited in sessions; wants a thread of its own.
  virtual work::Worker& archive_worker() = 0;
  // Makes snapshots of the sessions; wants a thread of its own.
  virtual work::Worker& sessions_worker() = 0;

  // Keeps the sessions as they are, so that the next start has nothing to read; when loop and
  // workers have stopped.
  virtual Result<void> close_sessions() = 0;

  // What the loop calls every 100 ms: registry, time-outs, ticks, disk. For tests on a virtual
  // clock.
  virtual void look_around() = 0;

  // As of now, which costs a look at what became durable.
  virtual Counts counts() = 0;
};

}  // namespace cauce::gateway

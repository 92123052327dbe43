// The server's side of one MQTT 3.1.1 connection, without sockets, clocks or threads: bytes go in,
// calls on a Client come out, and what must be sent is collected in output(). Section numbers are
// those of the OASIS standard mqtt-v3.1.1.
//
// What differs from a full broker, on purpose or not yet:
// - QoS 2 from a client closes the connection with that reason: it is not supported yet.
// - RETAIN is accepted and not kept; a will is checked and not published.
// - No session outlives its connection: "clean session 0" is accepted and CONNACK says "session
//   present 0" (3.1.2.4). A client then sends again what was not acknowledged, as it must.
// - Protocol levels 3 and 5 get return code 0x01.
//
// Bounded: at most one incomplete packet is held, and a packet over its limit is refused as soon
// as its length is known, before it is stored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "gateway/mqtt/packet.h"

namespace cauce::gateway::mqtt {

struct Limits {
  std::size_t payload_bytes_max = 1 << 20;
  std::size_t topic_bytes_max = 512;
  std::size_t control_bytes_max = 16 << 10;  // remaining length of every packet but PUBLISH
  std::size_t client_id_bytes_max = 256;     // longer: return code 0x02
  std::size_t deliveries_max = 64;           // QoS 1 deliveries without their PUBACK
  Duration connect_span_max = std::chrono::seconds{10};
};

// Why a connection ends; for logs and counts.
enum class CloseKind {
  disconnected,  // the client said so
  refused,       // not admitted
  violation,     // against the protocol
  oversized,
  unsupported,
  forbidden,  // against the topic policy
  silent,     // keep-alive or CONNECT overdue
};

// What the client asks, while receive() runs. Views are valid until the caller calls done().
class Client {
 public:
  virtual ~Client() = default;
  // Its user name, password and (perhaps empty: to be generated, 3.1.3.1) client id are the
  // owner's to judge; a code other than `accepted` is sent and the connection closes.
  virtual ConnectReturn on_connect(const Connect& connect) = 0;
  // With QoS 1, put_puback is the owner's, when the message is durable. False closes the
  // connection: the topic is not the client's.
  virtual bool on_publish(const Publish& publish) = 0;
  // Answers the granted QoS or subscription_refused.
  virtual std::uint8_t on_subscribe(std::string_view filter, std::uint8_t qos) = 0;
  virtual void on_unsubscribe(std::string_view filter) = 0;
};

class Session {
 public:
  // `now` is time since an arbitrary start, as Clock::elapsed.
  Session(Client& client, const Limits& limits, Duration now);

  // Takes the bytes and makes the calls they ask for, in order. After closed(), does nothing.
  // Each receive() is followed by one done(), before which no byte is forgotten.
  void receive(BytesView bytes, Duration now);
  void done();

  // Closes when CONNECT or the keep-alive is overdue: one and a half times the span the client
  // gave (3.1.2.10).
  void check_time(Duration now);
  // Counts as a sign of life: we did not read, so the client could not give one.
  void excuse_silence(Duration now) { heard_at_ = now; }

  // Queues a message to the client. False when deliveries_max waits for its PUBACK: not queued.
  bool deliver(std::string_view topic, BytesView payload, std::uint8_t qos);

  bool connected() const { return state_ == State::connected; }
  bool closed() const { return state_ == State::closed; }
  CloseKind close_kind() const { return close_kind_; }
  const std::string& close_reason() const { return close_reason_; }

  // What must be sent; the owner sends it and clears it.
  Bytes& output() { return output_; }

 private:
  enum class State { waits_for_connect, connected, closed };

  std::size_t receive_packets(BytesView bytes);
  // Whether a packet with this first byte may come now; closes when not.
  bool may_begin(std::uint8_t first);
  bool fits(const FixedHeader& header);
  void handle(const FixedHeader& header, BytesView body);
  void handle_connect(BytesView body);
  void handle_publish(std::uint8_t flags, BytesView body);
  void handle_puback(BytesView body);
  void handle_subscribe(BytesView body);
  void handle_unsubscribe(BytesView body);
  void refuse(ConnectReturn code, std::string reason);
  void close(CloseKind kind, std::string reason);

  Client& client_;
  const Limits& limits_;
  State state_ = State::waits_for_connect;
  CloseKind close_kind_ = CloseKind::disconnected;
  std::string close_reason_;
  Bytes held_;            // begins with the incomplete packet
  std::size_t used_ = 0;  // of held_, forgotten by done()
  Bytes output_;
  Duration opened_at_;
  Duration heard_at_;
  Duration keep_alive_{0};                 // 0: none
  std::vector<std::uint16_t> delivering_;  // packet ids without their PUBACK
  std::uint16_t last_delivery_ = 0;
};

}  // namespace cauce::gateway::mqtt

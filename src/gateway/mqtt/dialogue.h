// The server's side of one connection of MQTT 3.1.1 or 5.0, without sockets, clocks or threads:
// bytes go in, calls on a Client come out, and what must be sent is collected in output(). Section
// numbers are those of the OASIS standards; where one number is given, both have it.
//
// Protocol levels other than 4 and 5 get return code 0x01.
//
// Bounded: at most one incomplete packet is held, and a packet over its limit is refused as soon
// as its length is known, before it is stored.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "gateway/mqtt/packet.h"
#include "gateway/mqtt/topic_aliases.h"

namespace cauce::gateway::mqtt {

struct Limits {
  std::size_t payload_bytes_max = 1 << 20;
  std::size_t topic_bytes_max = 512;
  std::size_t properties_bytes_max = 16 << 10;  // of a PUBLISH of 5.0
  std::size_t content_type_bytes_max = 256;     // one of them
  std::size_t control_bytes_max = 16 << 10;     // remaining length of every packet but PUBLISH
  std::size_t client_id_bytes_max = 256;        // longer: Client Identifier not valid
  Duration connect_span_max = std::chrono::seconds{10};
  // Of 5.0, told in CONNACK. Small: what a client may have in flight is also what it sends again.
  std::uint16_t receive_maximum = 20;
  std::uint16_t topic_alias_maximum = 10;
  // Of those that a client allows us we use so many.
  std::uint16_t sent_aliases_max = 16;
  // A client of 5.0 that wants more, or none, is told this one (section 3.2.2.3.14).
  std::uint16_t server_keep_alive_s = 60;

  // Told to clients of 5.0: the longest PUBLISH that keeps to the limits above, with a payload of
  // so many bytes.
  std::uint32_t packet_bytes_max(std::size_t payload_bytes) const;
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

// Whether a client is admitted; what CONNACK tells of it.
struct Admission {
  Reason reason = Reason::success;
  std::string why = {};  // of a refusal, in words that the client may read
  bool session_present = false;
  std::uint32_t session_expiry_s = 0;   // 5.0: told when it is not what was asked for
  std::string assigned_client_id = {};  // when the client left it to us (section 3.1.3.1)
  // Of this client, at most that of everybody. Who speaks 5.0 is told, by its longest packet, and
  // is closed when it sends a longer one (section 3.2.2.3.6); the rest is the owner's to refuse.
  std::size_t payload_bytes_max = SIZE_MAX;
};

// A message to the client.
struct Outgoing {
  std::string_view topic;
  BytesView payload;
  BytesView properties;  // as forwarded_properties() answers them
  std::optional<std::uint32_t> expiry_s;
  std::span<const std::uint32_t> identifiers;  // of the subscriptions that it is for
  std::uint16_t packet_id = 0;                 // 0 with QoS 0
  std::uint8_t qos = 0;
  bool retain = false;
  bool duplicate = false;
};

// What becomes of a PUBLISH.
enum class Taking {
  taken,      // with QoS 1 or 2 it is answered when it is durable
  refused,    // 5.0 with QoS 1 or 2: it is answered with a refusal
  repeated,   // QoS 2 under an id that was not released: answered, and not a new message
  forbidden,  // closes the connection: the topic is not the client's
  unkept,     // closes the connection: there is no room to retain it
  oversized,  // closes the connection: the payload is larger than the client's may be
  overfull,   // closes the connection: too many QoS 2 messages are not released
};

// What the client asks, while receive() runs. Views are valid until the owner calls done().
class Client {
 public:
  virtual ~Client() = default;
  // Its user name, password and (perhaps empty: to be generated, 3.1.3.1) client id are the
  // owner's to judge; a refusal is sent, with its words to who asks for them, and the connection
  // closes.
  virtual Admission on_connect(const Connect& connect) = 0;
  // With QoS 1 and 2, PUBACK and PUBREC are the owner's, when the message is durable; then it
  // calls answered(). The topic is never empty. A payload over Limits::payload_bytes_max comes only
  // where the answer can refuse it, 5.0 with QoS 1 or 2, and has to be refused.
  virtual Taking on_publish(const Publish& publish) = 0;
  // PUBREL. False when no message waits under that id.
  virtual bool on_release(std::uint16_t packet_id) = 0;
  // PUBACK, PUBREC, PUBCOMP of what was sent to it. The answer to PUBREC is the owner's. False
  // closes the connection: it is not what that message waits for.
  virtual bool on_acknowledged(PacketType type, const Acknowledgement& told) = 0;
  // Answers the granted QoS or a refusal. Identifier 0: none.
  virtual Reason on_subscribe(const Subscription& subscription, std::uint32_t identifier) = 0;
  // Answers success or no_subscription_existed.
  virtual Reason on_unsubscribe(std::string_view filter) = 0;
  // It says goodbye; the dialogue is closed afterwards.
  virtual void on_disconnect(const Disconnect& disconnect) = 0;
};

class Dialogue {
 public:
  // `now` is time since an arbitrary start, as Clock::elapsed.
  Dialogue(Client& client, const Limits& limits, Duration now);

  // Takes the bytes and makes the calls they ask for, in order. After closed(), does nothing.
  // Each receive() is followed by one done(), before which no byte is forgotten.
  void receive(BytesView bytes, Duration now);
  void done();

  // Closes when CONNECT or the keep-alive is overdue: one and a half times the span that the
  // client gave, or was told (3.1.2.10).
  void check_time(Duration now);
  // Counts as a sign of life: we did not read, so the client could not give one.
  void excuse_silence(Duration now) { heard_at_ = now; }

  // So many PUBLISHes of QoS 1 and 2 have got the last answer that the owner gives them: PUBACK,
  // or a PUBREC that refuses.
  void answered(std::size_t count);

  // False when it is longer than the client takes: it is not sent (5.0 section 3.1.2.11.4).
  bool send(const Outgoing& message);
  void send_release(std::uint16_t packet_id);  // PUBREL

  // Ends it from our side: tells a client of 5.0 why.
  void dismiss(Reason reason);

  Version version() const { return version_; }
  bool connected() const { return state_ == State::connected; }
  bool closed() const { return state_ == State::closed; }
  CloseKind close_kind() const { return close_kind_; }
  const std::string& close_reason() const { return close_reason_; }

  // What must be sent; the owner sends it and clears it.
  Bytes& output() { return output_; }

 private:
  enum class State : std::uint8_t { waits_for_connect, connected, closed };

  std::size_t receive_packets(BytesView bytes);
  // Whether a packet with this first byte may come now; closes when not.
  bool may_begin(std::uint8_t first);
  bool fits(const FixedHeader& header, BytesView body);
  void refuse_long_connect(const FixedHeader& header, BytesView body);
  void handle(const FixedHeader& header, BytesView body);
  void handle_connect(BytesView body);
  void accept(const Connect& connect, const Admission& admission);
  Bytes connack_properties(const Connect& connect, const Admission& admission) const;
  void handle_publish(std::uint8_t flags, BytesView body);
  bool publish_fits(const Publish& publish);
  bool resolve_alias(Publish& publish);
  void handle_acknowledgement(PacketType type, BytesView body);
  void handle_subscribe(BytesView body);
  void handle_unsubscribe(BytesView body);
  // Takes the answer that begins at `before` back, and closes, when the client may not get it: who
  // asks for more than it can hear does not go on without an answer.
  void check_answer(PacketType type, std::size_t before);
  void handle_disconnect(BytesView body);
  // Closes when the packet broke the protocol.
  bool is_sound(const PacketReader& reader);
  void refuse(const Connect& connect, Reason reason, std::string sentence);
  void close(CloseKind kind, Reason reason, std::string sentence);
  void put_farewell(Reason reason, std::string_view sentence);

  Client& client_;
  const Limits& limits_;
  State state_ = State::waits_for_connect;
  Version version_ = Version::v3_1_1;
  CloseKind close_kind_ = CloseKind::disconnected;
  bool wants_reasons_ = false;                   // reason strings, section 3.1.2.11.7
  bool expires_at_once_ = true;                  // the session, by CONNECT
  std::uint16_t unanswered_ = 0;                 // PUBLISHes of QoS 1 and 2; 5.0 only
  std::uint32_t packet_bytes_max_ = UINT32_MAX;  // the client's
  std::size_t payload_bytes_max_;                // ours, as it was told
  std::string close_reason_;
  Bytes held_;            // begins with the incomplete packet
  std::size_t used_ = 0;  // of held_, forgotten by done()
  Bytes output_;
  Duration opened_at_;
  Duration heard_at_;
  Duration keep_alive_{0};                     // 0: none
  std::unique_ptr<TopicAliases> aliases_;      // when the client has used one
  std::unique_ptr<SentAliases> sent_aliases_;  // when the client allows any
};

}  // namespace cauce::gateway::mqtt

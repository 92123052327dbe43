// The control packets of MQTT 3.1.1 (OASIS standard mqtt-v3.1.1) and 5.0 (mqtt-v5.0) as bytes, both
// sections 2 and 3: taken apart without copying, and written. What is read are views into the
// packet.
//
// A parser takes a reader of the packet's body; afterwards reader.breach() says how the packet
// breaks the protocol, if it does, and what was answered then means nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "gateway/mqtt/property.h"
#include "gateway/mqtt/wire.h"

namespace cauce::gateway::mqtt {

// The protocol level of CONNECT.
enum class Version : std::uint8_t { v3_1_1 = 4, v5 = 5 };

// Section 2.1.2; AUTH is of 5.0 alone.
enum class PacketType : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,
};

std::string_view name_of(PacketType type);

struct FixedHeader {
  std::uint8_t type = 0;  // 0 is forbidden; the dialogue says so
  std::uint8_t flags = 0;
  std::size_t header_bytes = 0;     // of the fixed header itself, 2 to 5
  std::size_t remaining_bytes = 0;  // what follows it
};

// nullopt when more bytes are needed to know; `invalid` for a length of more than four bytes.
Result<std::optional<FixedHeader>> parse_fixed_header(BytesView bytes);

struct Will {
  std::string_view topic;
  BytesView payload;
  Properties properties;  // 5.0
  std::uint8_t qos = 0;
  bool retain = false;
};

// Section 3.1.
struct Connect {
  std::uint8_t level = 4;   // of the protocol; when neither 4 nor 5, nothing below is filled in
  bool clean_start = true;  // "clean session" in 3.1.1
  std::uint16_t keep_alive_s = 0;
  std::string_view client_id;
  std::optional<Will> will;
  std::optional<std::string_view> user_name;
  std::optional<BytesView> password;
  Properties properties;  // 5.0
};

Connect parse_connect(PacketReader& reader);

// Section 3.3.
struct Publish {
  std::string_view topic;  // 5.0: empty when the topic alias stands for it
  BytesView payload;
  BytesView properties;           // 5.0: as they came, checked
  std::string_view content_type;  // 5.0: of the properties; empty when there is none
  std::uint16_t packet_id = 0;    // 0 with QoS 0
  std::uint16_t topic_alias = 0;  // 5.0; 0: none
  std::uint8_t qos = 0;
  bool retain = false;
  bool duplicate = false;
};

Publish parse_publish(PacketReader& reader, Version version, std::uint8_t flags);

// PUBACK, PUBREC, PUBREL, PUBCOMP (sections 3.4 to 3.7).
struct Acknowledgement {
  std::uint16_t packet_id = 0;
  Reason reason = Reason::success;
};

Acknowledgement parse_acknowledgement(PacketReader& reader, Version version, PacketType type);

// Section 3.8.3.1.
struct Subscription {
  std::string_view filter;
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint8_t retain_handling = 0;  // 0 to 2
};

struct Subscribe {
  std::uint16_t packet_id = 0;
  std::uint32_t identifier = 0;  // 5.0; 0: none
  std::vector<Subscription> subscriptions;
};

Subscribe parse_subscribe(PacketReader& reader, Version version);

struct Unsubscribe {
  std::uint16_t packet_id = 0;
  std::vector<std::string_view> filters;
};

Unsubscribe parse_unsubscribe(PacketReader& reader, Version version);

// Section 3.14.
struct Disconnect {
  Reason reason = Reason::success;
  std::optional<std::uint32_t> session_expiry_s;
};

Disconnect parse_disconnect(PacketReader& reader, Version version);

// What is written. `properties` are those put with put_property(), without their length.

// 3.1.1 gets the return code that is nearest to `reason` (section 3.2.2.3).
void put_connack(Bytes& target, Version version, bool session_present, Reason reason,
                 BytesView properties = {});
// PUBACK, PUBREC, PUBREL, PUBCOMP; 3.1.1 has no reason.
void put_acknowledgement(Bytes& target, Version version, PacketType type, std::uint16_t packet_id,
                         Reason reason = Reason::success);
// 3.1.1 gets 0x80 for every refusal (section 3.9.3).
void put_suback(Bytes& target, Version version, std::uint16_t packet_id,
                const std::vector<Reason>& reasons);
// 3.1.1 has no reasons.
void put_unsuback(Bytes& target, Version version, std::uint16_t packet_id,
                  const std::vector<Reason>& reasons);
void put_pingresp(Bytes& target);
// 5.0 only.
void put_disconnect(Bytes& target, Reason reason, BytesView properties = {});
void put_publish(Bytes& target, Version version, const Publish& publish);

}  // namespace cauce::gateway::mqtt

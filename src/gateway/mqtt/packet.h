// The control packets of MQTT 3.1.1 as bytes (OASIS standard mqtt-v3.1.1, sections 2 and 3): taken
// apart without copying, and written. What is read are views into the packet.
//
// A parser answers `invalid` with the sentence that explains the close of the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cauce::gateway::mqtt {

// Section 2.2.1.
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
};

std::string_view name_of(PacketType type);

struct FixedHeader {
  std::uint8_t type = 0;  // 0 and 15 are forbidden; the session says so
  std::uint8_t flags = 0;
  std::size_t header_bytes = 0;     // of the fixed header itself, 2 to 5
  std::size_t remaining_bytes = 0;  // what follows it, section 2.2.3
};

// nullopt when more bytes are needed to know.
Result<std::optional<FixedHeader>> parse_fixed_header(BytesView bytes);

struct Will {
  std::string_view topic;
  BytesView payload;
  std::uint8_t qos = 0;
  bool retain = false;
};

// Section 3.1.
struct Connect {
  std::uint8_t level = 4;  // of the protocol; when not 4, nothing below is filled in
  bool clean_session = true;
  std::uint16_t keep_alive_s = 0;
  std::string_view client_id;
  std::optional<Will> will;
  std::optional<std::string_view> user_name;
  std::optional<BytesView> password;
};

Result<Connect> parse_connect(BytesView body);

// Section 3.3.
struct Publish {
  std::string_view topic;
  BytesView payload;
  std::uint16_t packet_id = 0;  // 0 with QoS 0
  std::uint8_t qos = 0;
  bool retain = false;
  bool duplicate = false;
};

Result<Publish> parse_publish(std::uint8_t flags, BytesView body);

struct Subscription {
  std::string_view filter;
  std::uint8_t qos = 0;
};

// Sections 3.8 and 3.10; `subscriptions` is filled.
Result<std::uint16_t> parse_subscribe(BytesView body, std::vector<Subscription>& subscriptions);
Result<std::uint16_t> parse_unsubscribe(BytesView body, std::vector<Subscription>& subscriptions);
// Section 3.4.
Result<std::uint16_t> parse_puback(BytesView body);

// Section 3.2.2.3.
enum class ConnectReturn : std::uint8_t {
  accepted = 0,
  unacceptable_protocol = 1,
  identifier_rejected = 2,
  server_unavailable = 3,
  bad_credentials = 4,
  not_authorized = 5,
};

// "Session present" is always 0: no session outlives its connection.
void put_connack(Bytes& target, ConnectReturn code);
void put_puback(Bytes& target, std::uint16_t packet_id);
// Codes as section 3.9.3: the granted QoS, or subscription_refused.
constexpr std::uint8_t subscription_refused = 0x80;
void put_suback(Bytes& target, std::uint16_t packet_id, const std::vector<std::uint8_t>& codes);
void put_unsuback(Bytes& target, std::uint16_t packet_id);
void put_pingresp(Bytes& target);
void put_publish(Bytes& target, const Publish& publish);

}  // namespace cauce::gateway::mqtt

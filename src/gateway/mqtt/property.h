// The properties of MQTT 5.0 (section 2.2.2): which packet may have which, and what they hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/mqtt/wire.h"

namespace cauce::gateway::mqtt {

// Section 2.2.2.2, table 2-4.
enum class Property : std::uint8_t {
  payload_format = 0x01,
  message_expiry = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation = 0x09,
  subscription_identifier = 0x0B,
  session_expiry = 0x11,
  assigned_client_id = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication = 0x16,
  request_problem_information = 0x17,
  will_delay = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user = 0x26,
  maximum_packet_size = 0x27,
  wildcards_available = 0x28,
  identifiers_available = 0x29,
  shared_available = 0x2A,
};

// Where properties stand in what a client sends.
enum class Bearer : std::uint8_t {
  connect,
  will,
  publish,
  acknowledgement,  // PUBACK, PUBREC, PUBREL, PUBCOMP
  subscribe,
  unsubscribe,
  disconnect,
  auth,
};

// What a client can say. Views into the packet; user properties are in `all` only.
struct Properties {
  BytesView all;  // as they came, checked
  std::optional<std::uint8_t> payload_format;
  std::optional<std::uint32_t> message_expiry_s;
  std::optional<std::uint32_t> session_expiry_s;
  std::optional<std::uint32_t> will_delay_s;
  std::optional<std::uint32_t> maximum_packet_size;
  std::optional<std::uint32_t> subscription_identifier;
  std::optional<std::uint16_t> receive_maximum;
  std::optional<std::uint16_t> topic_alias_maximum;
  std::optional<std::uint16_t> topic_alias;
  std::optional<std::uint8_t> request_problem_information;
  std::optional<std::uint8_t> request_response_information;
  std::optional<std::string_view> content_type;
  std::optional<std::string_view> response_topic;
  std::optional<std::string_view> authentication_method;
  std::optional<std::string_view> reason_string;
  std::optional<BytesView> correlation;
  std::optional<BytesView> authentication;
};

// Takes the length and the properties behind it. The reader fails when one may not stand here,
// stands twice or has a value that its section forbids.
Properties take_properties(PacketReader& reader, Bearer bearer);

// Whether take_properties() would take them, without the length before them.
bool are_properties(BytesView properties, Bearer bearer);

// Those of a PUBLISH or a will that its receivers get unaltered and in order (sections 3.3.2.3.2 to
// 3.3.2.3.9: payload format, content type, response topic, correlation, user properties).
// `properties` has passed take_properties().
Bytes forwarded_properties(BytesView properties);
// Section 3.3.2.3.3, of the same.
std::optional<std::uint32_t> message_expiry(BytesView properties);
// Section 3.3.2.3.9, of the same; empty without one.
std::string content_type(BytesView properties);

// Without the length that stands before all of them. `put_property` with a number writes as many
// bytes as the property has.
void put_property(Bytes& target, Property property, std::uint32_t value);
void put_property(Bytes& target, Property property, std::string_view text);

}  // namespace cauce::gateway::mqtt

// Packets as a client writes them; for tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cauce::gateway::mqtt {

inline Bytes text_field(std::string_view text) {
  Bytes bytes;
  bytes += char(text.size() >> 8);
  bytes += char(text.size() & 0xFF);
  return bytes.append(text);
}

inline Bytes packet(std::uint8_t first, std::string_view body) {
  Bytes bytes(1, char(first));
  std::size_t rest = body.size();
  do {
    bytes += char((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return bytes.append(body);
}

// Raw CONNECT: variable header of `level` and `flags`, then `payload` (section 3.1).
inline Bytes raw_connect(std::uint8_t level, std::uint8_t flags, std::uint16_t keep_alive_s,
                         std::string_view payload, std::string_view protocol = "MQTT") {
  Bytes body = text_field(protocol);
  body += char(level);
  body += char(flags);
  body += char(keep_alive_s >> 8);
  body += char(keep_alive_s & 0xFF);
  return packet(0x10, body.append(payload));
}

inline Bytes connect(std::string_view client_id, std::string_view user_name = "",
                     std::string_view password = "", std::uint16_t keep_alive_s = 60) {
  Bytes payload = text_field(client_id);
  if (user_name.empty()) return raw_connect(4, 0x02, keep_alive_s, payload);
  payload += text_field(user_name) + text_field(password);
  return raw_connect(4, 0xC2, keep_alive_s, payload);
}

// QoS 1 with a packet id, 0 without one.
inline Bytes publish(std::string_view topic, std::string_view payload,
                     std::uint16_t packet_id = 0) {
  Bytes body = text_field(topic);
  if (packet_id > 0) body += {char(packet_id >> 8), char(packet_id & 0xFF)};
  return packet(packet_id > 0 ? 0x32 : 0x30, body.append(payload));
}

// A length of one byte and the properties of MQTT 5.0 behind it.
inline Bytes properties_field(std::string_view properties) {
  return Bytes(1, char(properties.size())).append(properties);
}

inline Bytes connect_5(std::string_view client_id, std::string_view properties = "",
                       std::uint8_t flags = 0x02, std::string_view rest = "",
                       std::uint16_t keep_alive_s = 60) {
  return raw_connect(5, flags, keep_alive_s,
                     properties_field(properties) + text_field(client_id).append(rest));
}

inline Bytes publish_5(std::string_view topic, std::string_view payload, std::uint8_t qos = 0,
                       std::uint16_t packet_id = 0, std::string_view properties = "") {
  Bytes body = text_field(topic);
  if (qos > 0) body += {char(packet_id >> 8), char(packet_id & 0xFF)};
  return packet(std::uint8_t(0x30 | qos << 1),
                body.append(properties_field(properties)).append(payload));
}

// One filter with these options.
inline Bytes subscribe_5(std::uint16_t packet_id, std::string_view filter, std::uint8_t options,
                         std::string_view properties = "") {
  const Bytes id{char(packet_id >> 8), char(packet_id & 0xFF)};
  return packet(0x82,
                id + properties_field(properties) + text_field(filter) + Bytes(1, char(options)));
}

inline Bytes unsubscribe_5(std::uint16_t packet_id, std::string_view filter) {
  const Bytes id{char(packet_id >> 8), char(packet_id & 0xFF)};
  return packet(0xA2, id + properties_field("") + text_field(filter));
}

inline Bytes id_field(std::uint16_t packet_id) {
  return {char(packet_id >> 8), char(packet_id & 0xFF)};
}

inline Bytes subscribe(std::uint16_t packet_id, std::string_view filter, std::uint8_t qos) {
  return packet(0x82, id_field(packet_id) + text_field(filter) + Bytes(1, char(qos)));
}

inline Bytes unsubscribe(std::uint16_t packet_id, std::string_view filter) {
  return packet(0xA2, id_field(packet_id) + text_field(filter));
}

inline Bytes puback(std::uint16_t packet_id) {
  return packet(0x40, id_field(packet_id));
}

inline const Bytes pingreq = packet(0xC0, "");
inline const Bytes disconnect = packet(0xE0, "");

inline Bytes pubrec(std::uint16_t packet_id) {
  return packet(0x50, id_field(packet_id));
}
inline Bytes pubrel(std::uint16_t packet_id) {
  return packet(0x62, id_field(packet_id));
}
inline Bytes pubcomp(std::uint16_t packet_id) {
  return packet(0x70, id_field(packet_id));
}

// Section 3.2.2.3 of 3.1.1.
enum class ConnectReturn : std::uint8_t {
  accepted = 0,
  unacceptable_protocol = 1,
  identifier_rejected = 2,
  server_unavailable = 3,
  bad_credentials = 4,
  not_authorized = 5,
};

inline Bytes connack(ConnectReturn code) {
  return {0x20, 0x02, 0x00, char(code)};
}

}  // namespace cauce::gateway::mqtt

// Packets as a client writes them; for tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "gateway/mqtt/packet.h"

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

inline Bytes publish(std::string_view topic, std::string_view payload,
                     std::uint16_t packet_id = 0) {
  Bytes bytes;
  put_publish(bytes,
              {topic, payload, packet_id, std::uint8_t(packet_id > 0 ? 1 : 0), false, false});
  return bytes;
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

inline Bytes connack(ConnectReturn code) {
  Bytes bytes;
  put_connack(bytes, code);
  return bytes;
}

}  // namespace cauce::gateway::mqtt

#include <array>

#include "base/invariant.h"
#include "gateway/mqtt/packet.h"

namespace cauce::gateway::mqtt {
namespace {

void put_fixed_header(Bytes& target, PacketType type, std::uint8_t flags, std::size_t remaining) {
  INVARIANT(remaining <= variable_number_max);
  target += char(std::uint8_t(type) << 4 | flags);
  put_variable_number(target, std::uint32_t(remaining));
}

std::size_t properties_bytes(BytesView properties) {
  return variable_number_bytes(std::uint32_t(properties.size())) + properties.size();
}

void put_properties(Bytes& target, BytesView properties) {
  put_variable_number(target, std::uint32_t(properties.size()));
  target.append(properties);
}

// MQTT 3.1.1 section 3.2.2.3, table 3.1.
std::uint8_t return_code(Reason reason) {
  switch (reason) {
    case Reason::success: return 0;
    case Reason::unsupported_version: return 1;
    case Reason::invalid_client_id: return 2;
    case Reason::bad_credentials: return 4;
    case Reason::not_authorized: return 5;
    default: return 3;
  }
}

}  // namespace

void put_connack(Bytes& target, Version version, bool session_present, Reason reason,
                 BytesView properties) {
  const bool is_5 = version == Version::v5;
  put_fixed_header(target, PacketType::connack, 0, 2 + (is_5 ? properties_bytes(properties) : 0));
  // [MQTT-3.2.2-4, MQTT-3.2.2-6]: a refusal has no session.
  target += char(session_present && !is_refusal(reason) ? 1 : 0);
  target += char(is_5 ? std::uint8_t(reason) : return_code(reason));
  if (is_5) put_properties(target, properties);
}

void put_acknowledgement(Bytes& target, Version version, PacketType type, std::uint16_t packet_id,
                         Reason reason) {
  const std::uint8_t flags = type == PacketType::pubrel ? 2 : 0;
  const auto first = char(std::uint8_t(type) << 4 | flags);
  const bool has_reason = version == Version::v5 && reason != Reason::success;
  // One append: there is one of these for each message.
  const std::array<char, 5> bytes{first, char(has_reason ? 3 : 2), char(packet_id >> 8),
                                  char(packet_id & 0xFF), char(reason)};
  target.append(bytes.data(), has_reason ? 5 : 4);
}

void put_suback(Bytes& target, Version version, std::uint16_t packet_id,
                const std::vector<Reason>& reasons) {
  const bool is_5 = version == Version::v5;
  put_fixed_header(target, PacketType::suback, 0, 2 + (is_5 ? 1 : 0) + reasons.size());
  put_big_u16(target, packet_id);
  if (is_5) put_properties(target, {});
  for (const Reason reason : reasons)
    target += char(is_refusal(reason) && !is_5 ? Reason::unspecified : reason);
}

void put_unsuback(Bytes& target, Version version, std::uint16_t packet_id,
                  const std::vector<Reason>& reasons) {
  const bool is_5 = version == Version::v5;
  put_fixed_header(target, PacketType::unsuback, 0, 2 + (is_5 ? 1 + reasons.size() : 0));
  put_big_u16(target, packet_id);
  if (!is_5) return;
  put_properties(target, {});
  for (const Reason reason : reasons)
    target += char(reason);
}

void put_pingresp(Bytes& target) {
  put_fixed_header(target, PacketType::pingresp, 0, 0);
}

void put_disconnect(Bytes& target, Reason reason, BytesView properties) {
  const bool has_properties = !properties.empty();
  put_fixed_header(target, PacketType::disconnect, 0,
                   1 + (has_properties ? properties_bytes(properties) : 0));
  target += char(reason);
  if (has_properties) put_properties(target, properties);
}

void put_publish(Bytes& target, Version version, const Publish& publish) {
  const bool is_5 = version == Version::v5;
  const std::size_t id_bytes = publish.qos > 0 ? 2 : 0;
  const auto flags = std::uint8_t(publish.duplicate << 3 | publish.qos << 1 | publish.retain);
  put_fixed_header(target, PacketType::publish, flags,
                   2 + publish.topic.size() + id_bytes +
                       (is_5 ? properties_bytes(publish.properties) : 0) + publish.payload.size());
  put_text(target, publish.topic);
  if (publish.qos > 0) put_big_u16(target, publish.packet_id);
  if (is_5) put_properties(target, publish.properties);
  target.append(publish.payload);
}

}  // namespace cauce::gateway::mqtt

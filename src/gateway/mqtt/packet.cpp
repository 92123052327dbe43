#include "gateway/mqtt/packet.h"

#include <fmt/core.h>

#include "gateway/mqtt/topic.h"

namespace cauce::gateway::mqtt {
namespace {

// Section 3.1.2.3.
struct ConnectFlags {
  bool reserved, clean_start, will, will_retain, password, user_name;
  std::uint8_t will_qos;

  explicit ConnectFlags(std::uint8_t byte)
      : reserved((byte & 0x01) != 0),
        clean_start((byte & 0x02) != 0),
        will((byte & 0x04) != 0),
        will_retain((byte & 0x20) != 0),
        password((byte & 0x40) != 0),
        user_name((byte & 0x80) != 0),
        will_qos(byte >> 3 & 3) {}
};

void check_flags(PacketReader& reader, const ConnectFlags& flags, Version version) {
  const auto malformed = [&reader](std::string_view sentence) {
    reader.fail(Reason::malformed_packet, std::string(sentence));
  };
  if (flags.reserved) return malformed("CONNECT sets the reserved flag [MQTT-3.1.2-3]");
  if (!flags.will && (flags.will_qos != 0 || flags.will_retain)) {
    return malformed("CONNECT has will flags without a will [MQTT-3.1.2-13, 3.1.2-15]");
  }
  if (flags.will_qos == 3) return malformed("CONNECT asks for will QoS 3 [MQTT-3.1.2-14]");
  if (version == Version::v3_1_1 && flags.password && !flags.user_name) {
    return malformed("CONNECT has a password without a user name [MQTT-3.1.2-22]");
  }
}

Will take_will(PacketReader& reader, const ConnectFlags& flags, Version version) {
  Will will;
  if (version == Version::v5) will.properties = take_properties(reader, Bearer::will);
  will.topic = reader.name("the will's topic");
  will.payload = reader.binary();
  will.qos = flags.will_qos;
  will.retain = flags.will_retain;
  if (!reader.failed()) check_topic_name(reader, will.topic);
  return will;
}

std::uint16_t take_packet_id(PacketReader& reader, PacketType type) {
  const std::uint16_t packet_id = reader.u16();
  if (!reader.failed() && packet_id == 0) {
    reader.fail(Reason::protocol_error,
                fmt::format("{} has packet id 0 [MQTT-2.3.1-1]", name_of(type)));
  }
  return packet_id;
}

void check_end(PacketReader& reader, std::string_view packet) {
  if (reader.failed() || reader.empty()) return;
  reader.fail(Reason::malformed_packet, fmt::format("{} is longer than its fields", packet));
}

std::string_view take_filter(PacketReader& reader) {
  const std::string_view filter = reader.name("a topic filter");
  if (reader.failed() || is_topic_filter(filter)) return filter;
  reader.fail(Reason::malformed_packet,
              filter.empty()
                  ? "a topic filter is empty [MQTT-4.7.3-1]"
                  : "a wildcard is not a whole level of its filter [MQTT-4.7.1-2, 4.7.1-3]");
  return {};
}

Subscription take_subscription(PacketReader& reader, Version version) {
  Subscription subscription;
  subscription.filter = take_filter(reader);
  const std::uint8_t options = reader.u8();
  const std::uint8_t known = version == Version::v5 ? 0x3F : 0x03;
  subscription.qos = options & 3;
  subscription.no_local = (options & 0x04) != 0;
  subscription.retain_as_published = (options & 0x08) != 0;
  subscription.retain_handling = options >> 4 & 3;
  if (reader.failed()) return subscription;
  if ((options & ~known) != 0 || subscription.qos == 3) {
    reader.fail(Reason::malformed_packet,
                "SUBSCRIBE asks for an unknown QoS or option [MQTT-3.8.3-4, 3.8.3-5]");
  } else if (subscription.retain_handling == 3) {
    reader.fail(Reason::protocol_error, "SUBSCRIBE has retain handling 3 (section 3.8.3.1)");
  } else if (subscription.no_local && subscription.filter.starts_with("$share/")) {
    reader.fail(Reason::protocol_error,
                "SUBSCRIBE wants no local messages of a shared subscription [MQTT-3.8.3-4]");
  }
  return subscription;
}

// Sections 3.4.2.1, 3.5.2.1, 3.6.2.1, 3.7.2.1.
bool may_bear(PacketType type, Reason reason) {
  if (reason == Reason::success) return true;
  if (type == PacketType::pubrel || type == PacketType::pubcomp) {
    return reason == Reason::packet_id_not_found;
  }
  switch (reason) {
    case Reason::no_matching_subscribers:
    case Reason::unspecified:
    case Reason::implementation_specific:
    case Reason::not_authorized:
    case Reason::topic_name_invalid:
    case Reason::packet_id_in_use:
    case Reason::quota_exceeded:
    case Reason::payload_format_invalid: return true;
    default: return false;
  }
}

// Section 3.14.2.1, of those a client may say.
bool may_disconnect_with(Reason reason) {
  switch (reason) {
    case Reason::success:
    case Reason::disconnect_with_will:
    case Reason::unspecified:
    case Reason::malformed_packet:
    case Reason::protocol_error:
    case Reason::implementation_specific:
    case Reason::topic_name_invalid:
    case Reason::receive_maximum_exceeded:
    case Reason::topic_alias_invalid:
    case Reason::packet_too_large:
    case Reason::message_rate_too_high:
    case Reason::quota_exceeded:
    case Reason::administrative_action:
    case Reason::payload_format_invalid: return true;
    default: return false;
  }
}

}  // namespace

std::string_view name_of(PacketType type) {
  switch (type) {
    case PacketType::connect: return "CONNECT";
    case PacketType::connack: return "CONNACK";
    case PacketType::publish: return "PUBLISH";
    case PacketType::puback: return "PUBACK";
    case PacketType::pubrec: return "PUBREC";
    case PacketType::pubrel: return "PUBREL";
    case PacketType::pubcomp: return "PUBCOMP";
    case PacketType::subscribe: return "SUBSCRIBE";
    case PacketType::suback: return "SUBACK";
    case PacketType::unsubscribe: return "UNSUBSCRIBE";
    case PacketType::unsuback: return "UNSUBACK";
    case PacketType::pingreq: return "PINGREQ";
    case PacketType::pingresp: return "PINGRESP";
    case PacketType::disconnect: return "DISCONNECT";
    case PacketType::auth: return "AUTH";
  }
  return "a reserved packet type";
}

Result<std::optional<FixedHeader>> parse_fixed_header(BytesView bytes) {
  if (bytes.size() < 2) return std::optional<FixedHeader>{};
  FixedHeader header;
  header.type = std::uint8_t(bytes[0]) >> 4;
  header.flags = std::uint8_t(bytes[0]) & 0x0F;
  constexpr std::size_t length_bytes_max = 4;
  for (std::size_t index = 0; index < length_bytes_max; ++index) {
    if (bytes.size() <= 1 + index) return std::optional<FixedHeader>{};
    const auto digit = std::uint8_t(bytes[1 + index]);
    header.remaining_bytes |= std::size_t(digit & 0x7F) << (7 * index);
    if ((digit & 0x80) == 0) {
      header.header_bytes = 2 + index;
      return std::optional<FixedHeader>{header};
    }
  }
  return Error{Outcome::invalid, "the remaining length has more than four bytes (section 2.1.4)"};
}

Connect parse_connect(PacketReader& reader) {
  const BytesView protocol = reader.binary();
  Connect connect;
  connect.level = reader.u8();
  if (reader.failed() || (protocol != "MQTT" && protocol != "MQIsdp")) {
    reader.fail(Reason::unsupported_version,
                "the first packet is not a CONNECT of MQTT [MQTT-3.1.2-1]");
    return connect;
  }
  // Other levels lay out the rest differently: the caller refuses them without reading it.
  if (protocol == "MQIsdp" && connect.level >= 4) connect.level = 3;
  if (connect.level != 4 && connect.level != 5) return connect;

  const auto version = Version(connect.level);
  const ConnectFlags flags{reader.u8()};
  if (!reader.failed()) check_flags(reader, flags, version);
  connect.clean_start = flags.clean_start;
  connect.keep_alive_s = reader.u16();
  if (version == Version::v5) connect.properties = take_properties(reader, Bearer::connect);
  connect.client_id = reader.name("the client id", Reason::invalid_client_id);
  if (flags.will) connect.will = take_will(reader, flags, version);
  if (flags.user_name) connect.user_name = reader.name("the user name");
  if (flags.password) connect.password = reader.binary();
  check_end(reader, "CONNECT");
  if (connect.properties.authentication && !connect.properties.authentication_method) {
    reader.fail(Reason::protocol_error,
                "CONNECT has authentication without its method (section 3.1.2.11.10)");
  }
  return connect;
}

Publish parse_publish(PacketReader& reader, Version version, std::uint8_t flags) {
  Publish publish;
  publish.duplicate = (flags & 0x08) != 0;
  publish.qos = flags >> 1 & 3;
  publish.retain = (flags & 0x01) != 0;
  if (publish.qos == 3) {
    reader.fail(Reason::malformed_packet, "PUBLISH asks for QoS 3 [MQTT-3.3.1-4]");
  }
  if (publish.qos == 0 && publish.duplicate) {
    reader.fail(Reason::malformed_packet,
                "PUBLISH with QoS 0 says it is a duplicate [MQTT-3.3.1-2]");
  }
  publish.topic = reader.name("a topic");
  if (publish.qos > 0) publish.packet_id = take_packet_id(reader, PacketType::publish);
  if (version == Version::v5) {
    // Most have none, which is one byte.
    const Properties properties = take_properties(reader, Bearer::publish);
    publish.properties = properties.all;
    publish.content_type = properties.content_type.value_or(std::string_view{});
    publish.topic_alias = properties.topic_alias.value_or(0);
  }
  if (!reader.failed() && (publish.topic_alias == 0 || !publish.topic.empty())) {
    check_topic_name(reader, publish.topic);
  }
  publish.payload = reader.rest();
  return publish;
}

Acknowledgement parse_acknowledgement(PacketReader& reader, Version version, PacketType type) {
  Acknowledgement acknowledgement;
  acknowledgement.packet_id = take_packet_id(reader, type);
  // Section 3.4.2.1: without a reason it is success.
  if (version == Version::v5 && !reader.empty()) {
    acknowledgement.reason = Reason(reader.u8());
    if (!reader.empty()) take_properties(reader, Bearer::acknowledgement);
    if (!reader.failed() && !may_bear(type, acknowledgement.reason)) {
      reader.fail(Reason::protocol_error, fmt::format("{} may not have reason {:#04x}",
                                                      name_of(type), int(acknowledgement.reason)));
    }
  }
  check_end(reader, name_of(type));
  return acknowledgement;
}

Subscribe parse_subscribe(PacketReader& reader, Version version) {
  Subscribe subscribe;
  subscribe.packet_id = take_packet_id(reader, PacketType::subscribe);
  if (version == Version::v5) {
    const Properties properties = take_properties(reader, Bearer::subscribe);
    subscribe.identifier = properties.subscription_identifier.value_or(0);
  }
  while (!reader.empty())
    subscribe.subscriptions.push_back(take_subscription(reader, version));
  if (!reader.failed() && subscribe.subscriptions.empty()) {
    reader.fail(Reason::malformed_packet, "SUBSCRIBE names no topic filter [MQTT-3.8.3-3]");
  }
  return subscribe;
}

Unsubscribe parse_unsubscribe(PacketReader& reader, Version version) {
  Unsubscribe unsubscribe;
  unsubscribe.packet_id = take_packet_id(reader, PacketType::unsubscribe);
  if (version == Version::v5) take_properties(reader, Bearer::unsubscribe);
  while (!reader.empty())
    unsubscribe.filters.push_back(take_filter(reader));
  if (!reader.failed() && unsubscribe.filters.empty()) {
    reader.fail(Reason::malformed_packet, "UNSUBSCRIBE names no topic filter [MQTT-3.10.3-2]");
  }
  return unsubscribe;
}

Disconnect parse_disconnect(PacketReader& reader, Version version) {
  Disconnect disconnect;
  if (version == Version::v5 && !reader.empty()) {
    disconnect.reason = Reason(reader.u8());
    if (!reader.empty()) {
      disconnect.session_expiry_s = take_properties(reader, Bearer::disconnect).session_expiry_s;
    }
    // Nothing is answered: whoever said it has left.
    if (!reader.failed() && !may_disconnect_with(disconnect.reason)) {
      reader.fail(Reason::success,
                  fmt::format("a client may not disconnect with {:#04x}", int(disconnect.reason)));
    }
  }
  check_end(reader, "DISCONNECT");
  return disconnect;
}

}  // namespace cauce::gateway::mqtt

#include "gateway/mqtt/packet.h"

#include <fmt/core.h>

#include "base/invariant.h"
#include "gateway/mqtt/utf8.h"

namespace cauce::gateway::mqtt {
namespace {

Error violation(std::string sentence) {
  return {Outcome::invalid, std::move(sentence)};
}

// Numbers are big-endian (section 1.5.2). As base's ByteReader: check failed() once, at the end.
class PacketReader {
 public:
  explicit PacketReader(BytesView body) : rest_(body) {}

  std::uint8_t u8() {
    const BytesView taken = bytes(1);
    return taken.empty() ? 0 : std::uint8_t(taken[0]);
  }
  std::uint16_t u16() {
    const BytesView taken = bytes(2);
    if (taken.empty()) return 0;
    return std::uint16_t(std::uint8_t(taken[0]) << 8 | std::uint8_t(taken[1]));
  }
  BytesView sized() { return bytes(u16()); }
  BytesView rest() { return bytes(rest_.size()); }
  bool empty() const { return rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  BytesView bytes(std::size_t count) {
    if (failed_ || rest_.size() < count) {
      failed_ = true;
      return {};
    }
    const BytesView taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  BytesView rest_;
  bool failed_ = false;
};

void put_big_u16(Bytes& target, std::uint16_t value) {
  target += char(value >> 8);
  target += char(value & 0xFF);
}

void put_fixed_header(Bytes& target, PacketType type, std::uint8_t flags, std::size_t remaining) {
  INVARIANT(remaining < (1U << 28));  // section 2.2.3, table 2.4
  target += char(std::uint8_t(type) << 4 | flags);
  do {
    const std::uint8_t digit = remaining & 0x7F;
    remaining >>= 7;
    target += char(digit | (remaining > 0 ? 0x80 : 0));
  } while (remaining > 0);
}

// Section 4.7: at least one character, UTF-8, and no wildcards in the name of a topic.
Result<void> check_topic_name(std::string_view topic) {
  if (topic.empty()) return violation("a topic is empty [MQTT-4.7.3-1]");
  if (!is_utf8_string(topic)) return violation("a topic is not UTF-8 text [MQTT-1.5.3-1]");
  if (topic.find_first_of("+#") != std::string_view::npos) {
    return violation("a topic to publish on holds a wildcard [MQTT-3.3.2-2]");
  }
  return {};
}

// Section 4.7.1: '#' is the whole last level, '+' a whole level.
bool are_wildcards_in_place(std::string_view filter) {
  for (std::size_t index = 0; index < filter.size(); ++index) {
    if (filter[index] != '#' && filter[index] != '+') continue;
    const bool begins_level = index == 0 || filter[index - 1] == '/';
    const bool last = index + 1 == filter.size();
    const bool ends_level = last || (filter[index] == '+' && filter[index + 1] == '/');
    if (!begins_level || !ends_level) return false;
  }
  return true;
}

Result<void> check_filter(std::string_view filter) {
  if (filter.empty()) return violation("a topic filter is empty [MQTT-4.7.3-1]");
  if (!is_utf8_string(filter)) return violation("a topic filter is not UTF-8 [MQTT-3.8.3-1]");
  if (!are_wildcards_in_place(filter)) {
    return violation("a wildcard is not a whole level of its filter [MQTT-4.7.1-2, 4.7.1-3]");
  }
  return {};
}

// Section 3.1.2.3.
struct ConnectFlags {
  bool reserved, clean_session, will, will_retain, password, user_name;
  std::uint8_t will_qos;

  explicit ConnectFlags(std::uint8_t byte)
      : reserved((byte & 0x01) != 0),
        clean_session((byte & 0x02) != 0),
        will((byte & 0x04) != 0),
        will_retain((byte & 0x20) != 0),
        password((byte & 0x40) != 0),
        user_name((byte & 0x80) != 0),
        will_qos(byte >> 3 & 3) {}
};

Result<void> check_flags(const ConnectFlags& flags) {
  if (flags.reserved) return violation("CONNECT sets the reserved flag [MQTT-3.1.2-3]");
  if (!flags.will && (flags.will_qos != 0 || flags.will_retain)) {
    return violation("CONNECT has will flags without a will [MQTT-3.1.2-13, 3.1.2-15]");
  }
  if (flags.will_qos == 3) return violation("CONNECT asks for will QoS 3 [MQTT-3.1.2-14]");
  if (flags.password && !flags.user_name) {
    return violation("CONNECT has a password without a user name [MQTT-3.1.2-22]");
  }
  return {};
}

Result<std::uint16_t> take_packet_id(PacketReader& reader, std::string_view packet) {
  const std::uint16_t packet_id = reader.u16();
  if (reader.failed()) return violation(fmt::format("{} is too short", packet));
  if (packet_id == 0) return violation(fmt::format("{} has packet id 0 [MQTT-2.3.1-1]", packet));
  return packet_id;
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
  return violation("the remaining length has more than four bytes (section 2.2.3)");
}

Result<Connect> parse_connect(BytesView body) {
  PacketReader reader{body};
  const BytesView protocol = reader.sized();
  Connect connect;
  connect.level = reader.u8();
  if (reader.failed() || (protocol != "MQTT" && protocol != "MQIsdp")) {
    return violation("the first packet is not a CONNECT of MQTT [MQTT-3.1.2-1]");
  }
  // Other levels lay out the rest differently: the caller answers 0x01 without reading it.
  if (protocol == "MQIsdp" && connect.level == 4) connect.level = 3;
  if (connect.level != 4) return connect;

  const ConnectFlags flags{reader.u8()};
  if (const auto checked = check_flags(flags); !checked) return checked.error();
  connect.clean_session = flags.clean_session;
  connect.keep_alive_s = reader.u16();
  connect.client_id = reader.sized();
  if (flags.will) {
    const BytesView topic = reader.sized();
    connect.will = Will{topic, reader.sized(), flags.will_qos, flags.will_retain};
  }
  if (flags.user_name) connect.user_name = reader.sized();
  if (flags.password) connect.password = reader.sized();
  if (reader.failed()) return violation("CONNECT is shorter than its fields (section 3.1.3)");
  if (!reader.empty()) return violation("CONNECT is longer than its fields (section 3.1.3)");

  if (!is_utf8_string(connect.client_id)) {
    return violation("the client id is not UTF-8 text [MQTT-3.1.3-4]");
  }
  if (connect.will) {
    if (const auto checked = check_topic_name(connect.will->topic); !checked) {
      return checked.error().during("will");
    }
  }
  if (connect.user_name && !is_utf8_string(*connect.user_name)) {
    return violation("the user name is not UTF-8 text [MQTT-3.1.3-11]");
  }
  return connect;
}

Result<Publish> parse_publish(std::uint8_t flags, BytesView body) {
  Publish publish;
  publish.duplicate = (flags & 0x08) != 0;
  publish.qos = flags >> 1 & 3;
  publish.retain = (flags & 0x01) != 0;
  if (publish.qos == 3) return violation("PUBLISH asks for QoS 3 [MQTT-3.3.1-4]");
  if (publish.qos == 0 && publish.duplicate) {
    return violation("PUBLISH with QoS 0 says it is a duplicate [MQTT-3.3.1-2]");
  }
  PacketReader reader{body};
  publish.topic = reader.sized();
  if (reader.failed()) return violation("PUBLISH is shorter than its topic (section 3.3.2)");
  if (const auto checked = check_topic_name(publish.topic); !checked) return checked.error();
  if (publish.qos > 0) {
    const auto packet_id = take_packet_id(reader, "PUBLISH");
    if (!packet_id) return packet_id.error();
    publish.packet_id = *packet_id;
  }
  publish.payload = reader.rest();
  return publish;
}

Result<std::uint16_t> parse_subscribe(BytesView body, std::vector<Subscription>& subscriptions) {
  PacketReader reader{body};
  const auto packet_id = take_packet_id(reader, "SUBSCRIBE");
  if (!packet_id) return packet_id;
  while (!reader.empty()) {
    const std::string_view filter = reader.sized();
    const std::uint8_t qos = reader.u8();
    if (reader.failed()) return violation("SUBSCRIBE is shorter than its fields (section 3.8.3)");
    if (qos > 2) return violation("SUBSCRIBE asks for an unknown QoS [MQTT-3-8.3-4]");
    if (const auto checked = check_filter(filter); !checked) return checked.error();
    subscriptions.push_back({filter, qos});
  }
  if (subscriptions.empty()) return violation("SUBSCRIBE names no topic filter [MQTT-3.8.3-3]");
  return packet_id;
}

Result<std::uint16_t> parse_unsubscribe(BytesView body, std::vector<Subscription>& subscriptions) {
  PacketReader reader{body};
  const auto packet_id = take_packet_id(reader, "UNSUBSCRIBE");
  if (!packet_id) return packet_id;
  while (!reader.empty()) {
    const std::string_view filter = reader.sized();
    if (reader.failed())
      return violation("UNSUBSCRIBE is shorter than its fields (section 3.10.3)");
    if (const auto checked = check_filter(filter); !checked) return checked.error();
    subscriptions.push_back({filter, 0});
  }
  if (subscriptions.empty()) return violation("UNSUBSCRIBE names no topic filter [MQTT-3.10.3-2]");
  return packet_id;
}

Result<std::uint16_t> parse_puback(BytesView body) {
  PacketReader reader{body};
  const auto packet_id = take_packet_id(reader, "PUBACK");
  if (!packet_id) return packet_id;
  if (!reader.empty()) return violation("PUBACK is longer than its packet id (section 3.4.1)");
  return packet_id;
}

void put_connack(Bytes& target, ConnectReturn code) {
  put_fixed_header(target, PacketType::connack, 0, 2);
  target += '\0';
  target += char(code);
}

void put_puback(Bytes& target, std::uint16_t packet_id) {
  put_fixed_header(target, PacketType::puback, 0, 2);
  put_big_u16(target, packet_id);
}

void put_suback(Bytes& target, std::uint16_t packet_id, const std::vector<std::uint8_t>& codes) {
  put_fixed_header(target, PacketType::suback, 0, 2 + codes.size());
  put_big_u16(target, packet_id);
  for (const std::uint8_t code : codes)
    target += char(code);
}

void put_unsuback(Bytes& target, std::uint16_t packet_id) {
  put_fixed_header(target, PacketType::unsuback, 0, 2);
  put_big_u16(target, packet_id);
}

void put_pingresp(Bytes& target) {
  put_fixed_header(target, PacketType::pingresp, 0, 0);
}

void put_publish(Bytes& target, const Publish& publish) {
  INVARIANT(publish.topic.size() <= UINT16_MAX);
  const std::size_t id_bytes = publish.qos > 0 ? 2 : 0;
  const auto flags = std::uint8_t(publish.duplicate << 3 | publish.qos << 1 | publish.retain);
  put_fixed_header(target, PacketType::publish, flags,
                   2 + publish.topic.size() + id_bytes + publish.payload.size());
  put_big_u16(target, std::uint16_t(publish.topic.size()));
  target.append(publish.topic);
  if (publish.qos > 0) put_big_u16(target, publish.packet_id);
  target.append(publish.payload);
}

}  // namespace cauce::gateway::mqtt

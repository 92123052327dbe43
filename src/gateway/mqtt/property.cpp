#include "gateway/mqtt/property.h"

#include <fmt/core.h>

#include "base/invariant.h"

namespace cauce::gateway::mqtt {
namespace {

enum class Shape : std::uint8_t {
  unknown,
  byte,
  two_bytes,
  four_bytes,
  variable,
  text,
  binary,
  pair
};

// Table 2-4.
Shape shape_of(Property property) {
  switch (property) {
    case Property::payload_format:
    case Property::request_problem_information:
    case Property::request_response_information:
    case Property::maximum_qos:
    case Property::retain_available:
    case Property::wildcards_available:
    case Property::identifiers_available:
    case Property::shared_available: return Shape::byte;
    case Property::server_keep_alive:
    case Property::receive_maximum:
    case Property::topic_alias_maximum:
    case Property::topic_alias: return Shape::two_bytes;
    case Property::message_expiry:
    case Property::session_expiry:
    case Property::will_delay:
    case Property::maximum_packet_size: return Shape::four_bytes;
    case Property::subscription_identifier: return Shape::variable;
    case Property::content_type:
    case Property::response_topic:
    case Property::assigned_client_id:
    case Property::authentication_method:
    case Property::response_information:
    case Property::server_reference:
    case Property::reason_string: return Shape::text;
    case Property::correlation:
    case Property::authentication: return Shape::binary;
    case Property::user: return Shape::pair;
  }
  return Shape::unknown;
}

constexpr unsigned bit(Bearer bearer) {
  return 1U << unsigned(bearer);
}

constexpr unsigned message_bearers = bit(Bearer::publish) | bit(Bearer::will);
constexpr unsigned every_bearer = 0xFF;

// Who may bear it, of what a client sends.
unsigned bearers_of(Property property) {
  switch (property) {
    case Property::payload_format:
    case Property::message_expiry:
    case Property::content_type:
    case Property::response_topic:
    case Property::correlation: return message_bearers;
    case Property::topic_alias: return bit(Bearer::publish);
    case Property::will_delay: return bit(Bearer::will);
    case Property::subscription_identifier: return bit(Bearer::subscribe);
    case Property::session_expiry: return bit(Bearer::connect) | bit(Bearer::disconnect);
    case Property::authentication_method:
    case Property::authentication: return bit(Bearer::connect) | bit(Bearer::auth);
    case Property::request_problem_information:
    case Property::request_response_information:
    case Property::receive_maximum:
    case Property::topic_alias_maximum:
    case Property::maximum_packet_size: return bit(Bearer::connect);
    case Property::reason_string:
      return bit(Bearer::acknowledgement) | bit(Bearer::disconnect) | bit(Bearer::auth);
    case Property::user: return every_bearer;
    default: return 0;
  }
}

// The values of one property; which of them is set, its shape says.
struct Value {
  std::uint32_t number = 0;
  std::string_view text;
};

Value take_value(PacketReader& reader, Property property) {
  switch (shape_of(property)) {
    case Shape::byte: return {reader.u8(), {}};
    case Shape::two_bytes: return {reader.u16(), {}};
    case Shape::four_bytes: return {reader.u32(), {}};
    case Shape::variable: return {reader.variable_number(), {}};
    case Shape::text: return {0, reader.text("a property")};
    case Shape::binary: return {0, reader.binary()};
    case Shape::pair: {
      reader.text("the name of a user property");
      return {0, reader.text("a user property")};
    }
    case Shape::unknown: break;
  }
  reader.fail(Reason::malformed_packet,
              fmt::format("property {:#04x} does not exist (section 2.2.2.2)", int(property)));
  return {};
}

// Sections 3.1.2.11, 3.3.2.3 and 3.8.2.1.2: what a value may be.
void check_value(PacketReader& reader, Property property, const Value& value) {
  switch (property) {
    case Property::payload_format:
    case Property::request_problem_information:
    case Property::request_response_information:
      if (value.number > 1) break;
      return;
    case Property::receive_maximum:
    case Property::maximum_packet_size:
    case Property::subscription_identifier:
      if (value.number == 0) break;
      return;
    case Property::topic_alias:
      if (value.number > 0) return;
      return reader.fail(Reason::topic_alias_invalid, "topic alias 0 [MQTT-3.3.2-8]");
    case Property::response_topic:
      if (value.text.empty() || value.text.find_first_of("+#") != std::string_view::npos) break;
      return;
    default: return;
  }
  reader.fail(Reason::protocol_error,
              fmt::format("property {:#04x} may not have that value", int(property)));
}

template <class Field, class Stored>
void store(PacketReader& reader, Property property, Field& field, Stored value) {
  if (field) {
    reader.fail(Reason::protocol_error,
                fmt::format("property {:#04x} stands twice (section 2.2.2.2)", int(property)));
  }
  field = value;
}

void store_number(PacketReader& reader, Properties& properties, Property property,
                  std::uint32_t value) {
  const auto byte = std::uint8_t(value);
  const auto two_bytes = std::uint16_t(value);
  switch (property) {
    case Property::payload_format: return store(reader, property, properties.payload_format, byte);
    case Property::request_problem_information:
      return store(reader, property, properties.request_problem_information, byte);
    case Property::request_response_information:
      return store(reader, property, properties.request_response_information, byte);
    case Property::receive_maximum:
      return store(reader, property, properties.receive_maximum, two_bytes);
    case Property::topic_alias_maximum:
      return store(reader, property, properties.topic_alias_maximum, two_bytes);
    case Property::topic_alias: return store(reader, property, properties.topic_alias, two_bytes);
    case Property::message_expiry:
      return store(reader, property, properties.message_expiry_s, value);
    case Property::session_expiry:
      return store(reader, property, properties.session_expiry_s, value);
    case Property::will_delay: return store(reader, property, properties.will_delay_s, value);
    case Property::maximum_packet_size:
      return store(reader, property, properties.maximum_packet_size, value);
    case Property::subscription_identifier:
      return store(reader, property, properties.subscription_identifier, value);
    default: return;
  }
}

void store_text(PacketReader& reader, Properties& properties, Property property,
                std::string_view text) {
  switch (property) {
    case Property::content_type: return store(reader, property, properties.content_type, text);
    case Property::response_topic: return store(reader, property, properties.response_topic, text);
    case Property::authentication_method:
      return store(reader, property, properties.authentication_method, text);
    case Property::reason_string: return store(reader, property, properties.reason_string, text);
    case Property::correlation: return store(reader, property, properties.correlation, text);
    case Property::authentication: return store(reader, property, properties.authentication, text);
    default: return;
  }
}

bool is_number(Property property) {
  switch (shape_of(property)) {
    case Shape::byte:
    case Shape::two_bytes:
    case Shape::four_bytes:
    case Shape::variable: return true;
    default: return false;
  }
}

// Section 2.2.2.2 calls it malformed, 4.13.1 leaves a server the choice: who sends a property that
// exists in the wrong packet hears "protocol error", as from other brokers.
Reason misplaced(Bearer bearer) {
  const bool lists_filters = bearer == Bearer::subscribe || bearer == Bearer::unsubscribe;
  return lists_filters ? Reason::malformed_packet : Reason::protocol_error;
}

void take_property(PacketReader& reader, Bearer bearer, Properties& properties) {
  const std::uint32_t number = reader.variable_number();
  const auto property = Property(number <= 0x7F ? number : 0);
  const Value value = take_value(reader, property);
  if (reader.failed()) return;
  if ((bearers_of(property) & bit(bearer)) == 0) {
    return reader.fail(misplaced(bearer),
                       fmt::format("property {:#04x} may not stand in this packet", number));
  }
  check_value(reader, property, value);
  if (is_number(property)) return store_number(reader, properties, property, value.number);
  store_text(reader, properties, property, value.text);
}

// Calls `visit` with each of the properties, which have been checked, and its bytes.
template <class Visit>
void for_each(BytesView properties, Visit visit) {
  while (!properties.empty()) {
    PacketReader reader{properties};
    const auto property = Property(reader.variable_number());
    const Value value = take_value(reader, property);
    const std::size_t taken = properties.size() - reader.rest().size();
    INVARIANT(!reader.failed() && taken > 0);
    visit(property, value, properties.substr(0, taken));
    properties.remove_prefix(taken);
  }
}

}  // namespace

Properties take_properties(PacketReader& reader, Bearer bearer) {
  Properties properties;
  const std::uint32_t length = reader.variable_number();
  if (length == 0) return properties;
  properties.all = reader.bytes(length);
  if (reader.failed()) return {};
  PacketReader inner{properties.all};
  while (!inner.empty())
    take_property(inner, bearer, properties);
  if (inner.breach()) reader.fail(inner.breach()->reason, inner.breach()->sentence);
  return properties;
}

bool are_properties(BytesView properties, Bearer bearer) {
  PacketReader reader{properties};
  Properties taken;
  taken.all = properties;
  while (!reader.empty())
    take_property(reader, bearer, taken);
  return !reader.breach();
}

Bytes forwarded_properties(BytesView properties) {
  Bytes forwarded;
  for_each(properties, [&forwarded](Property property, const Value&, BytesView bytes) {
    const bool is_own = property == Property::topic_alias || property == Property::message_expiry ||
                        property == Property::will_delay;
    if (!is_own) forwarded.append(bytes);
  });
  return forwarded;
}

std::optional<std::uint32_t> message_expiry(BytesView properties) {
  std::optional<std::uint32_t> expiry_s;
  for_each(properties, [&expiry_s](Property property, const Value& value, BytesView) {
    if (property == Property::message_expiry) expiry_s = value.number;
  });
  return expiry_s;
}

std::string content_type(BytesView properties) {
  std::string type;
  for_each(properties, [&type](Property property, const Value& value, BytesView) {
    if (property == Property::content_type) type = value.text;
  });
  return type;
}

void put_property(Bytes& target, Property property, std::uint32_t value) {
  target += char(property);
  switch (shape_of(property)) {
    case Shape::byte: target += char(value); return;
    case Shape::two_bytes: return put_big_u16(target, std::uint16_t(value));
    case Shape::four_bytes: return put_big_u32(target, value);
    default: return put_variable_number(target, value);
  }
}

void put_property(Bytes& target, Property property, std::string_view text) {
  target += char(property);
  put_text(target, text);
}

}  // namespace cauce::gateway::mqtt

#include "gateway/mqtt/dialogue.h"

#include <fmt/core.h>

#include <algorithm>

namespace cauce::gateway::mqtt {
namespace {

// An emptied buffer larger than this gives its memory back.
constexpr std::size_t kept_capacity_bytes_max = 16 << 10;

// Section 2.1.3, table 2-2.
std::uint8_t flags_of(PacketType type) {
  const bool marked = type == PacketType::pubrel || type == PacketType::subscribe ||
                      type == PacketType::unsubscribe;
  return marked ? 2 : 0;
}

std::string over_limit(std::string_view what, std::size_t bytes, std::size_t bytes_max) {
  return fmt::format("{} of {} bytes is over the limit of {}", what, bytes, bytes_max);
}

}  // namespace

std::uint32_t Limits::packet_bytes_max(std::size_t payload_bytes) const {
  constexpr std::size_t fixed_header_bytes = 5;
  // Two lengths, the packet id, the topic, the properties, the payload.
  return std::uint32_t(fixed_header_bytes + 2 + topic_bytes_max + 2 + 4 + properties_bytes_max +
                       payload_bytes);
}

Dialogue::Dialogue(Client& client, const Limits& limits, Duration now)
    : client_(client),
      limits_(limits),
      payload_bytes_max_(limits.payload_bytes_max),
      opened_at_(now),
      heard_at_(now) {}

void Dialogue::receive(BytesView bytes, Duration now) {
  if (closed()) return;
  heard_at_ = now;
  if (held_.empty()) {
    const std::size_t used = receive_packets(bytes);
    // Views given to the client point into `bytes`; the rest waits for its end here.
    if (!closed()) held_.assign(bytes.substr(used));
    used_ = 0;
  } else {
    held_.append(bytes);
    used_ = receive_packets(held_);
  }
}

void Dialogue::done() {
  held_.erase(0, used_);
  used_ = 0;
  if (held_.empty() && held_.capacity() > kept_capacity_bytes_max) held_.shrink_to_fit();
  if (aliases_) aliases_->forget_retired();
}

// Handles the complete packets of `bytes` and answers how many bytes they have.
std::size_t Dialogue::receive_packets(BytesView bytes) {
  std::size_t used = 0;
  while (!closed()) {
    const BytesView rest = bytes.substr(used);
    // The first byte says enough to refuse a stranger who does not speak MQTT.
    if (!rest.empty() && !may_begin(std::uint8_t(rest[0]))) break;
    const auto header = parse_fixed_header(rest);
    if (!header) {
      // Where the next packet begins is not known: nothing more can be said in this language.
      close(CloseKind::violation, Reason::success, header.error().message);
      break;
    }
    if (!*header) break;
    const FixedHeader& found = **header;
    if (!fits(found, rest.substr(found.header_bytes))) break;
    if (rest.size() - found.header_bytes < found.remaining_bytes) break;
    handle(found, rest.substr(found.header_bytes, found.remaining_bytes));
    used += found.header_bytes + found.remaining_bytes;
  }
  return used;
}

bool Dialogue::may_begin(std::uint8_t first) {
  const auto type = PacketType(first >> 4);
  const auto flags = std::uint8_t(first & 0x0F);
  if (state_ == State::waits_for_connect && type != PacketType::connect) {
    close(CloseKind::violation, Reason::protocol_error,
          "the first packet is not CONNECT [MQTT-3.1.0-1]");
    return false;
  }
  if (state_ == State::connected && type == PacketType::connect) {
    close(CloseKind::violation, Reason::protocol_error, "a second CONNECT [MQTT-3.1.0-2]");
    return false;
  }
  switch (type) {
    case PacketType::publish: return true;
    case PacketType::connect:
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
    case PacketType::subscribe:
    case PacketType::unsubscribe:
    case PacketType::pingreq:
    case PacketType::disconnect: break;
    case PacketType::auth:
      if (version_ == Version::v5) {
        // Section 4.12: only who connected with a method may, and no method is known here.
        close(CloseKind::violation, Reason::protocol_error,
              "AUTH, and no authentication method was agreed [MQTT-4.12.0-6]");
        return false;
      }
      [[fallthrough]];
    default:
      close(CloseKind::violation, Reason::protocol_error,
            fmt::format("a client may not send {} (section 2.1.2; 3.1.1: 2.2.1)", name_of(type)));
      return false;
  }
  if (flags == flags_of(type)) return true;
  close(CloseKind::violation, Reason::malformed_packet,
        fmt::format("{} with flags {:#x} [MQTT-2.2.2-2]", name_of(type), flags));
  return false;
}

// Of `body` what has come so far.
bool Dialogue::fits(const FixedHeader& header, BytesView body) {
  const auto type = PacketType(header.type);
  const bool is_publish = type == PacketType::publish;
  const std::size_t properties_max = version_ == Version::v5 ? limits_.properties_bytes_max + 4 : 0;
  const std::size_t publish_bytes_max =
      2 + limits_.topic_bytes_max + 2 + properties_max + payload_bytes_max_;
  const std::size_t bytes_max = is_publish ? publish_bytes_max : limits_.control_bytes_max;
  if (header.remaining_bytes <= bytes_max) return true;
  if (type == PacketType::connect) {
    refuse_long_connect(header, body);
    return false;
  }
  close(CloseKind::oversized, is_publish ? Reason::packet_too_large : Reason::quota_exceeded,
        is_publish ? fmt::format("PUBLISH of {} bytes: the payload may have {}{}, the topic {}",
                                 header.remaining_bytes, payload_bytes_max_,
                                 payload_bytes_max_ < limits_.payload_bytes_max
                                     ? " (payload_bytes of its device or company)"
                                     : "",
                                 limits_.topic_bytes_max)
                   : over_limit(name_of(type), header.remaining_bytes, bytes_max));
  return false;
}

// Its first bytes say whether a code of 5.0 is understood (section 3.1.2); 3.1.1 has none for this.
void Dialogue::refuse_long_connect(const FixedHeader& header, BytesView body) {
  constexpr BytesView begin_5{"\0\4MQTT\5", 7};
  if (body.size() < begin_5.size()) return;  // they come, or the time for CONNECT ends
  if (body.starts_with(begin_5)) {
    put_connack(output_, Version::v5, false, Reason::packet_too_large);
  }
  close(CloseKind::oversized, Reason::packet_too_large,
        over_limit("CONNECT", header.remaining_bytes, limits_.control_bytes_max));
}

void Dialogue::handle(const FixedHeader& header, BytesView body) {
  const auto type = PacketType(header.type);
  switch (type) {
    case PacketType::connect: return handle_connect(body);
    case PacketType::publish: return handle_publish(header.flags, body);
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp: return handle_acknowledgement(type, body);
    case PacketType::subscribe: return handle_subscribe(body);
    case PacketType::unsubscribe: return handle_unsubscribe(body);
    case PacketType::pingreq:
      if (body.empty()) return put_pingresp(output_);
      return close(CloseKind::violation, Reason::malformed_packet,
                   "PINGREQ has a body (section 3.12)");
    case PacketType::disconnect: return handle_disconnect(body);
    default: return;  // may_begin() has refused the others
  }
}

void Dialogue::handle_publish(std::uint8_t flags, BytesView body) {
  PacketReader reader{body};
  Publish publish = parse_publish(reader, version_, flags);
  if (!is_sound(reader) || !resolve_alias(publish) || !publish_fits(publish)) return;
  const bool counts = version_ == Version::v5 && publish.qos > 0;
  if (counts && !publish.duplicate && unanswered_ >= limits_.receive_maximum) {
    return close(CloseKind::violation, Reason::receive_maximum_exceeded,
                 fmt::format("more than {} messages without their answer (receive_maximum) "
                             "[MQTT-3.3.4-9]",
                             limits_.receive_maximum));
  }
  switch (client_.on_publish(publish)) {
    case Taking::taken:
    case Taking::refused: unanswered_ = std::uint16_t(unanswered_ + counts); return;
    case Taking::repeated: return;
    case Taking::forbidden:
      return close(CloseKind::forbidden, Reason::not_authorized,
                   fmt::format("it may not publish on \"{}\"", publish.topic));
    case Taking::unkept:
      return close(CloseKind::violation, Reason::quota_exceeded,
                   fmt::format("no room to retain a message on \"{}\"", publish.topic));
    case Taking::oversized:
      return close(CloseKind::oversized, Reason::quota_exceeded,
                   fmt::format("payload of {} bytes", publish.payload.size()));
    case Taking::overfull:
      return close(CloseKind::violation, Reason::quota_exceeded,
                   "it sends messages of QoS 2 and does not release them");
  }
}

bool Dialogue::publish_fits(const Publish& publish) {
  const auto too_large = [this](std::string sentence) {
    close(CloseKind::oversized, Reason::packet_too_large, std::move(sentence));
    return false;
  };
  if (publish.topic.size() > limits_.topic_bytes_max) {
    return too_large(over_limit("topic", publish.topic.size(), limits_.topic_bytes_max));
  }
  const bool may_be_answered = version_ == Version::v5 && publish.qos > 0;
  if (publish.payload.size() > limits_.payload_bytes_max && !may_be_answered) {
    return too_large(over_limit("payload", publish.payload.size(), limits_.payload_bytes_max));
  }
  if (publish.properties.size() > limits_.properties_bytes_max) {
    return too_large(
        over_limit("set of properties", publish.properties.size(), limits_.properties_bytes_max));
  }
  if (publish.content_type.size() > limits_.content_type_bytes_max) {
    return too_large(
        over_limit("content type", publish.content_type.size(), limits_.content_type_bytes_max));
  }
  return true;
}

bool Dialogue::resolve_alias(Publish& publish) {
  if (publish.topic_alias == 0) return true;
  if (!aliases_) aliases_ = std::make_unique<TopicAliases>(limits_.topic_alias_maximum);
  const auto topic = aliases_->resolve(publish.topic_alias, publish.topic);
  if (topic) {
    publish.topic = *topic;
    return true;
  }
  const bool beyond = publish.topic_alias > limits_.topic_alias_maximum;
  close(CloseKind::violation, beyond ? Reason::topic_alias_invalid : Reason::protocol_error,
        fmt::format("topic alias {} {} [MQTT-3.3.2-7, 3.3.2-9]", publish.topic_alias,
                    beyond ? "is over topic_alias_maximum" : "stands for no topic"));
  return false;
}

void Dialogue::handle_acknowledgement(PacketType type, BytesView body) {
  PacketReader reader{body};
  const Acknowledgement told = parse_acknowledgement(reader, version_, type);
  if (!is_sound(reader)) return;
  if (type == PacketType::pubrel) {
    const bool known = client_.on_release(told.packet_id);
    answered(1);
    return put_acknowledgement(output_, version_, PacketType::pubcomp, told.packet_id,
                               known ? Reason::success : Reason::packet_id_not_found);
  }
  if (client_.on_acknowledged(type, told)) return;
  close(CloseKind::violation, Reason::protocol_error,
        fmt::format("{} for message {}, which waits for another answer (section 4.3)",
                    name_of(type), told.packet_id));
}

void Dialogue::handle_subscribe(BytesView body) {
  PacketReader reader{body};
  const Subscribe subscribe = parse_subscribe(reader, version_);
  if (!is_sound(reader)) return;
  std::vector<Reason> reasons;
  reasons.reserve(subscribe.subscriptions.size());
  for (const Subscription& wanted : subscribe.subscriptions)
    reasons.push_back(client_.on_subscribe(wanted, subscribe.identifier));
  const std::size_t before = output_.size();
  put_suback(output_, version_, subscribe.packet_id, reasons);
  check_answer(PacketType::suback, before);
}

void Dialogue::handle_unsubscribe(BytesView body) {
  PacketReader reader{body};
  const Unsubscribe unsubscribe = parse_unsubscribe(reader, version_);
  if (!is_sound(reader)) return;
  std::vector<Reason> reasons;
  reasons.reserve(unsubscribe.filters.size());
  for (const std::string_view filter : unsubscribe.filters)
    reasons.push_back(client_.on_unsubscribe(filter));
  const std::size_t before = output_.size();
  put_unsuback(output_, version_, unsubscribe.packet_id, reasons);
  check_answer(PacketType::unsuback, before);
}

void Dialogue::check_answer(PacketType type, std::size_t before) {
  const std::size_t bytes = output_.size() - before;
  if (bytes <= packet_bytes_max_) return;
  output_.resize(before);
  close(CloseKind::oversized, Reason::packet_too_large,
        fmt::format("{} has {} bytes; the client takes {} [MQTT-3.1.2-24]", name_of(type), bytes,
                    packet_bytes_max_));
}

void Dialogue::handle_disconnect(BytesView body) {
  PacketReader reader{body};
  const Disconnect disconnect = parse_disconnect(reader, version_);
  if (!is_sound(reader)) return;
  if (expires_at_once_ && disconnect.session_expiry_s.value_or(0) > 0) {
    return close(CloseKind::violation, Reason::protocol_error,
                 "DISCONNECT wants to keep a session that CONNECT did not (section 3.14.2.2.2)");
  }
  client_.on_disconnect(disconnect);
  close(CloseKind::disconnected, Reason::success, "the client disconnected");
}

void Dialogue::check_time(Duration now) {
  if (closed()) return;
  if (state_ == State::waits_for_connect) {
    if (now - opened_at_ < limits_.connect_span_max) return;
    return close(CloseKind::silent, Reason::keep_alive_timeout,
                 fmt::format("no CONNECT within {} s", limits_.connect_span_max.count() / 1000000));
  }
  if (keep_alive_ == Duration{0} || now - heard_at_ <= keep_alive_ * 3 / 2) return;
  close(CloseKind::silent, Reason::keep_alive_timeout,
        fmt::format("nothing heard for one and a half times its keep-alive of {} s [MQTT-3.1.2-24]",
                    keep_alive_.count() / 1000000));
}

void Dialogue::answered(std::size_t count) {
  // Under an id of an earlier connection it was not counted.
  unanswered_ -= std::uint16_t(std::min<std::size_t>(count, unanswered_));
}

bool Dialogue::is_sound(const PacketReader& reader) {
  const std::optional<Breach>& breach = reader.breach();
  if (!breach) return true;
  close(CloseKind::violation, breach->reason, breach->sentence);
  return false;
}

void Dialogue::dismiss(Reason reason) {
  if (!connected()) return;
  put_farewell(reason, {});
  state_ = State::closed;
}

void Dialogue::put_farewell(Reason reason, std::string_view sentence) {
  if (version_ != Version::v5 || !is_refusal(reason)) return;
  const std::size_t before = output_.size();
  if (wants_reasons_ && !sentence.empty()) {
    Bytes properties;
    put_property(properties, Property::reason_string, sentence);
    put_disconnect(output_, reason, properties);
    if (output_.size() - before <= packet_bytes_max_) return;
    output_.resize(before);  // [MQTT-3.14.2-3]
  }
  put_disconnect(output_, reason);
  if (output_.size() - before > packet_bytes_max_) output_.resize(before);
}

void Dialogue::close(CloseKind kind, Reason reason, std::string sentence) {
  if (state_ == State::connected) put_farewell(reason, sentence);
  state_ = State::closed;
  close_kind_ = kind;
  close_reason_ = std::move(sentence);
}

}  // namespace cauce::gateway::mqtt

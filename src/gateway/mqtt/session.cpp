#include "gateway/mqtt/session.h"

#include <fmt/core.h>

#include <algorithm>

namespace cauce::gateway::mqtt {
namespace {

// An emptied buffer larger than this gives its memory back.
constexpr std::size_t kept_capacity_bytes_max = 16 << 10;

// Section 2.2.2, table 2.2.
std::uint8_t flags_of(PacketType type) {
  const bool marked = type == PacketType::pubrel || type == PacketType::subscribe ||
                      type == PacketType::unsubscribe;
  return marked ? 2 : 0;
}

}  // namespace

Session::Session(Client& client, const Limits& limits, Duration now)
    : client_(client), limits_(limits), opened_at_(now), heard_at_(now) {}

void Session::receive(BytesView bytes, Duration now) {
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

void Session::done() {
  held_.erase(0, used_);
  used_ = 0;
  if (held_.empty() && held_.capacity() > kept_capacity_bytes_max) held_.shrink_to_fit();
}

// Handles the complete packets of `bytes` and answers how many bytes they have.
std::size_t Session::receive_packets(BytesView bytes) {
  std::size_t used = 0;
  while (!closed()) {
    const BytesView rest = bytes.substr(used);
    // The first byte says enough to refuse a stranger who does not speak MQTT.
    if (!rest.empty() && !may_begin(std::uint8_t(rest[0]))) break;
    const auto header = parse_fixed_header(rest);
    if (!header) {
      close(CloseKind::violation, header.error().message);
      break;
    }
    if (!*header) break;
    const FixedHeader& found = **header;
    if (!fits(found)) break;
    if (rest.size() - found.header_bytes < found.remaining_bytes) break;
    handle(found, rest.substr(found.header_bytes, found.remaining_bytes));
    used += found.header_bytes + found.remaining_bytes;
  }
  return used;
}

bool Session::may_begin(std::uint8_t first) {
  const auto type = PacketType(first >> 4);
  const auto flags = std::uint8_t(first & 0x0F);
  if (state_ == State::waits_for_connect && type != PacketType::connect) {
    close(CloseKind::violation, "the first packet is not CONNECT [MQTT-3.1.0-1]");
    return false;
  }
  if (state_ == State::connected && type == PacketType::connect) {
    close(CloseKind::violation, "a second CONNECT [MQTT-3.1.0-2]");
    return false;
  }
  switch (type) {
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
      close(CloseKind::unsupported, "QoS 2 is not supported yet");
      return false;
    case PacketType::publish: return true;
    case PacketType::connect:
    case PacketType::puback:
    case PacketType::subscribe:
    case PacketType::unsubscribe:
    case PacketType::pingreq:
    case PacketType::disconnect: break;
    default:
      close(CloseKind::violation,
            fmt::format("a client may not send {} (section 2.2.1)", name_of(type)));
      return false;
  }
  if (flags == flags_of(type)) return true;
  close(CloseKind::violation,
        fmt::format("{} with flags {:#x} [MQTT-2.2.2-2]", name_of(type), flags));
  return false;
}

bool Session::fits(const FixedHeader& header) {
  const auto type = PacketType(header.type);
  const bool is_publish = type == PacketType::publish;
  // Topic length, topic, packet id, payload.
  const std::size_t publish_bytes_max = 2 + limits_.topic_bytes_max + 2 + limits_.payload_bytes_max;
  const std::size_t bytes_max = is_publish ? publish_bytes_max : limits_.control_bytes_max;
  if (header.remaining_bytes <= bytes_max) return true;
  close(CloseKind::oversized,
        is_publish ? fmt::format("PUBLISH of {} bytes; payload_bytes_max is {}, topic_bytes_max {}",
                                 header.remaining_bytes, limits_.payload_bytes_max,
                                 limits_.topic_bytes_max)
                   : fmt::format("{} of {} bytes; control_bytes_max is {}", name_of(type),
                                 header.remaining_bytes, bytes_max));
  return false;
}

void Session::handle(const FixedHeader& header, BytesView body) {
  switch (PacketType(header.type)) {
    case PacketType::connect: return handle_connect(body);
    case PacketType::publish: return handle_publish(header.flags, body);
    case PacketType::puback: return handle_puback(body);
    case PacketType::subscribe: return handle_subscribe(body);
    case PacketType::unsubscribe: return handle_unsubscribe(body);
    case PacketType::pingreq:
      if (!body.empty()) return close(CloseKind::violation, "PINGREQ has a body (section 3.12)");
      return put_pingresp(output_);
    case PacketType::disconnect:
      if (!body.empty()) return close(CloseKind::violation, "DISCONNECT has a body (section 3.14)");
      return close(CloseKind::disconnected, "the client disconnected");
    default: return;  // may_begin() has refused the others
  }
}

void Session::handle_connect(BytesView body) {
  const auto connect = parse_connect(body);
  if (!connect) return close(CloseKind::violation, connect.error().message);
  if (connect->level != 4) {
    return refuse(
        ConnectReturn::unacceptable_protocol,
        fmt::format("protocol level {} is not supported, level 4 (MQTT 3.1.1) is", connect->level));
  }
  if (connect->client_id.empty() && !connect->clean_session) {
    return refuse(ConnectReturn::identifier_rejected,
                  "no client id, and clean session 0 [MQTT-3.1.3-8]");
  }
  if (connect->client_id.size() > limits_.client_id_bytes_max) {
    return refuse(ConnectReturn::identifier_rejected,
                  fmt::format("client id of {} bytes; client_id_bytes_max is {}",
                              connect->client_id.size(), limits_.client_id_bytes_max));
  }
  const ConnectReturn code = client_.on_connect(*connect);
  if (code != ConnectReturn::accepted) {
    return refuse(code, fmt::format("not admitted (return code {})", int(code)));
  }
  put_connack(output_, ConnectReturn::accepted);
  keep_alive_ = std::chrono::seconds{connect->keep_alive_s};
  state_ = State::connected;
}

void Session::handle_publish(std::uint8_t flags, BytesView body) {
  const auto publish = parse_publish(flags, body);
  if (!publish) return close(CloseKind::violation, publish.error().message);
  if (publish->qos == 2) return close(CloseKind::unsupported, "QoS 2 is not supported yet");
  if (publish->topic.size() > limits_.topic_bytes_max) {
    return close(CloseKind::oversized, fmt::format("topic of {} bytes; topic_bytes_max is {}",
                                                   publish->topic.size(), limits_.topic_bytes_max));
  }
  if (publish->payload.size() > limits_.payload_bytes_max) {
    return close(CloseKind::oversized,
                 fmt::format("payload of {} bytes; payload_bytes_max is {}",
                             publish->payload.size(), limits_.payload_bytes_max));
  }
  if (client_.on_publish(*publish)) return;
  close(CloseKind::forbidden, fmt::format("it may not publish on \"{}\"", publish->topic));
}

void Session::handle_puback(BytesView body) {
  const auto packet_id = parse_puback(body);
  if (!packet_id) return close(CloseKind::violation, packet_id.error().message);
  // One we do not wait for changes nothing: it may be late.
  std::erase(delivering_, *packet_id);
}

void Session::handle_subscribe(BytesView body) {
  std::vector<Subscription> subscriptions;
  const auto packet_id = parse_subscribe(body, subscriptions);
  if (!packet_id) return close(CloseKind::violation, packet_id.error().message);
  std::vector<std::uint8_t> codes;
  codes.reserve(subscriptions.size());
  for (const Subscription& wanted : subscriptions) {
    codes.push_back(client_.on_subscribe(wanted.filter, wanted.qos));
  }
  put_suback(output_, *packet_id, codes);
}

void Session::handle_unsubscribe(BytesView body) {
  std::vector<Subscription> subscriptions;
  const auto packet_id = parse_unsubscribe(body, subscriptions);
  if (!packet_id) return close(CloseKind::violation, packet_id.error().message);
  for (const Subscription& left : subscriptions)
    client_.on_unsubscribe(left.filter);
  put_unsuback(output_, *packet_id);
}

void Session::check_time(Duration now) {
  if (closed()) return;
  if (state_ == State::waits_for_connect) {
    if (now - opened_at_ < limits_.connect_span_max) return;
    return close(CloseKind::silent,
                 fmt::format("no CONNECT within {} s", limits_.connect_span_max.count() / 1000000));
  }
  if (keep_alive_ == Duration{0} || now - heard_at_ <= keep_alive_ * 3 / 2) return;
  close(CloseKind::silent,
        fmt::format("nothing heard for one and a half times its keep-alive of {} s [MQTT-3.1.2-24]",
                    keep_alive_.count() / 1000000));
}

bool Session::deliver(std::string_view topic, BytesView payload, std::uint8_t qos) {
  if (!connected()) return false;
  Publish publish{topic, payload, 0, qos, false, false};
  if (qos > 0) {
    if (delivering_.size() >= limits_.deliveries_max) return false;
    // Section 2.3.1: not 0, and not one that is in use.
    do {
      ++last_delivery_;
    } while (last_delivery_ == 0 ||
             std::ranges::find(delivering_, last_delivery_) != delivering_.end());
    publish.packet_id = last_delivery_;
    delivering_.push_back(last_delivery_);
  }
  put_publish(output_, publish);
  return true;
}

void Session::refuse(ConnectReturn code, std::string reason) {
  put_connack(output_, code);
  close(CloseKind::refused, std::move(reason));
}

void Session::close(CloseKind kind, std::string reason) {
  state_ = State::closed;
  close_kind_ = kind;
  close_reason_ = std::move(reason);
}

}  // namespace cauce::gateway::mqtt

#include "mqttload/publisher.h"

#include <algorithm>
#include <cstring>

namespace mqttload {
namespace {

constexpr char packet_connect = 0x10;
constexpr char packet_connack = 0x20;
constexpr char packet_publish = 0x32;  // QoS 1
constexpr char packet_puback = 0x40;
constexpr std::size_t answer_bytes = 4;  // CONNACK and PUBACK, all that a publisher gets

void put_two(std::string& target, std::size_t number) {
  target.push_back(static_cast<char>(number >> 8));
  target.push_back(static_cast<char>(number));
}

void put_text(std::string& target, std::string_view text) {
  put_two(target, text.size());
  target += text;
}

// MQTT 3.1.1 section 2.2.3: seven bits a byte.
void put_packet(std::string& target, char first, std::string_view body) {
  target.push_back(first);
  std::size_t left = body.size();
  do {
    const char digit = static_cast<char>(left & 0x7F);
    left >>= 7;
    target.push_back(static_cast<char>(digit | (left != 0 ? 0x80 : 0)));
  } while (left != 0);
  target += body;
}

void overwrite_word(std::string& target, std::size_t at, std::uint32_t word) {
  std::memcpy(target.data() + at, &word, sizeof word);  // little-endian machines only
}

}  // namespace

Publisher::Publisher(std::uint32_t connection, const Shape& shape,
                     std::vector<Acknowledged>& ledger)
    : connection_(connection),
      window_(shape.window),
      on_demand_(shape.on_demand),
      ledger_(ledger),
      slots_(shape.window) {
  for (std::uint16_t slot = window_; slot > 0; --slot) {
    free_.push_back(static_cast<std::uint16_t>(slot - 1));
  }
  const std::string topic = "devices/load-" + std::to_string(connection) + "/telemetry";
  std::string body;
  put_text(body, topic);
  put_two(body, 0);
  body += "LOAD";
  body.append(8, '\0');
  // Text that does not compress to nothing, other for each connection.
  std::uint32_t state = connection * 2654435761U + 1;
  while (body.size() < topic.size() + 4 + shape.payload_bytes) {
    state = state * 1664525U + 1013904223U;
    body.push_back(static_cast<char>('!' + (state >> 24) % 90));
  }
  put_packet(message_, packet_publish, body);
  packet_id_at_ = message_.size() - body.size() + 2 + topic.size();
  connect();
}

void Publisher::connect() {
  const std::string name = "load-" + std::to_string(connection_);
  std::string body;
  put_text(body, "MQTT");
  body.push_back(4);     // MQTT 3.1.1
  body.push_back(0x02);  // clean session
  put_two(body, 0);      // no keep-alive
  put_text(body, name);
  put_packet(output_, packet_connect, body);
}

bool Publisher::receive(std::string_view bytes, std::uint64_t now, bool stopped) {
  received_ += bytes;
  std::size_t at = 0;
  while (received_.size() - at >= answer_bytes) {
    if (!take_packet(std::string_view{received_}.substr(at, answer_bytes), now)) return false;
    at += answer_bytes;
  }
  received_.erase(0, at);
  if (!stopped || on_demand_) fill(now);
  return true;
}

bool Publisher::take_packet(std::string_view packet, std::uint64_t now) {
  if (packet[1] != 2) return false;
  if (packet[0] == packet_connack && state_ == State::connecting) {
    state_ = packet[3] == 0 ? State::publishing : State::refused;
    return state_ == State::publishing;
  }
  if (packet[0] != packet_puback) return false;
  const auto high = static_cast<unsigned char>(packet[2]);
  const auto low = static_cast<unsigned char>(packet[3]);
  return acknowledge(static_cast<std::uint16_t>(high << 8 | low), now);
}

bool Publisher::acknowledge(std::uint16_t packet_id, std::uint64_t now) {
  if (packet_id == 0 || packet_id > slots_.size()) return false;
  const auto index = static_cast<std::uint16_t>(packet_id - 1);
  Slot& slot = slots_[index];
  if (!slot.in_use) return false;
  slot.in_use = false;
  free_.push_back(index);
  ledger_.push_back({connection_, slot.message});
  latencies_.push_back(
      static_cast<std::uint32_t>(std::min<std::uint64_t>(now - slot.sent_at, UINT32_MAX)));
  ++acknowledged_;
  return true;
}

void Publisher::fill(std::uint64_t now) {
  if (state_ != State::publishing) return;
  while (!free_.empty() && (!on_demand_ || !offered_.empty())) {
    const std::uint16_t slot = free_.back();
    free_.pop_back();
    publish(slot, on_demand_ ? offered_.front() : now);
    if (on_demand_) offered_.pop_front();
  }
}

void Publisher::offer(std::uint64_t due) {
  offered_.push_back(due);
  fill(due);
}

void Publisher::publish(std::uint16_t slot, std::uint64_t now) {
  const auto packet_id = static_cast<std::uint16_t>(slot + 1);
  message_[packet_id_at_] = static_cast<char>(packet_id >> 8);
  message_[packet_id_at_ + 1] = static_cast<char>(packet_id);
  overwrite_word(message_, packet_id_at_ + 6, connection_);
  overwrite_word(message_, packet_id_at_ + 10, next_message_);
  slots_[slot] = {next_message_++, now, true};
  output_ += message_;
}

void Publisher::sent(std::size_t bytes) {
  sent_ += bytes;
  if (sent_ == output_.size()) {
    output_.clear();
    sent_ = 0;
  }
}

}  // namespace mqttload

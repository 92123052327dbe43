#include "mqttload/publisher.h"

#include <algorithm>
#include <cstring>

namespace mqttload {
namespace {

constexpr char packet_connect = 0x10;
constexpr char packet_connack = 0x20;
constexpr char packet_publish = 0x32;  // QoS 1
constexpr char packet_puback = 0x40;
constexpr char flags_clean_session = 0x02;
constexpr char flags_user_name_and_password = '\xC0';
constexpr std::string_view before_name = R"({"message":")";
constexpr std::size_t name_bytes = 16;
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

// Two digits a byte, the lowest byte first.
void overwrite_digits(std::string& target, std::size_t at, std::uint32_t word) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t byte = 0; byte < sizeof word; ++byte, word >>= 8) {
    target[at + 2 * byte] = digits[word >> 4 & 0xF];
    target[at + 2 * byte + 1] = digits[word & 0xF];
  }
}

// Text that does not compress to nothing, other for each connection.
std::string noise(std::uint32_t connection, std::size_t bytes) {
  std::string text = "LOAD" + std::string(8, '\0');
  std::uint32_t state = connection * 2654435761U + 1;
  while (text.size() < bytes) {
    state = state * 1664525U + 1013904223U;
    text.push_back(static_cast<char>('!' + (state >> 24) % 90));
  }
  return text;
}

// What a climate sensor sends.
std::string readings(std::uint32_t connection, std::size_t bytes) {
  std::string text{before_name};
  text.append(name_bytes, '0');
  text += R"(","temperature":2)" + std::to_string(connection % 10) + ".5";
  text += R"(,"humidity":4)" + std::to_string(connection / 10 % 10) + ".25";
  text += R"(,"pressure":1013.2,"battery":3.61)";
  text.append(bytes - text.size() - 1, ' ');
  return text + "}";
}

}  // namespace

Publisher::Publisher(std::uint32_t connection, const Shape& shape,
                     std::vector<Acknowledged>& ledger, std::string_view token)
    : connection_(connection),
      window_(shape.window),
      on_demand_(shape.on_demand),
      readings_(shape.readings),
      ledger_(ledger),
      slots_(shape.window) {
  for (std::uint16_t slot = window_; slot > 0; --slot) {
    free_.push_back(static_cast<std::uint16_t>(slot - 1));
  }
  const std::string topic = "devices/load-" + std::to_string(connection) + "/telemetry";
  std::string body;
  put_text(body, topic);
  put_two(body, 0);
  body += readings_ ? readings(connection, shape.payload_bytes)
                    : noise(connection, shape.payload_bytes);
  put_packet(message_, packet_publish, body);
  packet_id_at_ = message_.size() - body.size() + 2 + topic.size();
  connect(token);
}

void Publisher::connect(std::string_view token) {
  const std::string name = "load-" + std::to_string(connection_);
  std::string body;
  put_text(body, "MQTT");
  body.push_back(4);  // MQTT 3.1.1
  body.push_back(token.empty() ? flags_clean_session
                               : char(flags_clean_session | flags_user_name_and_password));
  put_two(body, 0);  // no keep-alive
  put_text(body, name);
  if (!token.empty()) {
    put_text(body, name);
    put_text(body, token);
  }
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

void Publisher::put_numbers(std::uint32_t message) {
  const std::size_t payload_at = packet_id_at_ + 2;
  if (readings_) {
    overwrite_digits(message_, payload_at + before_name.size(), connection_);
    overwrite_digits(message_, payload_at + before_name.size() + name_bytes / 2, message);
    return;
  }
  overwrite_word(message_, payload_at + 4, connection_);
  overwrite_word(message_, payload_at + 8, message);
}

void Publisher::publish(std::uint16_t slot, std::uint64_t now) {
  const auto packet_id = static_cast<std::uint16_t>(slot + 1);
  message_[packet_id_at_] = static_cast<char>(packet_id >> 8);
  message_[packet_id_at_ + 1] = static_cast<char>(packet_id);
  put_numbers(next_message_);
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

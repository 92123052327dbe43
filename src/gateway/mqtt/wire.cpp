#include "gateway/mqtt/wire.h"

#include <fmt/core.h>

#include "base/invariant.h"
#include "gateway/mqtt/utf8.h"

namespace cauce::gateway::mqtt {

std::uint8_t PacketReader::u8() {
  const BytesView taken = bytes(1);
  return taken.empty() ? 0 : std::uint8_t(taken[0]);
}

std::uint16_t PacketReader::u16() {
  const BytesView taken = bytes(2);
  if (taken.empty()) return 0;
  return std::uint16_t(std::uint8_t(taken[0]) << 8 | std::uint8_t(taken[1]));
}

std::uint32_t PacketReader::u32() {
  const std::uint32_t high = u16();
  return high << 16 | u16();
}

std::uint32_t PacketReader::variable_number() {
  std::uint32_t value = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    const std::uint8_t digit = u8();
    value |= std::uint32_t(digit & 0x7F) << shift;
    if ((digit & 0x80) == 0) return value;
  }
  fail(Reason::malformed_packet, "a number of variable length has more than four bytes [1.5.5]");
  return 0;
}

BytesView PacketReader::binary() {
  return bytes(u16());
}

std::string_view PacketReader::text(std::string_view name) {
  const std::string_view taken = binary();
  if (!failed() && !is_utf8_string(taken)) {
    fail(Reason::malformed_packet, fmt::format("{} is not UTF-8 text [MQTT-1.5.4-1]", name));
    return {};
  }
  return taken;
}

std::string_view PacketReader::name(std::string_view name, Reason otherwise) {
  const std::string_view taken = binary();
  if (failed() || is_utf8_name(taken)) return taken;
  fail(otherwise,
       fmt::format("{} is not UTF-8 text without control characters [MQTT-1.5.4-1]", name));
  return {};
}

BytesView PacketReader::bytes(std::size_t count) {
  if (failed()) return {};
  if (rest_.size() < count) {
    fail(Reason::malformed_packet, "a packet is shorter than its fields");
    return {};
  }
  const BytesView taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

void PacketReader::fail(Reason reason, std::string sentence) {
  if (failed()) return;
  breach_ = Breach{reason, std::move(sentence)};
  rest_ = {};
}

void put_big_u16(Bytes& target, std::uint16_t value) {
  target += char(value >> 8);
  target += char(value & 0xFF);
}

void put_big_u32(Bytes& target, std::uint32_t value) {
  put_big_u16(target, std::uint16_t(value >> 16));
  put_big_u16(target, std::uint16_t(value & 0xFFFF));
}

void put_variable_number(Bytes& target, std::uint32_t value) {
  INVARIANT(value <= variable_number_max);
  do {
    const std::uint8_t digit = value & 0x7F;
    value >>= 7;
    target += char(digit | (value > 0 ? 0x80 : 0));
  } while (value > 0);
}

std::size_t variable_number_bytes(std::uint32_t value) {
  std::size_t count = 1;
  while (value > 0x7F) {
    value >>= 7;
    ++count;
  }
  return count;
}

void put_text(Bytes& target, std::string_view text) {
  INVARIANT(text.size() <= UINT16_MAX);
  put_big_u16(target, std::uint16_t(text.size()));
  target.append(text);
}

}  // namespace cauce::gateway::mqtt

#include "gateway/coap/message.h"

#include "base/invariant.h"

namespace cauce::gateway::coap {
namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::uint8_t payload_marker = 0xFF;
constexpr std::size_t token_bytes_max = 8;

std::uint8_t byte_at(BytesView bytes, std::size_t index) {
  return static_cast<std::uint8_t>(bytes[index]);
}

// A delta or a length of an option (section 3.1), whose half byte is `nibble`; takes what extends
// it. nullopt: it is cut off, reserved or beyond 16 bits.
std::optional<std::uint32_t> extended(std::uint8_t nibble, BytesView& rest) {
  constexpr std::uint8_t one_byte = 13;
  constexpr std::uint8_t two_bytes = 14;
  if (nibble < one_byte) return nibble;
  if (nibble > two_bytes) return std::nullopt;
  const std::size_t count = nibble == one_byte ? 1 : 2;
  if (rest.size() < count) return std::nullopt;
  std::uint32_t value = byte_at(rest, 0);
  if (count == 2) value = (value << 8) + byte_at(rest, 1) + 269;
  if (count == 1) value += 13;
  rest.remove_prefix(count);
  if (value > 0xFFFF) return std::nullopt;
  return value;
}

bool read_options(BytesView& rest, std::vector<Option>& options) {
  std::uint32_t number = 0;
  while (!rest.empty() && byte_at(rest, 0) != payload_marker) {
    const std::uint8_t first = byte_at(rest, 0);
    rest.remove_prefix(1);
    const auto delta = extended(first >> 4, rest);
    if (!delta) return false;
    const auto length = extended(first & 0x0F, rest);
    if (!length || *length > rest.size()) return false;
    number += *delta;
    if (number > 0xFFFF || options.size() == options_max) return false;
    options.push_back({Number(number), rest.substr(0, *length)});
    rest.remove_prefix(*length);
  }
  return true;
}

void append_extended(Bytes& bytes, std::uint32_t value) {
  if (value >= 269) {
    bytes += char((value - 269) >> 8);
    bytes += char((value - 269) & 0xFF);
  } else if (value >= 13) {
    bytes += char(value - 13);
  }
}

std::uint8_t nibble_of(std::uint32_t value) {
  if (value >= 269) return 14;
  return value >= 13 ? std::uint8_t{13} : std::uint8_t(value);
}

// In as few bytes as it needs; zero needs none.
Bytes shortest(std::uint32_t value) {
  Bytes bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = std::uint8_t(value >> shift);
    if (byte != 0 || !bytes.empty()) bytes += char(byte);
  }
  return bytes;
}

Bytes header(Type type, Code code, std::uint16_t id, BytesView token) {
  INVARIANT(token.size() <= token_bytes_max);
  Bytes bytes;
  bytes += char(0x40 | (int(type) << 4) | int(token.size()));
  bytes += char(code);
  bytes += char(id >> 8);
  bytes += char(id & 0xFF);
  bytes += token;
  return bytes;
}

}  // namespace

bool is_request(Code code) {
  return code != Code::empty && std::uint8_t(code) < 0x20;
}

Verdict read(BytesView datagram, Message& message) {
  if (datagram.size() < header_bytes || byte_at(datagram, 0) >> 6 != 1) return Verdict::foreign;
  message.type = Type((byte_at(datagram, 0) >> 4) & 3);
  message.code = Code(byte_at(datagram, 1));
  message.id = std::uint16_t(byte_at(datagram, 2) << 8 | byte_at(datagram, 3));
  message.options.clear();
  message.payload = {};
  const std::size_t token_bytes = byte_at(datagram, 0) & 0x0F;
  BytesView rest = datagram.substr(header_bytes);
  // Section 4.1: an empty message is its header.
  if (message.code == Code::empty)
    return rest.empty() && token_bytes == 0 ? Verdict::good : Verdict::malformed;
  if (token_bytes > token_bytes_max || token_bytes > rest.size()) return Verdict::malformed;
  message.token = rest.substr(0, token_bytes);
  rest.remove_prefix(token_bytes);
  if (!read_options(rest, message.options)) return Verdict::malformed;
  if (rest.empty()) return Verdict::good;
  message.payload = rest.substr(1);
  // Section 3: a marker with nothing behind it is an error.
  return message.payload.empty() ? Verdict::malformed : Verdict::good;
}

std::optional<std::uint32_t> number_of(BytesView value, std::size_t bytes_max) {
  if (value.size() > bytes_max) return std::nullopt;
  std::uint32_t number = 0;
  for (std::size_t index = 0; index < value.size(); ++index)
    number = (number << 8) | byte_at(value, index);
  return number;
}

Bytes write(Type type, std::uint16_t id, BytesView token, const Response& response) {
  Bytes bytes = header(type, response.code, id, token);
  std::uint32_t last = 0;
  for (const NumberOption& option : response.options) {
    INVARIANT(std::uint32_t(option.number) >= last);
    const std::uint32_t delta = std::uint32_t(option.number) - last;
    last += delta;
    const Bytes value = shortest(option.value);
    bytes += char(nibble_of(delta) << 4 | nibble_of(std::uint32_t(value.size())));
    append_extended(bytes, delta);
    bytes += value;
  }
  if (!response.payload.empty()) {
    bytes += char(payload_marker);
    bytes += response.payload;
  }
  return bytes;
}

Bytes write_empty(Type type, std::uint16_t id) {
  return header(type, Code::empty, id, {});
}

}  // namespace cauce::gateway::coap

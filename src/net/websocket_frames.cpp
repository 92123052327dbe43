#include "net/websocket_frames.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace cauce::net {
namespace {

// Section 5.2.
constexpr std::uint8_t continuation = 0;
constexpr std::uint8_t text = 1;
constexpr std::uint8_t binary = 2;
constexpr std::uint8_t close = 8;
constexpr std::uint8_t ping = 9;
constexpr std::uint8_t pong = 10;

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t masked_bit = 0x80;
constexpr std::uint8_t length_in_16_bits = 126;
constexpr std::uint8_t length_in_64_bits = 127;
constexpr std::size_t mask_bytes = 4;

FramesEnd violation(std::string why, CloseCode code = CloseCode::protocol_error) {
  return {code, std::move(why)};
}

std::uint8_t to_u8(char byte) {
  return static_cast<std::uint8_t>(byte);
}

std::uint64_t big_endian(const char* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t index = 0; index < count; ++index)
    value = value << 8 | to_u8(bytes[index]);
  return value;
}

void put_head(Bytes& target, std::uint8_t opcode, std::size_t payload_bytes) {
  target.push_back(char(final_bit | opcode));
  if (payload_bytes < length_in_16_bits) {
    target.push_back(char(payload_bytes));
    return;
  }
  const bool is_long = payload_bytes > 0xFFFF;
  target.push_back(char(is_long ? length_in_64_bits : length_in_16_bits));
  for (int shift = is_long ? 56 : 8; shift >= 0; shift -= 8)
    target.push_back(char(payload_bytes >> shift & 0xFF));
}

}  // namespace

std::optional<FramesEnd> FrameReader::read(BytesView bytes, Bytes& payload, Bytes& pongs) {
  while (!bytes.empty()) {
    if (!in_frame_) {
      head_[head_size_++] = bytes[0];
      bytes.remove_prefix(1);
      if (head_size_ < 2 || head_size_ < head_bytes()) continue;
      if (auto end = begin_frame()) return end;
    }
    const std::size_t count = std::size_t(std::min<std::uint64_t>(rest_, bytes.size()));
    unmask(bytes.substr(0, count), is_control() ? control_ : payload);
    bytes.remove_prefix(count);
    rest_ -= count;
    if (rest_ > 0) continue;
    in_frame_ = false;
    if (!is_control()) continue;
    if (auto end = end_control(pongs)) return end;
  }
  return std::nullopt;
}

std::size_t FrameReader::head_bytes() const {
  const std::uint8_t length = to_u8(head_[1]) & 0x7F;
  std::size_t bytes = 2 + mask_bytes;
  if (length == length_in_16_bits) bytes += 2;
  if (length == length_in_64_bits) bytes += 8;
  return bytes;
}

std::optional<FramesEnd> FrameReader::begin_frame() {
  const std::uint8_t length = to_u8(head_[1]) & 0x7F;
  const std::size_t length_bytes = head_size_ - 2 - mask_bytes;
  rest_ = length_bytes == 0 ? length : big_endian(head_.data() + 2, length_bytes);
  opcode_ = to_u8(head_[0]) & 0x0F;
  if (auto end = judge_frame()) return end;
  std::copy_n(head_.data() + 2 + length_bytes, mask_bytes, mask_.data());
  if (!is_control()) in_message_ = (to_u8(head_[0]) & final_bit) == 0;
  head_size_ = 0;
  mask_index_ = 0;
  in_frame_ = true;
  return std::nullopt;
}

std::optional<FramesEnd> FrameReader::judge_frame() const {
  const std::uint8_t first = to_u8(head_[0]);
  if ((to_u8(head_[1]) & masked_bit) == 0)
    return violation("a frame of the client is not masked (RFC 6455 section 5.1)");
  if ((first & reserved_bits) != 0)
    return violation("a reserved bit is set: no extension was agreed on (section 5.2)");
  if (is_control()) {
    if (opcode_ > pong) return violation(fmt::format("opcode {} is reserved", opcode_));
    if ((first & final_bit) == 0) return violation("a control frame in fragments (section 5.4)");
    if (rest_ <= control_bytes_max) return std::nullopt;
    return violation(fmt::format("a control frame of {} bytes; {} are allowed (section 5.5)", rest_,
                                 control_bytes_max));
  }
  if (opcode_ > binary) return violation(fmt::format("opcode {} is reserved", opcode_));
  // [MQTT-6.0.0-1].
  if (opcode_ == text)
    return violation("a text frame; binary frames carry MQTT", CloseCode::not_accepted);
  if ((opcode_ == continuation) != in_message_)
    return violation("a fragment out of its order (section 5.4)");
  if (rest_ <= frame_bytes_max_) return std::nullopt;
  return violation(
      fmt::format("a frame of {} bytes; frame_bytes_max is {}", rest_, frame_bytes_max_),
      CloseCode::too_big);
}

// Section 5.3.
void FrameReader::unmask(BytesView masked, Bytes& target) {
  const std::size_t start = target.size();
  target.append(masked);
  std::array<char, mask_bytes> mask{};
  for (std::size_t index = 0; index < mask_bytes; ++index)
    mask[index] = mask_[(mask_index_ + index) % mask_bytes];
  char* place = target.data() + start;
  for (std::size_t index = 0; index < masked.size(); ++index)
    place[index] = char(place[index] ^ mask[index % mask_bytes]);
  mask_index_ = std::uint8_t((mask_index_ + masked.size()) % mask_bytes);
}

std::optional<FramesEnd> FrameReader::end_control(Bytes& pongs) {
  const Bytes content = std::exchange(control_, {});
  if (opcode_ == close) {
    if (content.size() == 1) return violation("a close frame of one byte (section 5.5.1)");
    return FramesEnd{};
  }
  if (opcode_ != ping) return std::nullopt;
  put_head(pongs, pong, content.size());
  pongs += content;
  return std::nullopt;
}

void put_binary_frame_head(Bytes& target, std::size_t payload_bytes) {
  put_head(target, binary, payload_bytes);
}

void put_close_frame(Bytes& target, CloseCode code) {
  put_head(target, close, 2);
  target.push_back(char(std::uint16_t(code) >> 8));
  target.push_back(char(std::uint16_t(code) & 0xFF));
}

}  // namespace cauce::net

// The frames of WebSocket as the server reads and writes them (RFC 6455 section 5), without
// sockets. Inside this room only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace cauce::net {

// RFC 6455 section 7.4.1.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  protocol_error = 1002,
  not_accepted = 1003,  // text, for instance
  policy = 1008,
  too_big = 1009,
};

struct FramesEnd {
  CloseCode code = CloseCode::normal;
  std::string violation = {};  // empty: the peer said goodbye
};

// Bytes of frames become bytes of messages as they come: no frame is held, whatever its length, so
// an idle connection costs a few words. Once it has ended it is not asked again.
class FrameReader {
 public:
  explicit FrameReader(std::uint64_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}

  // Takes all of `bytes`. The contents of binary messages are appended to `payload`, pongs to
  // `pongs`.
  std::optional<FramesEnd> read(BytesView bytes, Bytes& payload, Bytes& pongs);

 private:
  static constexpr std::size_t head_bytes_max = 14;
  static constexpr std::size_t control_bytes_max = 125;

  // Bytes of a head that begins with these; 2 until more can be told.
  std::size_t head_bytes() const;
  std::optional<FramesEnd> begin_frame();
  std::optional<FramesEnd> judge_frame() const;
  void unmask(BytesView masked, Bytes& target);
  std::optional<FramesEnd> end_control(Bytes& pongs);
  bool is_control() const { return (opcode_ & 8) != 0; }

  std::uint64_t frame_bytes_max_;
  std::uint64_t rest_ = 0;  // of the frame whose head is complete
  std::array<char, head_bytes_max> head_{};
  std::uint8_t head_size_ = 0;
  std::uint8_t opcode_ = 0;
  std::uint8_t mask_index_ = 0;
  bool in_frame_ = false;
  bool in_message_ = false;  // more fragments follow
  std::array<char, 4> mask_{};
  Bytes control_;  // of the control frame that comes
};

// What stands before a binary message of so many bytes, in one frame.
void put_binary_frame_head(Bytes& target, std::size_t payload_bytes);
void put_close_frame(Bytes& target, CloseCode code);

}  // namespace cauce::net

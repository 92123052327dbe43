// The types that control packets are made of (MQTT 5.0 section 1.5; 3.1.1 has the first three):
// big-endian numbers, UTF-8 strings, binary fields, numbers of variable length.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "gateway/mqtt/reason.h"

namespace cauce::gateway::mqtt {

// Section 1.5.5: four digits of seven bits.
constexpr std::uint32_t variable_number_max = (1U << 28) - 1;

// How a packet breaks the protocol: what a client of MQTT 5 is told, and the sentence for the log.
struct Breach {
  Reason reason;
  std::string sentence;
};

// Takes a body apart without copying. As base's ByteReader: after the first breach every read
// answers zero or an empty view; look at breach() once, at the end.
class PacketReader {
 public:
  explicit PacketReader(BytesView body) : rest_(body) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint32_t variable_number();
  BytesView binary();
  // A string; one that is not UTF-8 text is a breach that names it.
  std::string_view text(std::string_view name);
  // One that names something: without control characters too.
  std::string_view name(std::string_view name, Reason otherwise = Reason::malformed_packet);
  BytesView bytes(std::size_t count);
  BytesView rest() { return bytes(rest_.size()); }
  bool empty() const { return rest_.empty(); }

  // Only the first one counts.
  void fail(Reason reason, std::string sentence);
  bool failed() const { return breach_.has_value(); }
  const std::optional<Breach>& breach() const { return breach_; }

 private:
  BytesView rest_;
  std::optional<Breach> breach_;
};

void put_big_u16(Bytes& target, std::uint16_t value);
void put_big_u32(Bytes& target, std::uint32_t value);
// Invariant: value <= variable_number_max.
void put_variable_number(Bytes& target, std::uint32_t value);
std::size_t variable_number_bytes(std::uint32_t value);
// Invariant: at most 65,535 bytes.
void put_text(Bytes& target, std::string_view text);

}  // namespace cauce::gateway::mqtt

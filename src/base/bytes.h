// Byte strings, and the little-endian codec that every stored format here is written in.
//
// A ByteReader never reads past its end: the first read that would sets failed(), answers zero or
// an empty view, and so does every read after it. Check failed() once, at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cauce {

using Bytes = std::string;
using BytesView = std::string_view;

void put_u8(Bytes& target, std::uint8_t value);
void put_u16(Bytes& target, std::uint16_t value);
void put_u32(Bytes& target, std::uint32_t value);
void put_u64(Bytes& target, std::uint64_t value);
void put_i64(Bytes& target, std::int64_t value);
void put_f64(Bytes& target, double value);       // IEEE 754 binary64
void put_sized(Bytes& target, BytesView value);  // u32 length, then the bytes

// Overwrites four bytes already in `target`, at `offset`.
void set_u32(Bytes& target, std::size_t offset, std::uint32_t value);

class ByteReader {
 public:
  explicit ByteReader(BytesView source) : rest_(source) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::int64_t i64();
  double f64();
  BytesView bytes(std::size_t count);
  BytesView sized();  // what put_sized wrote; a view into the source

  bool failed() const { return failed_; }
  // Everything was read and nothing was missing.
  bool complete() const { return !failed_ && rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }

 private:
  BytesView rest_;
  bool failed_ = false;
};

// Here, because the stream's readers walk over each record with them.
inline BytesView ByteReader::bytes(std::size_t count) {
  if (failed_ || rest_.size() < count) {
    failed_ = true;
    return {};
  }
  const BytesView taken{rest_.data(), count};
  rest_.remove_prefix(count);
  return taken;
}

inline std::uint32_t ByteReader::u32() {
  std::uint32_t value = 0;
  const BytesView taken = bytes(sizeof value);
  if (!taken.empty()) std::memcpy(&value, taken.data(), sizeof value);
  return value;
}

inline BytesView ByteReader::sized() {
  return bytes(u32());
}

// Lower-case hexadecimal.
std::string to_hex(BytesView bytes);
// False when `text` is not an even number of hexadecimal digits; `target` is then untouched.
bool from_hex(std::string_view text, Bytes& target);

}  // namespace cauce

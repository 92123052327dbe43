#include "base/bytes.h"

#include <bit>
#include <cstring>

#include "base/invariant.h"

namespace cauce {
namespace {

static_assert(std::endian::native == std::endian::little, "stored formats are little-endian");

template <class T>
void put(Bytes& target, T value) {
  target.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T take(BytesView source) {
  T value{};
  if (source.size() == sizeof value) std::memcpy(&value, source.data(), sizeof value);
  return value;
}

int digit_of(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  return -1;
}

}  // namespace

void put_u8(Bytes& target, std::uint8_t value) {
  put(target, value);
}
void put_u16(Bytes& target, std::uint16_t value) {
  put(target, value);
}
void put_u32(Bytes& target, std::uint32_t value) {
  put(target, value);
}
void put_u64(Bytes& target, std::uint64_t value) {
  put(target, value);
}
void put_i64(Bytes& target, std::int64_t value) {
  put(target, value);
}
void put_f64(Bytes& target, double value) {
  put(target, value);
}

void put_sized(Bytes& target, BytesView value) {
  INVARIANT(value.size() <= UINT32_MAX);
  put_u32(target, std::uint32_t(value.size()));
  target.append(value);
}

void set_u32(Bytes& target, std::size_t offset, std::uint32_t value) {
  INVARIANT(offset + sizeof value <= target.size());
  std::memcpy(target.data() + offset, &value, sizeof value);
}

std::uint8_t ByteReader::u8() {
  return take<std::uint8_t>(bytes(1));
}
std::uint16_t ByteReader::u16() {
  return take<std::uint16_t>(bytes(2));
}
std::uint64_t ByteReader::u64() {
  return take<std::uint64_t>(bytes(8));
}
std::int64_t ByteReader::i64() {
  return take<std::int64_t>(bytes(8));
}
double ByteReader::f64() {
  return take<double>(bytes(8));
}

std::string to_hex(BytesView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += digits[std::uint8_t(byte) >> 4];
    text += digits[std::uint8_t(byte) & 15];
  }
  return text;
}

bool from_hex(std::string_view text, Bytes& target) {
  if (text.size() % 2 != 0) return false;
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t index = 0; index < text.size(); index += 2) {
    const int high = digit_of(text[index]);
    const int low = digit_of(text[index + 1]);
    if (high < 0 || low < 0) return false;
    bytes += char(high * 16 + low);
  }
  target = std::move(bytes);
  return true;
}

}  // namespace cauce

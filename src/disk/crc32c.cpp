#include "disk/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace cauce::disk {
namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

// "Slicing by 8" (Intel, 2006): table k holds the effect of a byte that is followed by k others.
constexpr Tables make_tables() {
  constexpr std::uint32_t polynomial = 0x82F63B78;  // 0x1EDC6F41 with its bits reversed
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
    }
    tables[0][byte] = value;
  }
  for (std::size_t table = 1; table < 8; ++table) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t shorter = tables[table - 1][byte];
      tables[table][byte] = (shorter >> 8) ^ tables[0][shorter & 255];
    }
  }
  return tables;
}

constexpr Tables tables = make_tables();

#if defined(__x86_64__)
// The instruction has a result after three cycles and takes a new operand in each: so three lanes
// of so many bytes are reckoned beside each other and put together.
constexpr std::size_t lane_bytes = 1024;

// What lane_bytes zeros make of a checksum, which is linear: by its four bytes.
using Shift = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr Shift make_shift() {
  std::array<std::uint32_t, 32> of_bit{};
  for (std::size_t bit = 0; bit < of_bit.size(); ++bit) {
    std::uint32_t value = std::uint32_t{1} << bit;
    for (std::size_t byte = 0; byte < lane_bytes; ++byte)
      value = (value >> 8) ^ tables[0][value & 255];
    of_bit[bit] = value;
  }
  Shift shift{};
  for (std::size_t place = 0; place < shift.size(); ++place) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      for (std::size_t bit = 0; bit < 8; ++bit) {
        if ((byte >> bit & 1) != 0) shift[place][byte] ^= of_bit[place * 8 + bit];
      }
    }
  }
  return shift;
}

constexpr Shift shift_by_lane = make_shift();

std::uint64_t shifted(std::uint64_t value) {
  return shift_by_lane[0][value & 255] ^ shift_by_lane[1][value >> 8 & 255] ^
         shift_by_lane[2][value >> 16 & 255] ^ shift_by_lane[3][value >> 24 & 255];
}

std::uint64_t word_at(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(BytesView bytes,
                                                                      std::uint32_t before) {
  std::uint64_t value = std::uint32_t(~before);
  const char* next = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 3 * lane_bytes; next += 3 * lane_bytes, left -= 3 * lane_bytes) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t at = 0; at < lane_bytes; at += 8) {
      value = _mm_crc32_u64(value, word_at(next + at));
      second = _mm_crc32_u64(second, word_at(next + lane_bytes + at));
      third = _mm_crc32_u64(third, word_at(next + 2 * lane_bytes + at));
    }
    value = shifted(shifted(value) ^ second) ^ third;
  }
  for (; left >= 8; next += 8, left -= 8)
    value = _mm_crc32_u64(value, word_at(next));
  auto rest = std::uint32_t(value);
  for (; left > 0; ++next, --left)
    rest = _mm_crc32_u8(rest, std::uint8_t(*next));
  return ~rest;
}
#endif

}  // namespace

std::uint32_t crc32c_by_table(BytesView bytes, std::uint32_t before) {
  std::uint32_t value = ~before;
  const char* next = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; next += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, next, sizeof word);
    word ^= value;
    value = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) {
      value ^= tables[7 - byte][(word >> (8 * byte)) & 255];
    }
  }
  for (; left > 0; ++next, --left) {
    value = (value >> 8) ^ tables[0][(value ^ std::uint8_t(*next)) & 255];
  }
  return ~value;
}

std::uint32_t crc32c(BytesView bytes, std::uint32_t before) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return crc32c_by_instruction(bytes, before);
#endif
  return crc32c_by_table(bytes, before);
}

}  // namespace cauce::disk

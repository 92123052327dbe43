#include "datasets/csv/plain_numbers.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

namespace cauce::datasets::csv {

namespace {

// Powers of ten that are doubles without rounding. A whole number below 2^53 divided by one of
// them is rounded once, so correctly (Clinger 1990, the fast path).
constexpr std::array<double, 23> exact_powers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t exact_whole_max = std::uint64_t{1} << 53;

constexpr std::uint64_t every_byte(std::uint64_t byte) {
  return byte * 0x0101010101010101;
}

// `digits` holds 0 to 9 in each byte, the first digit lowest. Pairs, then fours, then the eight are
// added up in parallel (Mula 2017, "SWAR parsing of decimal numbers").
inline std::uint64_t value_of_eight(std::uint64_t digits) {
  const std::uint64_t pairs = digits * 10 + (digits >> 8);
  const std::uint64_t lower = 0x000000FF000000FF;
  const std::uint64_t even = (pairs & lower) * (100 + (std::uint64_t{1000000} << 32));
  const std::uint64_t odd = ((pairs >> 16) & lower) * (1 + (std::uint64_t{10000} << 32));
  return (even + odd) >> 32;
}

inline bool all_digits(std::uint64_t digits) {
  return (((digits + every_byte(0x76)) | digits) & every_byte(0x80)) == 0;
}

inline std::uint64_t load(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, 8);
  return word;
}

// At most 17 bytes, digits and one decimal sign, by two words.
inline bool read_by_words(const char* text, std::size_t bytes, char decimal_sign, double& value) {
  char digits[32];
  std::memset(digits, '0', 16);
  std::size_t whole_digits = bytes;
  const auto* sign = static_cast<const char*>(std::memchr(text, decimal_sign, bytes));
  if (sign != nullptr) {
    whole_digits = std::size_t(sign - text);
    bytes -= 1;
  }
  if (bytes == 0 || bytes > 16) return false;
  if (whole_digits > 1 && *text == '0') return false;
  char* target = digits + 16 - bytes;
  std::memcpy(target, text, 17);
  if (sign != nullptr) std::memcpy(target + whole_digits, sign + 1, 16);
  const std::uint64_t high = load(digits) ^ every_byte('0');
  const std::uint64_t low = load(digits + 8) ^ every_byte('0');
  if (!all_digits(high) || !all_digits(low)) return false;
  const std::uint64_t whole = value_of_eight(high) * 100'000'000 + value_of_eight(low);
  if (whole > exact_whole_max) return false;
  value = double(whole) / exact_powers[bytes - whole_digits];
  return true;
}

// How the 16 bytes before the end of a number become digits at the right edge: the bytes left of
// the decimal sign move over it. One row for each place of the sign; the last one: there is none.
constexpr std::array<std::array<std::int8_t, 16>, 17> over_the_sign = [] {
  std::array<std::array<std::int8_t, 16>, 17> rows{};
  for (int sign = 0; sign <= 16; ++sign) {
    for (int at = 0; at < 16; ++at) {
      const bool moves = sign < 16 && at <= sign;
      rows[std::size_t(sign)][std::size_t(at)] = std::int8_t(moves ? std::max(at - 1, 0) : at);
    }
  }
  return rows;
}();

// Read at `n`, the last n of 16 bytes are set.
constexpr std::array<std::uint8_t, 32> last_bytes = [] {
  std::array<std::uint8_t, 32> bytes{};
  std::fill(bytes.begin() + 16, bytes.end(), std::uint8_t{0xff});
  return bytes;
}();

inline __m128i vector_at(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

// The same for at most 16 bytes by one vector: pairs of digits are added up, then fours, eights.
__attribute__((target("sse4.1"))) inline bool read_by_vector(const char* text, std::size_t bytes,
                                                             char decimal_sign, double& value) {
  const __m128i word = vector_at(text + bytes - 16);
  const __m128i is_sign = _mm_cmpeq_epi8(word, _mm_set1_epi8(decimal_sign));
  const unsigned inside = 0xffffU << (16 - bytes);
  const unsigned signs = unsigned(_mm_movemask_epi8(is_sign)) & inside;
  const auto sign = std::size_t(std::countr_zero(signs | 1U << 16));
  const std::size_t digits = bytes - (signs != 0 ? 1 : 0);
  const std::size_t fraction_digits = signs != 0 ? 15 - sign : 0;
  if (digits == 0) return false;
  if (digits - fraction_digits > 1 && *text == '0') return false;
  const __m128i placed = _mm_shuffle_epi8(word, vector_at(over_the_sign[sign].data()));
  const __m128i values = _mm_and_si128(_mm_sub_epi8(placed, _mm_set1_epi8('0')),
                                       vector_at(last_bytes.data() + digits));
  const __m128i above_nine = _mm_subs_epu8(values, _mm_set1_epi8(9));
  if (_mm_testz_si128(above_nine, above_nine) == 0) return false;
  const __m128i twos = _mm_maddubs_epi16(values, _mm_set1_epi16(10 | 1 << 8));
  const __m128i fours = _mm_madd_epi16(twos, _mm_set1_epi32(100 | 1 << 16));
  const __m128i eights =
      _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(10'000 | 1 << 16));
  const auto both = std::uint64_t(_mm_cvtsi128_si64(eights));
  const std::uint64_t whole = (both & 0xffffffff) * 100'000'000 + (both >> 32);
  if (whole > exact_whole_max) return false;
  value = double(whole) / exact_powers[fraction_digits];
  return true;
}

using ReadMagnitude = bool (*)(const char* text, std::size_t bytes, char decimal_sign,
                               double& value);

template <ReadMagnitude read, std::size_t bytes_max>
[[gnu::always_inline]] inline bool read_cell_as(const char* text, std::size_t bytes,
                                                char decimal_sign, double& value) {
  if (*text == '"' && bytes > 2 && text[bytes - 1] == '"') {
    ++text;
    bytes -= 2;
  }
  const std::size_t sign_bytes = *text == '-' ? 1 : 0;
  bytes -= sign_bytes;
  if (bytes - 1 >= bytes_max) return false;
  double magnitude = 0;
  if (!read(text + sign_bytes, bytes, decimal_sign, magnitude)) return false;
  value = sign_bytes > 0 ? -magnitude : magnitude;
  return true;
}

template <ReadMagnitude read, std::size_t bytes_max>
[[gnu::always_inline]] inline std::size_t read_while_plain(const ColumnCells& cells,
                                                           std::size_t first, std::size_t last,
                                                           char decimal_sign, double* values) {
  std::size_t row = first;
  for (; row < last; ++row) {
    const std::size_t begin = cells.begin_of(row);
    std::size_t end = cells.end_of(row);
    end -= end > begin && cells.bytes[end - 1] == '\r' ? 1 : 0;
    if (begin == end) {
      values[row] = std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    if (!read_cell_as<read, bytes_max>(cells.bytes + begin, end - begin, decimal_sign,
                                       values[row])) {
      break;
    }
  }
  return row;
}

__attribute__((target("sse4.1"))) std::size_t read_by_vectors(const ColumnCells& cells,
                                                              std::size_t first, std::size_t last,
                                                              char decimal_sign, double* values) {
  return read_while_plain<read_by_vector, 16>(cells, first, last, decimal_sign, values);
}

}  // namespace

std::size_t read_plain_numbers_baseline(const ColumnCells& cells, std::size_t first,
                                        std::size_t last, char decimal_sign, double* values) {
  return read_while_plain<read_by_words, 17>(cells, first, last, decimal_sign, values);
}

std::size_t read_plain_numbers(const ColumnCells& cells, std::size_t first, std::size_t last,
                               char decimal_sign, double* values) {
  static const bool has_vectors = __builtin_cpu_supports("sse4.1") > 0;
  return has_vectors ? read_by_vectors(cells, first, last, decimal_sign, values)
                     : read_plain_numbers_baseline(cells, first, last, decimal_sign, values);
}

}  // namespace cauce::datasets::csv

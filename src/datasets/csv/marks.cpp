#include "datasets/csv/marks.h"

#include <immintrin.h>

#include <bit>

namespace cauce::datasets::csv {

namespace {

// What 64 bytes hold, one bit a byte.
struct Masks {
  std::uint64_t marks;
  std::uint64_t newlines;
  std::uint64_t quotes;
  std::uint64_t high;
  std::uint64_t zeros;
};

// Writes the position of each bit. The first 12 unconditionally: rows of numbers have 6 to 12
// marks in 64 bytes, and a loop that counts them would be mispredicted each time.
inline std::uint32_t* write_positions(std::uint64_t bits, std::uint32_t base,
                                      std::uint32_t* target) {
  const int count = std::popcount(bits);
  for (int index = 0; index < 12; ++index) {
    target[index] = base + std::uint32_t(std::countr_zero(bits));
    bits &= bits - 1;
  }
  if (count > 12) [[unlikely]] {
    for (int index = 12; index < count; ++index) {
      target[index] = base + std::uint32_t(std::countr_zero(bits));
      bits &= bits - 1;
    }
  }
  return target + count;
}

inline std::uint64_t below(std::size_t count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

inline std::uint64_t bits_of(__m128i mask) {
  return std::uint64_t(std::uint32_t(_mm_movemask_epi8(mask)));
}

}  // namespace

Found find_marks_baseline(const char* bytes, std::size_t begin, std::size_t end, const Marks& marks,
                          std::uint32_t* positions) {
  const __m128i delimiter = _mm_set1_epi8(marks.delimiter);
  const __m128i newline = _mm_set1_epi8(marks.newline);
  const __m128i quote = _mm_set1_epi8(marks.quote);
  const __m128i zero = _mm_setzero_si128();
  std::uint64_t high = 0;
  std::uint64_t zeros = 0;
  std::uint64_t quotes = 0;
  std::size_t newlines = 0;
  std::uint32_t* target = positions;
  for (std::size_t at = begin; at < end; at += 64) {
    Masks masks{};
    for (int quarter = 0; quarter < 4; ++quarter) {
      const auto* from = reinterpret_cast<const __m128i*>(bytes + at + 16 * quarter);
      const __m128i word = _mm_loadu_si128(from);
      const __m128i is_newline = _mm_cmpeq_epi8(word, newline);
      const __m128i is_quote = _mm_cmpeq_epi8(word, quote);
      const __m128i is_mark =
          _mm_or_si128(_mm_or_si128(is_newline, is_quote), _mm_cmpeq_epi8(word, delimiter));
      masks.marks |= bits_of(is_mark) << (16 * quarter);
      masks.newlines |= bits_of(is_newline) << (16 * quarter);
      masks.quotes |= bits_of(is_quote) << (16 * quarter);
      masks.high |= bits_of(word) << (16 * quarter);
      masks.zeros |= bits_of(_mm_cmpeq_epi8(word, zero)) << (16 * quarter);
    }
    const std::uint64_t inside = below(end - at);
    high |= masks.high & inside;
    zeros |= masks.zeros & inside;
    quotes |= masks.quotes & inside;
    newlines += std::size_t(std::popcount(masks.newlines & inside));
    target = write_positions(masks.marks & inside, std::uint32_t(at), target);
  }
  return {std::size_t(target - positions), newlines, quotes != 0, high != 0, zeros != 0};
}

namespace {

__attribute__((target("avx2"))) inline std::uint64_t bits_of(__m256i mask) {
  return std::uint64_t(std::uint32_t(_mm256_movemask_epi8(mask)));
}

__attribute__((target("avx2,bmi,popcnt"))) Found find_marks_avx2(const char* bytes,
                                                                 std::size_t begin, std::size_t end,
                                                                 const Marks& marks,
                                                                 std::uint32_t* positions) {
  const __m256i delimiter = _mm256_set1_epi8(marks.delimiter);
  const __m256i newline = _mm256_set1_epi8(marks.newline);
  const __m256i quote = _mm256_set1_epi8(marks.quote);
  // What is asked of all bytes together is gathered in vectors and looked at once.
  __m256i seen = _mm256_setzero_si256();
  __m256i least = _mm256_set1_epi8(-1);
  __m256i quotes = _mm256_setzero_si256();
  std::size_t newlines = 0;
  std::uint32_t* target = positions;
  const std::size_t whole_blocks_end = end - (end - begin) % 64;
  for (std::size_t at = begin; at < whole_blocks_end; at += 64) {
    std::uint64_t mark_bits = 0;
    std::uint64_t newline_bits = 0;
    for (int half = 0; half < 2; ++half) {
      const auto* from = reinterpret_cast<const __m256i*>(bytes + at + 32 * half);
      const __m256i word = _mm256_loadu_si256(from);
      const __m256i is_newline = _mm256_cmpeq_epi8(word, newline);
      const __m256i is_quote = _mm256_cmpeq_epi8(word, quote);
      const __m256i is_mark = _mm256_or_si256(_mm256_or_si256(is_newline, is_quote),
                                              _mm256_cmpeq_epi8(word, delimiter));
      seen = _mm256_or_si256(seen, word);
      least = _mm256_min_epu8(least, word);
      quotes = _mm256_or_si256(quotes, is_quote);
      mark_bits |= bits_of(is_mark) << (32 * half);
      newline_bits |= bits_of(is_newline) << (32 * half);
    }
    newlines += std::size_t(_mm_popcnt_u64(newline_bits));
    target = write_positions(mark_bits, std::uint32_t(at), target);
  }
  Found found = find_marks_baseline(bytes, whole_blocks_end, end, marks, target);
  found.count += std::size_t(target - positions);
  found.newlines += newlines;
  found.quotes |= bits_of(quotes) != 0;
  found.non_ascii |= bits_of(seen) != 0;
  found.zero |= bits_of(_mm256_cmpeq_epi8(least, _mm256_setzero_si256())) != 0;
  return found;
}

}  // namespace

Found find_marks(const char* bytes, std::size_t begin, std::size_t end, const Marks& marks,
                 std::uint32_t* positions) {
  static const bool has_avx2 =
      __builtin_cpu_supports("avx2") > 0 && __builtin_cpu_supports("bmi") > 0;
  return has_avx2 ? find_marks_avx2(bytes, begin, end, marks, positions)
                  : find_marks_baseline(bytes, begin, end, marks, positions);
}

}  // namespace cauce::datasets::csv

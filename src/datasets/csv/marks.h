// The vectorised half of splitting: where the bytes are that give a CSV its structure. Which of
// them stand inside quotes is decided afterwards (rows.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace cauce::datasets::csv {

struct Marks {
  char delimiter = ',';
  char newline = '\n';  // '\r' in files that know no other
  char quote = '"';
};

struct Found {
  std::size_t count = 0;     // positions written
  std::size_t newlines = 0;  // of them
  bool quotes = false;       // one of them at least is a quote
  bool non_ascii = false;    // a byte of 128 and above
  bool zero = false;         // a NUL byte
};

// The vectors reach so far beyond `end`; the bytes there may be read and mean nothing.
inline constexpr std::size_t marks_padding = 64;

// Writes the positions of all marks in bytes[begin, end) in ascending order. `positions` has room
// for end - begin + marks_padding. end < 2^32. Uses AVX2 where the processor has it, else SSE2.
Found find_marks(const char* bytes, std::size_t begin, std::size_t end, const Marks& marks,
                 std::uint32_t* positions);

// The same by SSE2 alone, for processors without AVX2; what tests compare with.
Found find_marks_baseline(const char* bytes, std::size_t begin, std::size_t end, const Marks& marks,
                          std::uint32_t* positions);

}  // namespace cauce::datasets::csv

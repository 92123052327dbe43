// The numbers that most cells hold, read a column at a time: at most 16 digits, a sign, a decimal
// sign, no exponent and no groups. What else a cell may be, number_text.h and cells.h read.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cauce::datasets::csv {

// The cells of one column in consecutive rows of a window. 16 bytes before a cell and 17 beyond it
// may be read.
struct ColumnCells {
  const char* bytes = nullptr;
  const std::uint32_t* begins = nullptr;
  std::size_t begins_step = 0;      // from one row to the next
  std::uint32_t begins_before = 0;  // begins are so many bytes before the cells
  const std::uint32_t* ends = nullptr;
  std::size_t ends_step = 0;

  std::size_t begin_of(std::size_t row) const { return begins[row * begins_step] + begins_before; }
  std::size_t end_of(std::size_t row) const { return ends[row * ends_step]; }
};

// Reads rows [first, last) into values[row] as long as their cells are plain numbers, with quotes
// around them or not, or empty (NaN). The row of the first other cell; `last` when there is none.
// Uses SSE4.1 where the processor has it.
std::size_t read_plain_numbers(const ColumnCells& cells, std::size_t first, std::size_t last,
                               char decimal_sign, double* values);

// The same for processors without SSE4.1, which also takes 16 digits with a decimal sign; what
// tests compare with.
std::size_t read_plain_numbers_baseline(const ColumnCells& cells, std::size_t first,
                                        std::size_t last, char decimal_sign, double* values);

}  // namespace cauce::datasets::csv

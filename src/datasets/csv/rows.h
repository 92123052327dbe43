// Splits the bytes of a CSV into rows and fields (RFC 4180, more lenient): a window of bytes slides
// over the file, and the marks found in it (marks.h) become the ends of fields. Holds one window,
// whatever the size of the file; it grows only for rows that are longer.
//
// A quote opens only at the beginning of a field, after white space at most; elsewhere it is a
// character like others. Inside quotes a doubled quote is one quote, and delimiters and newlines
// are characters. Lines with nothing but white space are skipped and counted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "datasets/byte_source.h"
#include "datasets/csv/marks.h"

namespace cauce::datasets::csv {

struct RowLimits {
  // The bytes that are split at once; all of it stays in the processor's second cache. Measured
  // with csv_bench.cpp.
  std::size_t window_bytes = 256u << 10;
  std::size_t cell_bytes_max = 1u << 20;
  std::size_t row_bytes_max = 16u << 20;
  std::size_t columns_max = 16'384;  // what a spreadsheet can hold
};

inline bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r';
}

// Without the blanks around it. A tab that is the delimiter never gets here.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  return text;
}

// A field as it stands in the file: without white space around it and a line end's '\r', with its
// quotes.
using Field = std::string_view;

// Complete rows that lie in the window. Valid until the reader reads on.
struct Rows {
  const char* bytes = nullptr;
  const std::uint32_t* starts = nullptr;  // of each row
  const std::uint32_t* ends = nullptr;    // of each field, `columns` for each row
  std::size_t columns = 0;
  std::size_t count = 0;
  bool non_ascii = false;  // somewhere in them

  std::uint32_t begin_of(std::size_t row, std::size_t column) const {
    return column == 0 ? starts[row] : ends[row * columns + column - 1] + 1;
  }
  std::uint32_t end_of(std::size_t row, std::size_t column) const {
    return ends[row * columns + column];
  }
  Field field(std::size_t row, std::size_t column) const {
    const std::uint32_t begin = begin_of(row, column);
    return trimmed({bytes + begin, end_of(row, column) - begin});
  }
};

class RowReader {
 public:
  // `first_line` is the number of the file's first line.
  RowReader(std::unique_ptr<ByteSource> source, const Marks& marks, const RowLimits& limits,
            std::uint64_t first_line = 1);

  // The next complete rows; false at the end. The first row of the file comes alone and says how
  // many fields each row must have.
  // invalid: names the line of a row with another number of fields, of a quote that is never closed
  // or is closed inside a field, of a NUL byte, or of a row or cell beyond its limit.
  Result<bool> next(Rows& rows);

  // The physical line, counted from first_line, that holds this byte of the window.
  std::uint64_t line_of(std::size_t position) const;
  // Where the last error was; 0: nothing went wrong.
  std::uint64_t error_line() const { return error_line_; }
  std::uint64_t blank_lines() const { return blank_lines_; }
  // The rows given out last are known to be the last ones.
  bool at_end() const { return source_ended_ && consumed_ == end_; }

 private:
  // Where split_marks() stands; positions are those of the window.
  struct RowWalk {
    std::size_t row_start = 0;
    std::size_t field_start = 0;
    std::size_t ends = 0;  // of fields, written so far
    std::uint64_t newlines = 0;
    bool inside = false;        // of quotes
    std::size_t opened_at = 0;  // the last quote that opened
    std::size_t closed_at = 0;  // the quote that closed in this field; 0: none
  };

  void resize(std::size_t bytes);
  Result<void> fill();
  Result<void> split();
  bool split_plain(const Found& found);
  Result<void> split_marks(const Found& found);
  Result<void> end_row(RowWalk& walk, std::size_t at);
  bool is_blank_between(std::size_t begin, std::size_t end) const;
  Result<void> check_cells();

  Error wrong_at(std::uint64_t line, std::string sentence);
  Error ragged(std::size_t row_start, std::size_t fields);
  Error closed_inside(const RowWalk& walk);
  Error too_many_columns();
  Result<void> still_open(const RowWalk& walk);

  const std::unique_ptr<ByteSource> source_;
  const Marks marks_;
  const RowLimits limits_;
  const std::uint64_t first_line_;

  // marks_padding bytes that may be read, the window, and as many again.
  std::unique_ptr<char[]> buffer_;
  std::unique_ptr<std::uint32_t[]> positions_;
  std::unique_ptr<std::uint32_t[]> starts_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // Invariant: begin_ <= end_; the bytes not yet given out.
  std::size_t end_ = 0;
  bool source_ended_ = false;

  std::size_t columns_ = 0;   // 0: the first row was not yet seen
  std::size_t rows_ = 0;      // in the window
  std::size_t consumed_ = 0;  // end of the rows given out, in the window
  std::uint64_t newlines_consumed_ = 0;
  std::uint64_t rows_before_ = 0;   // given out earlier, the first row included
  std::uint64_t lines_before_ = 0;  // before the window's begin_
  std::uint64_t blank_lines_ = 0;
  std::uint64_t error_line_ = 0;
  bool non_ascii_ = false;
};

}  // namespace cauce::datasets::csv

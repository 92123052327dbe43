#include "datasets/csv/rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

namespace cauce::datasets::csv {

RowReader::RowReader(std::unique_ptr<ByteSource> source, const Marks& marks,
                     const RowLimits& limits, std::uint64_t first_line)
    : source_(std::move(source)), marks_(marks), limits_(limits), first_line_(first_line) {
  begin_ = end_ = consumed_ = marks_padding;
  resize(limits_.window_bytes);
}

void RowReader::resize(std::size_t bytes) {
  // The padding before the window lets a parser look at the byte before a field.
  auto buffer = std::make_unique_for_overwrite<char[]>(bytes + 2 * marks_padding + 1);
  if (buffer_ != nullptr) std::memcpy(buffer.get() + begin_, buffer_.get() + begin_, end_ - begin_);
  std::memset(buffer.get(), 0, marks_padding);
  buffer_ = std::move(buffer);
  // Not filled with zeros: only what the marks need becomes resident.
  positions_ = std::make_unique_for_overwrite<std::uint32_t[]>(bytes + marks_padding + 1);
  starts_ = std::make_unique_for_overwrite<std::uint32_t[]>(bytes + 1);
  capacity_ = bytes;
}

std::uint64_t RowReader::line_of(std::size_t position) const {
  return first_line_ + lines_before_ +
         std::uint64_t(
             std::count(buffer_.get() + begin_, buffer_.get() + position, marks_.newline));
}

Error RowReader::wrong_at(std::uint64_t line, std::string sentence) {
  error_line_ = line;
  return {Outcome::invalid, std::move(sentence)};
}

Result<void> RowReader::fill() {
  std::memmove(buffer_.get() + marks_padding, buffer_.get() + begin_, end_ - begin_);
  end_ = marks_padding + (end_ - begin_);
  begin_ = consumed_ = marks_padding;
  while (!source_ended_ && end_ < marks_padding + capacity_) {
    const Result<std::size_t> bytes =
        source_->read(buffer_.get() + end_, marks_padding + capacity_ - end_);
    if (!bytes) return bytes.error();
    end_ += *bytes;
    source_ended_ = *bytes == 0;
  }
  if (source_ended_ && end_ > begin_ && buffer_[end_ - 1] != marks_.newline) {
    buffer_[end_++] = marks_.newline;  // the last line needs none in the file
  }
  std::memset(buffer_.get() + end_, 0, marks_padding);
  return {};
}

Result<bool> RowReader::next(Rows& rows) {
  rows_before_ += rows_;
  rows_ = 0;
  for (;;) {
    lines_before_ += newlines_consumed_;
    newlines_consumed_ = 0;
    begin_ = consumed_;
    const Result<void> filled = fill();
    if (!filled) return filled.error();
    if (begin_ == end_) return false;
    const Result<void> done = split();
    if (!done) return done.error();
    if (rows_ > 0) break;
    if (consumed_ > begin_) continue;
    // Not one row ends in the whole window.
    INVARIANT(!source_ended_);
    if (capacity_ >= limits_.row_bytes_max) {
      const std::uint64_t line = line_of(begin_);
      return wrong_at(line, fmt::format("the row on line {} is longer than {} bytes, the limit of "
                                        "a row",
                                        line, limits_.row_bytes_max));
    }
    resize(std::min(capacity_ * 2, limits_.row_bytes_max));
  }
  rows = {buffer_.get(), starts_.get(), positions_.get(), columns_, rows_, non_ascii_};
  return true;
}

Result<void> RowReader::split() {
  const Found found = find_marks(buffer_.get(), begin_, end_, marks_, positions_.get());
  non_ascii_ = found.non_ascii;
  if (found.zero) {
    const auto* zero =
        static_cast<const char*>(std::memchr(buffer_.get() + begin_, 0, end_ - begin_));
    const std::uint64_t line = line_of(std::size_t(zero - buffer_.get()));
    return wrong_at(line, fmt::format("line {} holds a NUL byte; this is not a text file, or it is "
                                      "damaged",
                                      line));
  }
  if (!found.quotes && columns_ > 1 && split_plain(found)) return check_cells();
  const Result<void> done = split_marks(found);
  return done ? check_cells() : done;
}

// Every row ends where the number of fields says so: the marks are the ends of the fields.
bool RowReader::split_plain(const Found& found) {
  const char* bytes = buffer_.get();
  std::size_t count = found.count;
  while (count > 0 && bytes[positions_[count - 1]] != marks_.newline)
    --count;
  if (count != found.newlines * columns_) return false;
  std::uint32_t start = std::uint32_t(begin_);
  const std::uint32_t* last = positions_.get() + columns_ - 1;
  for (std::size_t row = 0; row < found.newlines; ++row, last += columns_) {
    starts_[row] = start;
    if (bytes[*last] != marks_.newline) return false;
    start = *last + 1;
  }
  rows_ = found.newlines;
  newlines_consumed_ = found.newlines;
  consumed_ = start;
  return true;
}

// Walks from mark to mark. Ends of fields take the places of marks that were already walked over.
Result<void> RowReader::split_marks(const Found& found) {
  const char* bytes = buffer_.get();
  RowWalk walk{.row_start = begin_, .field_start = begin_};
  for (std::size_t index = 0; index < found.count; ++index) {
    const std::size_t at = positions_[index];
    if (bytes[at] == marks_.newline) ++walk.newlines;
    if (bytes[at] == marks_.quote) {
      if (walk.inside && bytes[at + 1] == marks_.quote) {
        ++index;  // a doubled quote
      } else if (walk.inside) {
        walk.inside = false;
        walk.closed_at = at;
      } else if (walk.closed_at == 0 && is_blank_between(walk.field_start, at)) {
        walk.inside = true;
        walk.opened_at = at;
      }
      continue;
    }
    if (walk.inside) continue;
    if (walk.closed_at != 0 && !is_blank_between(walk.closed_at + 1, at))
      return closed_inside(walk);
    walk.closed_at = 0;
    walk.field_start = at + 1;
    positions_[walk.ends++] = std::uint32_t(at);
    if (columns_ == 0 && walk.ends > limits_.columns_max) return too_many_columns();
    if (bytes[at] != marks_.newline) continue;
    const bool was_first = columns_ == 0;
    const Result<void> row = end_row(walk, at);
    if (!row) return row;
    if (was_first && columns_ != 0) return {};
  }
  if (walk.inside) return still_open(walk);
  return {};
}

Result<void> RowReader::end_row(RowWalk& walk, std::size_t at) {
  const std::size_t fields = walk.ends - rows_ * columns_;
  if (fields == 1 && is_blank_between(walk.row_start, at)) {
    walk.ends -= 1;
    ++blank_lines_;
  } else {
    if (columns_ == 0) columns_ = fields;
    if (fields != columns_) return ragged(walk.row_start, fields);
    starts_[rows_++] = std::uint32_t(walk.row_start);
  }
  walk.row_start = at + 1;
  consumed_ = at + 1;
  newlines_consumed_ = walk.newlines;
  return {};
}

bool RowReader::is_blank_between(std::size_t begin, std::size_t end) const {
  return std::all_of(buffer_.get() + begin, buffer_.get() + end, is_blank);
}

// A window that is no longer than a cell may be holds no cell that is too long.
Result<void> RowReader::check_cells() {
  if (capacity_ <= limits_.cell_bytes_max) return {};
  const Rows rows{buffer_.get(), starts_.get(), positions_.get(), columns_, rows_, false};
  for (std::size_t row = 0; row < rows_; ++row) {
    for (std::size_t column = 0; column < columns_; ++column) {
      const std::size_t begin = rows.begin_of(row, column);
      if (rows.end_of(row, column) - begin > limits_.cell_bytes_max) {
        const std::uint64_t line = line_of(begin);
        return wrong_at(line, fmt::format("the cell in column {} that begins on line {} is longer "
                                          "than {} bytes, the limit of a cell",
                                          column + 1, line, limits_.cell_bytes_max));
      }
    }
  }
  return {};
}

Error RowReader::ragged(std::size_t row_start, std::size_t fields) {
  const std::uint64_t line = line_of(row_start);
  return wrong_at(line, fmt::format("row {} (line {}) has {} {}, expected {}", rows_before_ + rows_,
                                    line, fields, fields == 1 ? "field" : "fields", columns_));
}

Error RowReader::closed_inside(const RowWalk& walk) {
  const std::uint64_t opened = line_of(walk.opened_at);
  const std::uint64_t closed = line_of(walk.closed_at);
  return wrong_at(opened, fmt::format("the quote opened on line {} is closed on line {}, but the "
                                      "field goes on behind it; a quote inside quotes is doubled",
                                      opened, closed));
}

Error RowReader::too_many_columns() {
  const std::uint64_t line = line_of(begin_);
  return wrong_at(line, fmt::format("the header on line {} has more than {} columns, the limit",
                                    line, limits_.columns_max));
}

// The quote may be closed in bytes that were not yet read.
Result<void> RowReader::still_open(const RowWalk& walk) {
  const std::uint64_t line = line_of(walk.opened_at);
  if (source_ended_) {
    return wrong_at(line, fmt::format("quote opened on line {} is never closed", line));
  }
  if (end_ - walk.opened_at > limits_.cell_bytes_max) {
    return wrong_at(line, fmt::format("the quote opened on line {} is still open after {} bytes, "
                                      "the limit of a cell",
                                      line, limits_.cell_bytes_max));
  }
  return {};
}

}  // namespace cauce::datasets::csv

#include "datasets/text_rows.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace cauce::datasets {

namespace {

constexpr char unit_separator = '\x1F';
constexpr char record_separator = '\x1E';
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t written_ahead_bytes = 64u << 10;

void append_cell(const std::optional<std::string>& cell, std::string& target) {
  if (!cell) {
    target += "\\N";  // so that a row of one missing cell is not a blank line
    return;
  }
  const auto is_blank = [](char letter) {
    return letter == ' ' || letter == '\t' || letter == '\r';
  };
  const bool quoted = cell->find_first_of("\"\x1E\x1F") != std::string::npos ||
                      cell->starts_with(byte_order_mark) ||
                      (!cell->empty() && (is_blank(cell->front()) || is_blank(cell->back())));
  if (!quoted) {
    target += cell->empty() ? "\"\"" : *cell;
    return;
  }
  target += '"';
  for (const char letter : *cell) {
    if (letter == '"') target += '"';
    target += letter;
  }
  target += '"';
}

class WrittenRows final : public ByteSource {
 public:
  WrittenRows(std::unique_ptr<TextRows> rows, std::uint64_t header_number)
      : rows_(std::move(rows)), number_(header_number) {}

  Result<std::size_t> read(char* target, std::size_t bytes_max) override {
    if (given_ == text_.size()) {
      text_.clear();
      given_ = 0;
      while (text_.size() < written_ahead_bytes) {
        if (!waiting_) {
          const Result<bool> more = rows_->next(row_);
          if (!more) return more.error();
          if (!*more) break;
          waiting_ = true;
        }
        append_line();
      }
    }
    const std::size_t bytes = std::min(bytes_max, text_.size() - given_);
    std::memcpy(target, text_.data() + given_, bytes);
    given_ += bytes;
    return bytes;
  }

 private:
  // A number that no row has becomes a blank line, so that the reader counts as the file does.
  void append_line() {
    if (number_++ < row_.number) {
      text_ += record_separator;
      return;
    }
    for (std::size_t cell = 0; cell < row_.cells.size(); ++cell) {
      if (cell > 0) text_ += unit_separator;
      append_cell(row_.cells[cell], text_);
    }
    text_ += record_separator;
    waiting_ = false;
  }

  const std::unique_ptr<TextRows> rows_;
  std::uint64_t number_;  // of the next line that is written
  TextRow row_;
  bool waiting_ = false;  // the row is still to be written
  std::string text_;
  std::size_t given_ = 0;
};

}  // namespace

Result<std::unique_ptr<FileTable>> open_text_rows(const OpenTextRows& open,
                                                  const csv::CsvOptions& options,
                                                  const Conversion& conversion, Report* failure) {
  csv::CsvOptions written = options;
  written.written =
      csv::Written{.format = conversion.format,
                   .marks = {.delimiter = unit_separator, .newline = record_separator},
                   .place = conversion.place,
                   .first_line = conversion.header_number,
                   .texts = conversion.texts};
  const auto open_source =
      [open, number = conversion.header_number]() -> Result<std::unique_ptr<ByteSource>> {
    Result<std::unique_ptr<TextRows>> rows = open();
    if (!rows) return rows.error();
    return std::unique_ptr<ByteSource>(std::make_unique<WrittenRows>(std::move(*rows), number));
  };
  return csv::open_csv(open_source, written, failure);
}

}  // namespace cauce::datasets

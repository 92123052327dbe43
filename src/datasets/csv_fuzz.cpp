// Any bytes as a CSV: the vectorised splitter, with windows of random sizes, must find the fields
// that a reader finds that looks at one byte after the other; and what the whole table answers must
// not depend on the windows. The first two bytes choose window and delimiter.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "datasets/csv/csv.h"
#include "datasets/csv/marks.h"

namespace cauce::datasets::csv {
namespace {

using Row = std::vector<std::string>;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

// The rules of rows.h, one byte after the other. Nothing: the bytes are refused.
std::optional<std::vector<Row>> split_simply(std::string_view text, const Marks& marks) {
  std::vector<Row> rows;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::string bytes(text);
  if (!bytes.empty() && bytes.back() != marks.newline) bytes += marks.newline;
  Row row;
  std::string field;
  bool inside = false;
  bool closed = false;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const char byte = bytes[at];
    const bool ends = !inside && (byte == marks.delimiter || byte == marks.newline);
    if (!ends) {
      field += byte;
      if (inside && byte == marks.quote) {
        if (at + 1 < bytes.size() && bytes[at + 1] == marks.quote) {
          field += bytes[++at];
        } else {
          inside = false;
          closed = true;
        }
      } else if (!inside && closed && !is_blank({&byte, 1})) {
        return std::nullopt;
      } else if (!inside && byte == marks.quote && is_blank({field.data(), field.size() - 1})) {
        inside = true;
      }
      continue;
    }
    row.emplace_back(trimmed(field));
    const bool blank_line = byte == marks.newline && row.size() == 1 && is_blank(field);
    field.clear();
    closed = false;
    if (byte != marks.newline) continue;
    if (!blank_line && !rows.empty() && row.size() != rows[0].size()) return std::nullopt;
    if (!blank_line) rows.push_back(row);
    row.clear();
  }
  if (inside) return std::nullopt;
  return rows;
}

std::optional<std::vector<Row>> split_fast(std::string_view text, const Marks& marks,
                                           std::size_t window_bytes) {
  RowLimits limits;
  limits.window_bytes = window_bytes;
  RowReader reader{source_of(text), marks, limits};
  std::vector<Row> all;
  for (Rows rows;;) {
    const Result<bool> more = reader.next(rows);
    if (!more) {
      const std::uint64_t line = reader.error_line();
      require(line >= 1 && line <= text.size() + 1);
      return std::nullopt;
    }
    if (!*more) return all;
    for (std::size_t index = 0; index < rows.count; ++index) {
      Row& row = all.emplace_back();
      for (std::size_t column = 0; column < rows.columns; ++column) {
        row.emplace_back(rows.field(index, column));
      }
    }
  }
}

// Whatever was decided about the file, as one text; numbers to the last bit.
std::string read_table(std::string_view text, std::size_t window_bytes) {
  CsvOptions options;
  options.rows.window_bytes = window_bytes;
  const auto open = [text]() -> Result<std::unique_ptr<ByteSource>> { return source_of(text); };
  const Result<std::unique_ptr<FileTable>> table = open_csv(open, options);
  if (!table) return "refused";
  std::string told;
  for (int scans = 0;; ++scans) {
    require(scans < 4);
    told.clear();
    std::vector<columns::Wanted> wanted;
    for (std::size_t column = 0; column < (*table)->schema().size(); ++column) {
      const bool is_text = (*table)->schema()[column].type == columns::Type::text;
      wanted.push_back({column, is_text ? columns::Cell::text : columns::Cell::number});
    }
    const Result<std::unique_ptr<columns::Scan>> scan = (*table)->scan(wanted);
    if (!scan) return "refused";
    columns::Block block;
    columns::Step last = columns::Step::rows;
    while (last == columns::Step::rows) {
      const Result<columns::Step> step = (*scan)->next(block);
      if (!step) return "refused";
      last = *step;
      for (std::size_t row = 0; row < block.rows; ++row) {
        for (std::size_t lane = 0; lane < wanted.size(); ++lane) {
          if (wanted[lane].as == columns::Cell::text) {
            told += block.lanes[lane].texts[row];
          } else {
            told.append(reinterpret_cast<const char*>(&block.lanes[lane].numbers[row]), 8);
          }
          told += '\x1F';
        }
      }
    }
    if (last == columns::Step::end) break;
  }
  for (const columns::Column& column : (*table)->schema())
    told += name_of(column.type);
  return told;
}

void check(const std::uint8_t* bytes, std::size_t count) {
  if (count < 2) return;
  // No cell reaches its limit: what the simple splitter knows nothing of.
  const std::size_t window_bytes = 1 + bytes[0];
  const Marks marks{.delimiter = ",;\t|"[bytes[1] & 3], .newline = "\n\r"[bytes[1] >> 2 & 1]};
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 2, count - 2);

  const std::string padded = std::string(text) + std::string(marks_padding, marks.delimiter);
  std::vector<std::uint32_t> quick(text.size() + marks_padding);
  std::vector<std::uint32_t> plain(text.size() + marks_padding);
  const Found found = find_marks(padded.data(), 0, text.size(), marks, quick.data());
  const Found again = find_marks_baseline(padded.data(), 0, text.size(), marks, plain.data());
  require(found.count == again.count && found.newlines == again.newlines);
  require(std::equal(quick.begin(), quick.begin() + std::ptrdiff_t(found.count), plain.begin()));

  const auto expected = split_simply(text, marks);
  const auto got = split_fast(text, marks, window_bytes);
  require(expected == got);
  require(got == split_fast(text, marks, 1u << 16));

  // Tables of which the first window holds all are decided on the same rows as those that have many
  // windows; only what is guessed from the beginning may differ: skip where that is cut.
  const std::size_t whole = text.size() + 1;
  require(read_table(text, whole * 3 + 64) == read_table(text, whole * 3 + 4096));
}

}  // namespace
}  // namespace cauce::datasets::csv

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  cauce::datasets::csv::check(bytes, count);
  return 0;
}

// A CSV file as a table: read by a window that slides over it, so memory does not depend on its
// size. What the file is (encoding, delimiter, decimal sign, names, types) is taken from its first
// window; every scan checks each wanted cell against it. At the first cell that contradicts, all
// rows are read to decide (census.h): then the scan fails, naming line, column and value, or the
// column has another type and the scan answers `retyped`. The number of fields is checked on every
// row whatever columns are wanted.
//
// Errors are `invalid` when the content is wrong (see Report::faults), `not_found` or `unavailable`
// when the file cannot be read.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasets/byte_source.h"
#include "datasets/csv/census.h"
#include "datasets/csv/rows.h"
#include "datasets/file_table.h"

namespace cauce::datasets::csv {

// How the bytes are written when that is known and need not be found out.
struct Written {
  std::string format = "CSV";  // for the report
  Marks marks;
  std::string place = "line";    // what messages call a line
  std::uint64_t first_line = 1;  // the number of the header's
  std::vector<bool> texts;       // by column: text whatever it holds; empty: none
};

struct CsvOptions {
  RowLimits rows;
  CensusRules census;
  std::size_t name_bytes_max = 1024;       // of a column
  std::vector<std::string> missing_words;  // beside those that cells.h knows
  std::vector<std::string> text_columns;   // names of columns that are text whatever they hold
  std::optional<Written> written;          // UTF-8; not given: found out
};

// Reads the header and the first window. When it fails, `failure` is told what was found out.
Result<std::unique_ptr<FileTable>> open_csv(const std::filesystem::path& file,
                                            const CsvOptions& options = {},
                                            Report* failure = nullptr);

// The same from any source of bytes.
Result<std::unique_ptr<FileTable>> open_csv(OpenSource open, const CsvOptions& options = {},
                                            Report* failure = nullptr);

}  // namespace cauce::datasets::csv

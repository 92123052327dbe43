// A table in memory: for rows that are already there (a series, facts, aggregates) and for tests.
//
//   MemoryTable table{{number_cells("mpg", {18, 15, missing}),
//                      text_cells("origin", {"USA", "", "Japan"})}};
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "columns/columns.h"

namespace cauce::columns::memory {

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// One column with all its cells, in both forms in which a scan hands them out.
struct Cells {
  Column column;
  std::vector<double> numbers;     // NaN where missing; empty for text
  std::vector<std::string> texts;  // "" where missing
};

// Text as it is; "" is a missing cell.
Cells text_cells(std::string name, std::vector<std::string> texts);

// Numbers, written in the fewest digits that read back as the same number.
Cells number_cells(std::string name, std::vector<double> numbers);

// Numbers that keep the way they were written: "8" and "8.0" are two texts of one number. A cell
// that is no number is missing.
Cells written_number_cells(std::string name, std::vector<std::string> texts);

// Days or moments: microseconds since 1970 UTC beside what they are called.
Cells time_cells(std::string name, Type type, std::vector<double> numbers,
                 std::vector<std::string> texts);

Cells boolean_cells(std::string name, const std::vector<bool>& values);

// What a file does whose types are not known before its last row: until a scan has passed
// `rows`, the column claims to be of type `before`; that scan then answers `retyped`.
struct Retype {
  std::size_t column = 0;
  Type before = Type::number;
  std::size_t rows = 0;
};

struct Options {
  std::size_t block_rows = block_rows_max;  // 1 to block_rows_max
  std::optional<Retype> retype;
};

class MemoryTable final : public Table {
 public:
  // All columns have the same number of rows.
  explicit MemoryTable(std::vector<Cells> columns, Options options = {});

  const Schema& schema() const override { return schema_; }
  Result<std::unique_ptr<Scan>> scan(std::vector<Wanted> wanted) override;

  std::size_t rows() const { return rows_; }
  std::size_t scans_begun() const { return scans_begun_; }

 private:
  class MemoryScan;

  const std::vector<Cells> columns_;
  const Options options_;
  const std::size_t rows_;
  bool retyped_ = false;  // the answer was given
  Schema schema_;
  std::size_t scans_begun_ = 0;
};

}  // namespace cauce::columns::memory

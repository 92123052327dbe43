// A file that is read as a table, and what reading it brought to light. Nothing is dropped or
// guessed in silence: what a reader decided stands in the report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "columns/columns.h"

namespace cauce::datasets {

// Where a file is wrong. An Error says the same as a sentence.
struct Fault {
  std::uint64_t line = 0;  // of the file, counted from 1; 0: not known
  std::string column;      // empty: the row or the file as a whole
  std::string value;       // as it was written, cut to fault_value_bytes_max
};

inline constexpr std::size_t fault_value_bytes_max = 200;

struct Report {
  std::string format;    // "CSV", "Parquet", …
  std::string encoding;  // of the file: "UTF-8", "UTF-16LE", "windows-1252", …
  std::string delimiter;
  std::string decimal;  // "." or ","

  // By the last scan that came to its end, in the order of the schema; 0 where it did not look.
  std::vector<std::uint64_t> dashes;  // cells "-" of numeric columns, read as missing
  std::uint64_t blank_lines = 0;      // skipped

  std::vector<std::string> notes;  // sentences: what was renamed, taken as another type and why

  // Why the last scan failed, when it was for the file's content.
  std::vector<Fault> faults;      // the first ones
  std::uint64_t fault_count = 0;  // all of them
};

class FileTable : public columns::Table {
 public:
  virtual const Report& report() const = 0;
};

}  // namespace cauce::datasets

// Columnar tables in memory and Parquet on disk, through DuckDB; nothing else in the program sees
// its header. An Engine belongs to one thread and never reaches for the network: it installs and
// loads no extension. Errors hold the first line of what DuckDB said.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace cauce::table {

enum class Type { boolean, int32, int64, uint32, uint64, real64, text, blob, time };

struct Column {
  std::string name;
  Type type;
};

struct Options {
  std::size_t memory_bytes_max = 512u << 20;
  std::uint32_t threads = 1;
  std::filesystem::path temporary_directory;  // where big sorts spill; empty: no spilling
};

// Rows for one table, appended by chunk. Values go in column order and must fit the column's type;
// end_row() checks the count. Must not outlive its Engine. A failure on the way (no memory left) is
// answered by finish(); without finish() nothing is promised about what the table holds.
class Appender {
 public:
  virtual ~Appender() = default;
  virtual void boolean(bool value) = 0;
  virtual void integer(std::int64_t value) = 0;  // for int32, int64, uint32 and uint64
  virtual void real(double value) = 0;
  virtual void text(std::string_view value) = 0;  // bytes that are not UTF-8 become U+FFFD
  virtual void blob(BytesView value) = 0;
  virtual void time(Time value) = 0;
  virtual void null() = 0;
  virtual void end_row() = 0;
  // Hands the rows over; no rows can be added afterwards.
  virtual Result<void> finish() = 0;
};

// What a query answered, as text: for `cauce query` and reports. Times are RFC 3339 in UTC, blobs
// hexadecimal, numbers exact. A column of a type that Column cannot name is `text`, or `real64`
// when it is a number (a sum of integers, a decimal).
struct Answer {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // NULL is an empty string
  std::vector<std::vector<bool>> nulls;        // the same shape: which of them are NULL
  bool cut = false;                            // there were more than rows_max
};

// The rows of a query one by one, written as in Answer. Must not outlive its Engine, which does
// nothing else until the cursor is gone.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual const std::vector<Column>& columns() const = 0;
  // False at the end. A NULL is an empty text with its `nulls` set.
  virtual Result<bool> next(std::vector<std::string>& texts, std::vector<bool>& nulls) = 0;
};

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> open(const Options& options);
  virtual ~Engine() = default;

  virtual Result<void> create_table(std::string_view name, const std::vector<Column>& columns) = 0;
  virtual Result<std::unique_ptr<Appender>> append(std::string_view table) = 0;
  virtual Result<void> drop_table(std::string_view name) = 0;

  // Writes what `select` gives as one Parquet file (zstd). Answers the number of rows. The file is
  // not synced: give it to Objects::put_file, which does that.
  virtual Result<std::uint64_t> write_parquet(std::string_view select,
                                              const std::filesystem::path& file) = 0;

  // Makes the files one view, or makes it anew. All must have the same columns; with no file the
  // view has `columns_if_empty` and no rows.
  virtual Result<void> view_parquet(std::string_view view,
                                    const std::vector<std::filesystem::path>& files,
                                    const std::vector<Column>& columns_if_empty) = 0;

  virtual Result<void> execute(std::string_view sql) = 0;
  // One statement; rows after the first `rows_max` are not computed.
  virtual Result<Answer> query(std::string_view sql, std::size_t rows_max) = 0;
  // The same, read as it is computed: for more rows than memory holds.
  virtual Result<std::unique_ptr<Cursor>> open_cursor(std::string_view sql) = 0;

  // From now on queries can read nothing but the views' files, attach nothing and change no
  // setting: for SQL written by people. Cannot be undone; views can no longer be made.
  // Two walls, because neither is enough: DuckDB is told that files are closed to it except those
  // of the views (enable_external_access, allowed_paths) and that settings are locked; yet it
  // would still ATTACH one of those files or write over it, so query() and execute() also refuse
  // (`denied`) every statement that is not one SELECT (FROM, DESCRIBE, SHOW and SUMMARIZE are).
  // What people may still do is spoil this very Engine (enable_logging() into a closed directory
  // makes all later queries fail): give each person's query an Engine of its own.
  virtual Result<void> lock_down() = 0;
};

// A name or a text as it must stand in SQL.
std::string quote_name(std::string_view name);
std::string quote_text(std::string_view text);

}  // namespace cauce::table

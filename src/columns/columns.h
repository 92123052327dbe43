// A table as it flows: typed columns, read block by block. Whoever owns rows (an uploaded file, a
// stored data set, facts) offers a Table; whoever computes from rows (charts, summaries) scans it
// without knowing where they lie. A scan holds one block in memory, whatever the number of rows.
//
//   Result<std::unique_ptr<Scan>> scan = table.scan({{0, Cell::number}, {3, Cell::text}});
//   for (Block block;;) {
//     Result<Step> step = (*scan)->next(block);
//     if (!step || *step != Step::rows) break;
//     use(block.lanes[0].numbers, block.lanes[1].texts);
//   }
//
// A Table and its scans belong to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cauce::columns {

// What all cells of a column are, apart from the missing ones.
enum class Type {
  number,    // a double; whole numbers are exact up to 2^53
  text,      // UTF-8
  date,      // a day of the calendar, without a zone
  datetime,  // a moment; one written without a zone is taken as UTC and comes out as it was written
  boolean,
};

std::string_view name_of(Type type);

struct Column {
  std::string name;  // unique within its table, never empty
  Type type;

  bool operator==(const Column&) const = default;
};

using Schema = std::vector<Column>;

// In which form a scan hands out the cells of a column.
enum class Cell {
  number,  // of any type but text. date, datetime: microseconds since 1970 UTC; boolean: 0 or 1
  text,    // of any type, as it was written, without the quotes and the white space around it
};

struct Wanted {
  std::size_t column;  // index into the schema
  Cell as;
};

// The cells of one wanted column in one block; only the vector that was asked for is filled.
struct Lane {
  std::vector<double> numbers;          // NaN where the cell is missing
  std::vector<std::string_view> texts;  // data() is nullptr where missing; valid until next()
};

struct Block {
  std::size_t rows = 0;
  std::vector<Lane> lanes;  // in the order of Wanted
};

inline constexpr std::size_t block_rows_max = 16384;

enum class Step {
  rows,     // the block holds 1 to block_rows_max rows
  end,      // there are no more rows; the block is empty
  retyped,  // a later row showed that a column has another type than schema() said until now:
            // forget what was read, look at schema() again and start a new scan
};

class Scan {
 public:
  virtual ~Scan() = default;

  // Fills the block with the next rows, in the table's order; reuses its memory.
  // invalid: a cell is not what the rest of its column is; the message names line, column, value.
  virtual Result<Step> next(Block& block) = 0;
};

class Table {
 public:
  virtual ~Table() = default;

  // The columns, from left to right. Types of a file that was not yet read to its end are those of
  // the rows seen so far; after a scan over all wanted columns answered `end`, theirs are final.
  virtual const Schema& schema() const = 0;

  // Starts at the first row. One scan at a time; the table outlives it.
  virtual Result<std::unique_ptr<Scan>> scan(std::vector<Wanted> wanted) = 0;
};

// The index of a column. not_found names the closest one: "no column horse_power; did you mean
// Horsepower?".
Result<std::size_t> find_column(const Schema& schema, std::string_view name);

}  // namespace cauce::columns

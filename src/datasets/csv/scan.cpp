#include "datasets/csv/scan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory_resource>
#include <string>

#include "datasets/csv/plain_numbers.h"

namespace cauce::datasets::csv {

namespace {

using columns::Block;
using columns::Cell;
using columns::Lane;
using columns::Step;
using columns::Type;
using columns::Wanted;

constexpr double exact_whole_max = 9007199254740992;  // 2^53
constexpr double not_there = std::numeric_limits<double>::quiet_NaN();

// Rows of the window that become one block.
struct Stretch {
  const Rows& rows;
  std::size_t first;
  std::size_t count;
};

// What is watched while a wanted column is read.
struct Watch {
  std::size_t column;
  Cell as;
  CellFormat format;
  std::uint64_t present = 0;
  std::uint64_t dashes = 0;
  std::uint64_t typed = 0;  // of a text column: cells that would do as another type
  std::uint64_t dates = 0;
  std::uint64_t datetimes = 0;
  std::uint64_t rounded = 0;  // whole numbers beyond what a double holds exactly
};

// The first bytes that a number, a date or a boolean can have.
constexpr std::array<bool, 256> typed_beginnings = [] {
  std::array<bool, 256> table{};
  for (const char letter : {'+', '-', '.', ',', 't', 'T', 'f', 'F'})
    table[std::uint8_t(letter)] = true;
  for (char digit = '0'; digit <= '9'; ++digit)
    table[std::uint8_t(digit)] = true;
  return table;
}();

bool looks_typed(std::string_view text) {
  double number = 0;
  std::int64_t microseconds = 0;
  return read_number(text, Decimal::point, number) == NumberText::number ||
         read_number(text, Decimal::comma, number) == NumberText::number ||
         read_boolean(text, number) ||
         read_time(text, DateOrder::year_first, microseconds) != TimeText::other ||
         read_time(text, DateOrder::day_first, microseconds) != TimeText::other ||
         read_time(text, DateOrder::month_first, microseconds) != TimeText::other;
}

class CsvScan final : public columns::Scan {
 public:
  CsvScan(CsvTable& table, const std::vector<Wanted>& wanted, Pass pass)
      : table_(table), pass_(std::move(pass)) {
    for (const Wanted& want : wanted) {
      watches_.push_back(
          {.column = want.column, .as = want.as, .format = table.column(want.column).format});
      columns_.push_back(want.column);
    }
    for (std::size_t letter = 0; letter < looked_at_.size(); ++letter) {
      looked_at_[letter] = typed_beginnings[letter] || is_blank(char(letter)) ||
                           char(letter) == '"' || table.missing().may_begin(char(letter));
    }
    std::sort(columns_.begin(), columns_.end());
    columns_.erase(std::unique(columns_.begin(), columns_.end()), columns_.end());
  }

  Result<Step> next(Block& block) override {
    block.rows = 0;
    block.lanes.resize(watches_.size());
    INVARIANT(!over_);
    texts_.release();
    if (row_ == rows_.count) {
      const Result<void> faults = table_.check_faults(columns_);
      if (!faults) return stop(faults.error());
      const Result<Advance> step = table_.advance(pass_, rows_);
      if (!step) return stop(step.error());
      if (*step == Advance::other_encoding) return stop(Step::retyped);
      if (*step == Advance::end) return finish();
      row_ = 0;
    }
    const Stretch stretch{rows_, row_, std::min(columns::block_rows_max, rows_.count - row_)};
    for (std::size_t index = 0; index < watches_.size(); ++index) {
      if (!fill(watches_[index], stretch, block.lanes[index])) return contradicted();
    }
    row_ += stretch.count;
    block.rows = stretch.count;
    return Step::rows;
  }

 private:
  bool fill(Watch& watch, const Stretch& stretch, Lane& lane);
  bool fill_numbers(Watch& watch, const Stretch& stretch, Lane& lane);
  bool fill_times(Watch& watch, const Stretch& stretch, Lane& lane);
  bool fill_others(Watch& watch, const Stretch& stretch, Lane& lane);
  bool fill_texts(Watch& watch, const Stretch& stretch, Lane& lane);
  bool fill_text(Watch& watch, const Stretch& stretch, std::size_t row, std::string_view& cell);
  CellState read_slowly(Watch& watch, const Stretch& stretch, std::size_t row, double& value);
  bool text_fits(Watch& watch, std::string_view text);
  std::string_view kept(Field field);

  Result<Step> finish();
  bool has_doubtful_text() const;
  Result<bool> settled_otherwise();
  Result<Step> contradicted();
  Result<Step> stop(Result<Step> answer) {
    over_ = true;
    return answer;
  }

  CsvTable& table_;
  Pass pass_;
  std::vector<Watch> watches_;
  std::vector<std::size_t> columns_;  // wanted, each once, ascending
  // The first bytes of a cell that make it more than a text as it stands.
  std::array<bool, 256> looked_at_;
  Rows rows_;
  std::size_t row_ = 0;  // the next one of rows_
  std::string scratch_;
  // Holds the texts of a block that are not in the window as they are: with doubled quotes.
  std::pmr::monotonic_buffer_resource texts_;
  bool over_ = false;
};

bool CsvScan::fill(Watch& watch, const Stretch& stretch, Lane& lane) {
  if (watch.as == Cell::text) {
    lane.texts.resize(stretch.count);
    return fill_texts(watch, stretch, lane);
  }
  INVARIANT(watch.format.type != Type::text);
  lane.numbers.resize(stretch.count);
  switch (watch.format.type) {
    case Type::number: return fill_numbers(watch, stretch, lane);
    case Type::date:
    case Type::datetime: return fill_times(watch, stretch, lane);
    default: return fill_others(watch, stretch, lane);
  }
}

ColumnCells cells_of(const Stretch& stretch, std::size_t column) {
  const Rows& rows = stretch.rows;
  const std::uint32_t* const ends = rows.ends + stretch.first * rows.columns + column;
  if (column == 0) return {rows.bytes, rows.starts + stretch.first, 1, 0, ends, rows.columns};
  return {rows.bytes, ends - 1, rows.columns, 1, ends, rows.columns};
}

bool CsvScan::fill_numbers(Watch& watch, const Stretch& stretch, Lane& lane) {
  const char decimal_sign = watch.format.decimal == Decimal::point ? '.' : ',';
  const ColumnCells cells = cells_of(stretch, watch.column);
  double* const numbers = lane.numbers.data();
  for (std::size_t row = 0; row < stretch.count; ++row) {
    row = read_plain_numbers(cells, row, stretch.count, decimal_sign, numbers);
    if (row == stretch.count) break;
    const CellState state = read_slowly(watch, stretch, row, numbers[row]);
    if (state == CellState::wrong) return false;
    if (state == CellState::dash) ++watch.dashes;
    if (state != CellState::value) numbers[row] = not_there;
  }
  return true;
}

CellState CsvScan::read_slowly(Watch& watch, const Stretch& stretch, std::size_t row,
                               double& value) {
  const std::string_view text =
      bare(stretch.rows.field(stretch.first + row, watch.column), scratch_);
  const CellState state = read_cell(text, watch.format, table_.missing(), value);
  if (state == CellState::value && std::fabs(value) >= exact_whole_max &&
      text.find_first_of(".,eE") == std::string_view::npos) {
    ++watch.rounded;
  }
  return state;
}

bool CsvScan::fill_times(Watch& watch, const Stretch& stretch, Lane& lane) {
  for (std::size_t row = 0; row < stretch.count; ++row) {
    const std::string_view text =
        bare(stretch.rows.field(stretch.first + row, watch.column), scratch_);
    std::int64_t microseconds = 0;
    lane.numbers[row] = not_there;
    switch (read_time(text, watch.format.date_order, microseconds)) {
      case TimeText::date: ++watch.dates; break;
      case TimeText::datetime: ++watch.datetimes; break;
      case TimeText::other:
        if (!table_.missing().contains(text)) return false;
        continue;
    }
    lane.numbers[row] = double(microseconds);
  }
  return true;
}

bool CsvScan::fill_others(Watch& watch, const Stretch& stretch, Lane& lane) {
  for (std::size_t row = 0; row < stretch.count; ++row) {
    const CellState state = read_slowly(watch, stretch, row, lane.numbers[row]);
    if (state == CellState::wrong) return false;
    if (state != CellState::value) lane.numbers[row] = not_there;
  }
  return true;
}

bool CsvScan::fill_texts(Watch& watch, const Stretch& stretch, Lane& lane) {
  const ColumnCells cells = cells_of(stretch, watch.column);
  const bool is_text = watch.format.type == Type::text;
  for (std::size_t row = 0; row < stretch.count; ++row) {
    const char* const first = cells.bytes + cells.begin_of(row);
    const char* const end = cells.bytes + cells.end_of(row);
    if (is_text && first < end && !looked_at_[std::uint8_t(*first)] && !is_blank(end[-1]))
        [[likely]] {
      ++watch.present;
      lane.texts[row] = {first, std::size_t(end - first)};
      continue;
    }
    if (!fill_text(watch, stretch, row, lane.texts[row])) return false;
  }
  return true;
}

bool CsvScan::fill_text(Watch& watch, const Stretch& stretch, std::size_t row,
                        std::string_view& cell) {
  const Field field = stretch.rows.field(stretch.first + row, watch.column);
  const bool quoted = field.starts_with('"');
  const std::string_view text = quoted ? kept(field) : field;
  const std::string_view inner = quoted ? trimmed(text) : text;
  cell = {};
  if (table_.missing().contains(inner)) return true;
  ++watch.present;
  if (watch.format.type != Type::number || inner != "-") cell = text;
  return text_fits(watch, inner);
}

// A cell is checked in whatever form it is wanted; of a text column it is counted whether it would
// do as something else.
bool CsvScan::text_fits(Watch& watch, std::string_view text) {
  double value = 0;
  std::int64_t microseconds = 0;
  switch (watch.format.type) {
    case Type::text:
      if (typed_beginnings[std::uint8_t(text[0])] && !table_.column(watch.column).settled) {
        watch.typed += looks_typed(text) ? 1 : 0;
      }
      return true;
    case Type::date:
    case Type::datetime:
      switch (read_time(text, watch.format.date_order, microseconds)) {
        case TimeText::date: ++watch.dates; return true;
        case TimeText::datetime: ++watch.datetimes; return true;
        case TimeText::other: return false;
      }
      return false;
    default: {
      // Every cell was looked at before: what is not missing is a value.
      if (table_.column(watch.column).settled) {
        watch.dashes += text == "-" ? 1 : 0;
        return true;
      }
      const CellState state = read_cell(text, watch.format, table_.missing(), value);
      if (state == CellState::dash) ++watch.dashes;
      return state != CellState::wrong;
    }
  }
}

// The field without quotes, valid until the next block.
std::string_view CsvScan::kept(Field field) {
  const std::string_view text = unquoted(field, scratch_);
  if (text.data() != scratch_.data() || text.empty()) return text;
  auto* copy = static_cast<char*>(texts_.allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

Result<Step> CsvScan::finish() {
  if (has_doubtful_text()) {
    const Result<bool> otherwise = settled_otherwise();
    if (!otherwise) return stop(otherwise.error());
    if (*otherwise) return stop(Step::retyped);
  }
  for (const Watch& watch : watches_) {
    Type type = watch.format.type;
    if (watch.dates + watch.datetimes > 0) {
      type = watch.datetimes > watch.dates ? Type::datetime : Type::date;
    }
    table_.settle_clean(watch.column, type, watch.dashes, watch.rounded);
  }
  table_.finish_pass(pass_);
  return stop(Step::end);
}

// Text by the first window, while the whole file looks otherwise: every row has to be counted.
bool CsvScan::has_doubtful_text() const {
  const CensusRules& rules = table_.options().census;
  return std::any_of(watches_.begin(), watches_.end(), [&](const Watch& watch) {
    return watch.format.type == Type::text && !table_.column(watch.column).settled &&
           watch.typed >= rules.nearly_count_min &&
           double(watch.typed) >= rules.nearly_share_min * double(watch.present);
  });
}

// Decides about the columns from all rows; true when one of them, or the encoding, is not what
// this scan took it for.
Result<bool> CsvScan::settled_otherwise() {
  const Result<bool> settled = table_.settle(columns_);
  if (!settled) return settled.error();
  if (!*settled) return true;
  const Result<void> faults = table_.check_faults(columns_);
  if (!faults) return faults.error();
  return std::any_of(watches_.begin(), watches_.end(), [&](const Watch& watch) {
    return !(table_.column(watch.column).format == watch.format);
  });
}

// A cell is not what its column was taken for.
Result<Step> CsvScan::contradicted() {
  const Result<bool> otherwise = settled_otherwise();
  if (!otherwise) return stop(otherwise.error());
  if (*otherwise) return stop(Step::retyped);
  return stop(Error{Outcome::conflict, "the file was changed while it was read; start again"});
}

}  // namespace

Result<std::unique_ptr<columns::Scan>> start_scan(CsvTable& table,
                                                  const std::vector<columns::Wanted>& wanted) {
  Result<Pass> pass = table.start_pass();
  if (!pass) return pass.error();
  return std::unique_ptr<columns::Scan>(std::make_unique<CsvScan>(table, wanted, std::move(*pass)));
}

}  // namespace cauce::datasets::csv

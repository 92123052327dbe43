#include "columns/memory/memory.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cauce::columns::memory {

namespace {

double number_in(const std::string& text) {
  double number = missing;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole ? number : missing;
}

std::size_t rows_of(const Cells& cells) {
  return cells.texts.size();
}

std::size_t common_rows(const std::vector<Cells>& columns) {
  const std::size_t rows = columns.empty() ? 0 : rows_of(columns.front());
  for (const Cells& cells : columns) {
    INVARIANT(rows_of(cells) == rows);
    INVARIANT(cells.column.type == Type::text || cells.numbers.size() == rows);
  }
  return rows;
}

}  // namespace

Cells text_cells(std::string name, std::vector<std::string> texts) {
  return {{std::move(name), Type::text}, {}, std::move(texts)};
}

Cells number_cells(std::string name, std::vector<double> numbers) {
  std::vector<std::string> texts;
  texts.reserve(numbers.size());
  for (const double number : numbers) {
    texts.push_back(std::isnan(number) ? "" : fmt::format("{}", number));
  }
  return {{std::move(name), Type::number}, std::move(numbers), std::move(texts)};
}

Cells written_number_cells(std::string name, std::vector<std::string> texts) {
  std::vector<double> numbers;
  numbers.reserve(texts.size());
  for (std::string& text : texts) {
    numbers.push_back(number_in(text));
    if (std::isnan(numbers.back())) text.clear();
  }
  return {{std::move(name), Type::number}, std::move(numbers), std::move(texts)};
}

Cells time_cells(std::string name, Type type, std::vector<double> numbers,
                 std::vector<std::string> texts) {
  INVARIANT(type == Type::date || type == Type::datetime);
  return {{std::move(name), type}, std::move(numbers), std::move(texts)};
}

Cells boolean_cells(std::string name, const std::vector<bool>& values) {
  Cells cells{{std::move(name), Type::boolean}, {}, {}};
  for (const bool value : values) {
    cells.numbers.push_back(value ? 1 : 0);
    cells.texts.push_back(value ? "true" : "false");
  }
  return cells;
}

class MemoryTable::MemoryScan final : public Scan {
 public:
  MemoryScan(MemoryTable& table, std::vector<Wanted> wanted)
      : table_(table), wanted_(std::move(wanted)) {}

  Result<Step> next(Block& block) override {
    const std::optional<Retype>& retype = table_.options_.retype;
    block.rows = 0;
    if (retype && !table_.retyped_ && row_ >= std::min(retype->rows, table_.rows_)) {
      table_.retyped_ = true;
      table_.schema_[retype->column].type = table_.columns_[retype->column].column.type;
      return Step::retyped;
    }
    block.rows = std::min(table_.options_.block_rows, table_.rows_ - row_);
    block.lanes.resize(wanted_.size());
    for (std::size_t lane = 0; lane < wanted_.size(); ++lane) {
      fill(table_.columns_[wanted_[lane].column], wanted_[lane].as, block.rows, block.lanes[lane]);
    }
    row_ += block.rows;
    return block.rows == 0 ? Step::end : Step::rows;
  }

 private:
  void fill(const Cells& cells, Cell as, std::size_t rows, Lane& lane) const {
    const auto from = std::ptrdiff_t(row_);
    const auto to = std::ptrdiff_t(row_ + rows);
    lane.numbers.clear();
    lane.texts.clear();
    if (as == Cell::text) {
      for (std::size_t row = row_; row < row_ + rows; ++row) {
        const std::string& text = cells.texts[row];
        lane.texts.push_back(text.empty() ? std::string_view{} : std::string_view{text});
      }
    } else if (cells.numbers.empty()) {
      lane.numbers.assign(rows, missing);  // a text column that still claims to be numbers
    } else {
      lane.numbers.assign(cells.numbers.begin() + from, cells.numbers.begin() + to);
    }
  }

  MemoryTable& table_;
  const std::vector<Wanted> wanted_;
  std::size_t row_ = 0;
};

MemoryTable::MemoryTable(std::vector<Cells> columns, Options options)
    : columns_(std::move(columns)), options_(options), rows_(common_rows(columns_)) {
  INVARIANT(options_.block_rows >= 1 && options_.block_rows <= block_rows_max);
  for (const Cells& cells : columns_)
    schema_.push_back(cells.column);
  if (options_.retype) schema_[options_.retype->column].type = options_.retype->before;
}

Result<std::unique_ptr<Scan>> MemoryTable::scan(std::vector<Wanted> wanted) {
  for (const Wanted& want : wanted) {
    if (want.column >= schema_.size()) {
      return Error{Outcome::invalid,
                   fmt::format("no column {} of {}", want.column, schema_.size())};
    }
    if (want.as == Cell::number && schema_[want.column].type == Type::text) {
      return Error{Outcome::invalid,
                   fmt::format("column {} is text, not numbers", schema_[want.column].name)};
    }
  }
  ++scans_begun_;
  return std::unique_ptr<Scan>{std::make_unique<MemoryScan>(*this, std::move(wanted))};
}

}  // namespace cauce::columns::memory

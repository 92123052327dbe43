#include "api/side_by_side.h"

#include <fmt/core.h>

namespace cauce::api {
namespace {

using columns::Block;
using columns::Cell;
using columns::Lane;
using columns::Scan;
using columns::Schema;
using columns::Step;
using columns::Table;
using columns::Type;
using columns::Wanted;

constexpr std::size_t column_place = 0;
constexpr std::size_t value_place = 1;

class SideBySide final : public Table {
 public:
  explicit SideBySide(std::unique_ptr<Table> table) : table_(std::move(table)) {}

  const Schema& schema() const override { return schema_; }
  Result<std::unique_ptr<Scan>> scan(std::vector<Wanted> wanted) override;

 private:
  class OneByOne;

  const std::unique_ptr<Table> table_;
  // Of table_, as its schema was when the scan began: a scan that answers `retyped` begins anew.
  std::vector<std::size_t> numeric_;
  std::vector<std::string> names_;
  const Schema schema_{{"column", Type::text}, {"value", Type::number}};
};

// Each block of the table becomes one block for each numeric column.
class SideBySide::OneByOne final : public Scan {
 public:
  OneByOne(SideBySide& table, std::vector<Wanted> wanted, std::unique_ptr<Scan> scan)
      : table_(table), wanted_(std::move(wanted)), scan_(std::move(scan)) {}

  Result<Step> next(Block& block) override {
    if (column_ == table_.numeric_.size()) column_ = 0;
    if (column_ == 0) {
      const auto step = scan_->next(source_);
      if (!step || *step != Step::rows) return step;
    }
    block.rows = source_.rows;
    block.lanes.resize(wanted_.size());
    for (std::size_t lane = 0; lane < wanted_.size(); ++lane) {
      Lane& target = block.lanes[lane];
      target.numbers.clear();
      target.texts.clear();
      const Lane& cells = source_.lanes[column_];
      if (wanted_[lane].column == column_place) {
        target.texts.assign(block.rows, table_.names_[column_]);
      } else if (wanted_[lane].as == Cell::number) {
        target.numbers = cells.numbers;
      } else {
        target.texts = source_.lanes[table_.numeric_.size() + column_].texts;
      }
    }
    ++column_;
    return Step::rows;
  }

 private:
  SideBySide& table_;
  const std::vector<Wanted> wanted_;
  const std::unique_ptr<Scan> scan_;
  Block source_;
  std::size_t column_ = 0;  // the next one of source_ to hand out
};

Result<std::unique_ptr<Scan>> SideBySide::scan(std::vector<Wanted> wanted) {
  numeric_.clear();
  names_.clear();
  for (std::size_t column = 0; column < table_->schema().size(); ++column) {
    if (table_->schema()[column].type != Type::number) continue;
    numeric_.push_back(column);
    names_.push_back(table_->schema()[column].name);
  }
  if (numeric_.empty())
    return Error{Outcome::invalid, "no column of this table holds numbers; choose another file"};
  bool as_text = false;
  for (const Wanted& want : wanted) {
    if (want.column > value_place)
      return Error{Outcome::invalid, fmt::format("no column {} of 2", want.column)};
    if (want.column == column_place && want.as == Cell::number)
      return Error{Outcome::invalid, "column column is text, not numbers"};
    as_text = as_text || (want.column == value_place && want.as == Cell::text);
  }
  std::vector<Wanted> all;
  for (const Cell as : {Cell::number, Cell::text}) {
    for (const std::size_t column : numeric_) {
      if (as == Cell::number || as_text) all.push_back({column, as});
    }
  }
  auto scan = table_->scan(std::move(all));
  if (!scan) return scan.error();
  return std::unique_ptr<Scan>{
      std::make_unique<OneByOne>(*this, std::move(wanted), std::move(*scan))};
}

}  // namespace

std::unique_ptr<Table> side_by_side(std::unique_ptr<Table> table) {
  return std::make_unique<SideBySide>(std::move(table));
}

}  // namespace cauce::api

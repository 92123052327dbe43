// A table as a request wants to see it: without the rows that its conditions leave out, with days
// gathered into periods and with logarithms in place of values that are drawn on such a scale.
// Everything is computed from this table as if it were the one that was given.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "charts/figures/rows.h"
#include "charts/request.h"
#include "columns/columns.h"

namespace cauce::charts::figures {

// What is done with one column before anything is computed from it.
struct Change {
  std::size_t column;
  Scale scale = Scale::linear;
  // False: rows that a log scale has no place for go, the others keep their value.
  bool replaced = true;
  Period period = Period::none;
  double low = -std::numeric_limits<double>::infinity();  // rows beyond are left out and counted
  double high = std::numeric_limits<double>::infinity();
};

// A condition that knows its column and its values.
class RowTest {
 public:
  // not_found: no such column; invalid: the column cannot be compared with that value.
  static Result<RowTest> of(const columns::Schema& schema, const Condition& condition);

  // The column's cell is written as one of these names; "" stands for a missing one.
  static RowTest named(std::size_t column, std::vector<std::string> names);

  columns::Wanted wanted() const { return wanted_; }
  // Clears `keep` where the condition does not hold.
  void apply(const columns::Lane& lane, std::vector<char>& keep) const;

 private:
  bool holds(double value) const;
  bool holds(std::string_view value) const;

  Condition condition_;
  columns::Wanted wanted_{};
  std::vector<double> numbers_;
  bool is_named_ = false;  // a missing cell has the name ""
};

class ChosenTable final : public columns::Table {
 public:
  struct Counts {
    std::uint64_t filtered = 0;
    std::uint64_t not_positive = 0;
    std::uint64_t outside = 0;
  };

  ChosenTable(columns::Table& table, std::vector<RowTest> tests, std::vector<Change> changes)
      : table_(table), tests_(std::move(tests)), changes_(std::move(changes)) {}

  const columns::Schema& schema() const override { return table_.schema(); }
  Result<std::unique_ptr<columns::Scan>> scan(std::vector<columns::Wanted> wanted) override;

  // Of the last scan that came to its end.
  const Counts& counts() const { return counts_; }

 private:
  class ChosenScan;

  columns::Table& table_;
  const std::vector<RowTest> tests_;
  const std::vector<Change> changes_;
  Counts counts_;
};

// Where the limits of the axes end, as the figures of this kind count.
// invalid: this kind has no limits there, or they are none of that column.
Result<Frame> frame_of_limits(const columns::Schema& schema, const Request& request);

// Only rows that pass `panel` too, which is told apart from the request's conditions.
// invalid or not_found: a condition, a scale or a period does not fit its column.
Result<ChosenTable> choose(columns::Table& table, const Request& request,
                           std::optional<RowTest> panel = {});

}  // namespace cauce::charts::figures

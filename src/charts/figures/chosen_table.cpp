#include "charts/figures/chosen_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>

#include "charts/figures/calendar.h"
#include "charts/figures/on_scale.h"
#include "charts/options.h"

namespace cauce::charts::figures {

namespace {

using columns::Type;
using Compare = Condition::Compare;

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || std::isnan(number)) return {};
  return number;
}

std::optional<double> parse_boolean(std::string_view text) {
  for (const char* word : {"true", "True", "TRUE", "yes", "1"}) {
    if (text == word) return 1;
  }
  for (const char* word : {"false", "False", "FALSE", "no", "0"}) {
    if (text == word) return 0;
  }
  return {};
}

std::optional<double> parse_value(Type type, std::string_view text) {
  if (type == Type::boolean) return parse_boolean(text);
  if (type == Type::number) return parse_number(text);
  return parse_moment(text);
}

template <class Value>
bool compared(Compare compare, const Value& value, const Value& limit) {
  switch (compare) {
    case Compare::equal:
    case Compare::one_of: return value == limit;
    case Compare::not_equal: return value != limit;
    case Compare::less: return value < limit;
    case Compare::at_most: return value <= limit;
    case Compare::greater: return value > limit;
    case Compare::at_least: return value >= limit;
    case Compare::missing:
    case Compare::present: break;
  }
  INVARIANT(false);
}

}  // namespace

Result<RowTest> RowTest::of(const columns::Schema& schema, const Condition& condition) {
  const Result<std::size_t> column = columns::find_column(schema, condition.column);
  if (!column) return column.error();
  RowTest test;
  test.condition_ = condition;
  const Type type = schema[*column].type;
  test.wanted_ = {*column, type == Type::text ? columns::Cell::text : columns::Cell::number};
  const bool valued =
      condition.compare != Compare::missing && condition.compare != Compare::present;
  if (valued && condition.values.empty()) {
    return Error{Outcome::invalid, "the condition on " + condition.column + " has no value"};
  }
  if (!valued || type == Type::text) return test;
  for (const std::string& value : condition.values) {
    const std::optional<double> number = parse_value(type, value);
    if (!number) {
      return Error{Outcome::invalid,
                   fmt::format("{} is a column of type {}: it cannot be compared with \"{}\"",
                               condition.column, columns::name_of(type), value.substr(0, 64))};
    }
    test.numbers_.push_back(*number);
  }
  return test;
}

RowTest RowTest::named(std::size_t column, std::vector<std::string> names) {
  RowTest test;
  test.wanted_ = {column, columns::Cell::text};
  test.condition_.compare = Compare::one_of;
  test.condition_.values = std::move(names);
  test.is_named_ = true;
  return test;
}

bool RowTest::holds(double value) const {
  const bool there = !std::isnan(value);
  if (condition_.compare == Compare::missing) return !there;
  if (condition_.compare == Compare::present) return there;
  return there && std::any_of(numbers_.begin(), numbers_.end(), [&](double limit) {
           return compared(condition_.compare, value, limit);
         });
}

bool RowTest::holds(std::string_view value) const {
  const bool there = value.data() != nullptr;
  if (condition_.compare == Compare::missing) return !there;
  if (condition_.compare == Compare::present) return there;
  const auto& limits = condition_.values;
  return (there || is_named_) &&
         std::any_of(limits.begin(), limits.end(), [&](std::string_view limit) {
           return compared(condition_.compare, value, limit);
         });
}

void RowTest::apply(const columns::Lane& lane, std::vector<char>& keep) const {
  for (std::size_t row = 0; row < keep.size(); ++row) {
    const bool kept =
        wanted_.as == columns::Cell::text ? holds(lane.texts[row]) : holds(lane.numbers[row]);
    if (!kept) keep[row] = 0;
  }
}

class ChosenTable::ChosenScan final : public columns::Scan {
 public:
  ChosenScan(ChosenTable& table, std::vector<columns::Wanted> wanted)
      : table_(table), wanted_(std::move(wanted)) {}

  Result<void> begin() {
    std::vector<columns::Wanted> base;
    for (const columns::Wanted& want : wanted_) {
      const Change* const change = change_of(want.column);
      const bool period = change != nullptr && change->period != Period::none;
      base.push_back({want.column, period ? columns::Cell::number : want.as});
    }
    for (const RowTest& test : table_.tests_)
      base.push_back(test.wanted());
    for (const Change& change : table_.changes_) {
      base.push_back({change.column, columns::Cell::number});
    }
    auto scan = table_.table_.scan(std::move(base));
    if (!scan) return scan.error();
    base_ = std::move(*scan);
    return {};
  }

  Result<columns::Step> next(columns::Block& block) override {
    for (;;) {
      const Result<columns::Step> step = base_->next(read_);
      if (!step || *step != columns::Step::rows) {
        if (step && *step == columns::Step::end) table_.counts_ = counts_;
        block.rows = 0;
        return step;
      }
      choose_rows();
      if (rows_.empty()) continue;
      block.rows = rows_.size();
      block.lanes.resize(wanted_.size());
      for (std::size_t lane = 0; lane < wanted_.size(); ++lane)
        fill(lane, block.lanes[lane]);
      return columns::Step::rows;
    }
  }

 private:
  const Change* change_of(std::size_t column) const {
    const auto found = std::find_if(table_.changes_.begin(), table_.changes_.end(),
                                    [&](const Change& change) { return change.column == column; });
    return found == table_.changes_.end() ? nullptr : &*found;
  }

  // Which rows of the block that was read go on.
  void choose_rows() {
    keep_.assign(read_.rows, 1);
    std::size_t lane = wanted_.size();
    for (const RowTest& test : table_.tests_)
      test.apply(read_.lanes[lane++], keep_);
    counts_.filtered += std::uint64_t(std::count(keep_.begin(), keep_.end(), 0));
    for (const Change& change : table_.changes_) {
      const std::vector<double>& values = read_.lanes[lane++].numbers;
      for (std::size_t row = 0; row < read_.rows; ++row)
        judge(values[row], change, keep_[row]);
    }
    rows_.clear();
    for (std::size_t row = 0; row < read_.rows; ++row) {
      if (keep_[row] != 0) rows_.push_back(std::uint32_t(row));
    }
  }

  // A row that a log scale has no place for is not outside of its limits too.
  void judge(double value, const Change& change, char& keep) {
    if (keep == 0) return;
    if (change.scale == Scale::log && value <= 0) {
      ++counts_.not_positive;
      keep = 0;
    } else if (value < change.low || value > change.high) {
      ++counts_.outside;
      keep = 0;
    }
  }

  void fill(std::size_t index, columns::Lane& target) {
    const columns::Lane& source = read_.lanes[index];
    const Change* const change = change_of(wanted_[index].column);
    target.numbers.clear();
    target.texts.clear();
    if (wanted_[index].as == columns::Cell::text) {
      const bool period = change != nullptr && change->period != Period::none;
      for (const std::uint32_t row : rows_) {
        target.texts.push_back(period ? name_of_period(source.numbers[row], change->period)
                                      : source.texts[row]);
      }
      return;
    }
    for (const std::uint32_t row : rows_) {
      double value = source.numbers[row];
      if (change != nullptr) value = changed(value, *change);
      target.numbers.push_back(value);
    }
  }

  static double changed(double value, const Change& change) {
    if (std::isnan(value)) return value;
    if (change.period != Period::none) {
      value = period_start(value, change.period).value_or(std::nan(""));
    }
    return change.replaced ? on_scale(value, change.scale) : value;
  }

  std::string_view name_of_period(double value, Period period) {
    const auto start = std::isnan(value) ? std::optional<double>{} : period_start(value, period);
    if (!start) return {};
    const auto [name, added] = names_.try_emplace(*start);
    if (added) name->second = period_name(*start, period);
    return name->second;
  }

  ChosenTable& table_;
  const std::vector<columns::Wanted> wanted_;
  std::unique_ptr<columns::Scan> base_;
  Counts counts_;
  columns::Block read_;
  std::vector<char> keep_;
  std::vector<std::uint32_t> rows_;
  std::map<double, std::string> names_;  // of periods, by start; their addresses stay
};

Result<std::unique_ptr<columns::Scan>> ChosenTable::scan(std::vector<columns::Wanted> wanted) {
  if (tests_.empty() && changes_.empty()) return table_.scan(std::move(wanted));
  auto scan = std::make_unique<ChosenScan>(*this, std::move(wanted));
  const Result<void> begun = scan->begin();
  if (!begun) return begun.error();
  return std::unique_ptr<columns::Scan>{std::move(scan)};
}

namespace {

// Curves, bins and cells are equal in size where they are drawn, so they are computed from
// logarithms; quantiles and sums are those of the values themselves.
bool computed_as_drawn(Kind kind) {
  return kind == Kind::scatter || kind == Kind::density || kind == Kind::histogram;
}

Result<void> add_scale(const columns::Schema& schema, const std::string& name, Scale scale,
                       Kind kind, std::vector<Change>& changes) {
  if (scale == Scale::linear) return {};
  const Result<std::size_t> column = columns::find_column(schema, name);
  if (!column) return column.error();
  if (schema[*column].type != Type::number) {
    return Error{Outcome::invalid,
                 fmt::format("{} is a column of type {}: a log scale is for numbers", name,
                             columns::name_of(schema[*column].type))};
  }
  changes.push_back({*column, scale, computed_as_drawn(kind), Period::none});
  return {};
}

// Bars begin at 0 and end at the largest; of other kinds the axis of a column may end elsewhere.
Result<void> check_limits(const Request& request) {
  const bool grouped = request.kind == Kind::bar || request.kind == Kind::heat;
  for (const auto& [limits, column, name] : {std::tuple{&request.x_limits, &request.x, "x"},
                                             std::tuple{&request.y_limits, &request.y, "y"}}) {
    if (!*limits || (!grouped && !column->empty())) continue;
    return Error{Outcome::invalid,
                 fmt::format("{} takes no --{}-limits: {}", name_of(request.kind), name,
                             grouped ? "its axes show all there is; --where leaves rows out"
                                     : "it has no column there")};
  }
  return {};
}

struct Ends {
  double low, high;
};

Result<Ends> ends_of(const columns::Column& column, const Span& limits) {
  Ends ends{-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  const bool is_time = column.type == Type::date || column.type == Type::datetime;
  for (const auto& [text, end] :
       {std::pair{&limits.low, &ends.low}, std::pair{&limits.high, &ends.high}}) {
    if (text->empty()) continue;
    const std::optional<double> value = value_of(*text, is_time);
    if (!value || column.type == Type::text || column.type == Type::boolean) {
      return Error{Outcome::invalid,
                   fmt::format("{} is a column of type {}: its axis cannot end at \"{}\"",
                               column.name, columns::name_of(column.type), text->substr(0, 64))};
    }
    *end = *value;
  }
  if (ends.low < ends.high) return ends;
  return Error{Outcome::invalid, fmt::format("the axis of {} cannot go from {} to {}: write the "
                                             "lower end first",
                                             column.name, limits.low, limits.high)};
}

Result<void> add_limits(const columns::Schema& schema, const std::string& name,
                        const std::optional<Span>& limits, std::vector<Change>& changes) {
  if (!limits) return {};
  const Result<std::size_t> column = columns::find_column(schema, name);
  if (!column) return column.error();
  const Result<Ends> ends = ends_of(schema[*column], *limits);
  if (!ends) return ends.error();
  auto change = std::find_if(changes.begin(), changes.end(),
                             [&](const Change& one) { return one.column == *column; });
  if (change == changes.end()) change = changes.insert(change, Change{*column});
  change->low = ends->low;
  change->high = ends->high;
  return {};
}

Result<Bounds> bounds_of(const columns::Schema& schema, const std::string& name,
                         const std::optional<Span>& limits, Scale scale) {
  Bounds bounds;
  if (!limits) return bounds;
  const Result<std::size_t> column = columns::find_column(schema, name);
  if (!column) return column.error();
  const Result<Ends> ends = ends_of(schema[*column], *limits);
  if (!ends) return ends.error();
  const bool has_low = std::isfinite(ends->low) && (scale != Scale::log || ends->low > 0);
  if (has_low) bounds.low = on_scale(ends->low, scale);
  if (std::isfinite(ends->high)) bounds.high = on_scale(ends->high, scale);
  if (scale != Scale::log || ends->high > 0) return bounds;
  return Error{Outcome::invalid, fmt::format("the log axis of {} cannot end at {}: write an end "
                                             "above 0",
                                             name, limits->high)};
}

Result<void> add_period(const columns::Schema& schema, const Request& request,
                        std::vector<Change>& changes) {
  if (request.period == Period::none) return {};
  const Result<std::size_t> column = columns::find_column(schema, request.x);
  if (!column) return column.error();
  const Type type = schema[*column].type;
  if (type != Type::date && type != Type::datetime) {
    return Error{Outcome::invalid, fmt::format("{} is a column of type {}: a period is for dates",
                                               request.x, columns::name_of(type))};
  }
  changes.push_back({*column, Scale::linear, true, request.period});
  return {};
}

}  // namespace

Result<Frame> frame_of_limits(const columns::Schema& schema, const Request& request) {
  const Result<void> checked = check_limits(request);
  if (!checked) return checked.error();
  const Result<Bounds> x = bounds_of(schema, request.x, request.x_limits, request.x_scale);
  if (!x) return x.error();
  const Result<Bounds> y = bounds_of(schema, request.y, request.y_limits, request.y_scale);
  if (!y) return y.error();
  return Frame{*x, *y, {}};
}

Result<ChosenTable> choose(columns::Table& table, const Request& request,
                           std::optional<RowTest> panel) {
  if (request.where.size() > conditions_max) {
    return Error{Outcome::invalid, fmt::format("a chart has at most {} conditions, not {}",
                                               conditions_max, request.where.size())};
  }
  std::vector<RowTest> tests;
  for (const Condition& condition : request.where) {
    Result<RowTest> test = RowTest::of(table.schema(), condition);
    if (!test) return test.error();
    tests.push_back(std::move(*test));
  }
  if (panel) tests.push_back(std::move(*panel));
  std::vector<Change> changes;
  const columns::Schema& schema = table.schema();
  Result<void> added = add_period(schema, request, changes);
  if (added) added = add_scale(schema, request.x, request.x_scale, request.kind, changes);
  if (added) added = add_scale(schema, request.y, request.y_scale, request.kind, changes);
  if (added) added = add_limits(schema, request.x, request.x_limits, changes);
  if (added) added = add_limits(schema, request.y, request.y_limits, changes);
  if (!added) return added.error();
  return ChosenTable{table, std::move(tests), std::move(changes)};
}

}  // namespace cauce::charts::figures

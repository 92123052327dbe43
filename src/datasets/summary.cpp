#include "datasets/summary.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "datasets/distinct.h"
#include "recent/sketch.h"

namespace cauce::datasets {

namespace {

using columns::Cell;
using columns::Lane;
using columns::Step;
using columns::Type;

// Mean and squared deviations, block by block: two passes over a block that lies in the cache, then
// the parallel formula of Chan, Golub and LeVeque 1983. Stable, and several times faster than a
// division a value.
class Moments {
 public:
  void add(const std::vector<double>& numbers) {
    double count = 0;
    double sum = 0;
    for (const double number : numbers) {
      const bool there = !std::isnan(number);
      count += there ? 1 : 0;
      sum += there ? number : 0;
    }
    if (count == 0) return;
    const double mean = sum / count;
    double squares = 0;
    for (const double number : numbers) {
      const double distance = std::isnan(number) ? 0 : number - mean;
      squares += distance * distance;
    }
    const double both = count_ + count;
    const double apart = mean - mean_;
    squares_ += squares + apart * apart * count_ * (count / both);
    mean_ += apart * (count / both);
    count_ = both;
  }

  double mean() const { return mean_; }
  std::optional<double> deviation() const {
    if (count_ < 2) return std::nullopt;
    return std::sqrt(squares_ / (count_ - 1));
  }

 private:
  double count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

// Type 7 of Hyndman and Fan over values with their frequencies, ascending.
double quantile(const std::vector<Distinct::Value>& sorted, std::uint64_t count, double part) {
  const double place = part * double(count - 1);
  const std::uint64_t lower = std::uint64_t(place);
  std::uint64_t before = 0;
  for (std::size_t index = 0; index < sorted.size(); ++index) {
    before += sorted[index].count;
    if (before <= lower) continue;
    const double value = sorted[index].number;
    const bool next_is_same = lower + 1 < before || index + 1 == sorted.size();
    if (next_is_same) return value;
    return value + (sorted[index + 1].number - value) * (place - double(lower));
  }
  return sorted.back().number;
}

class ColumnCount {
 public:
  ColumnCount(const columns::Column& column, std::size_t exact_max, const SummaryLimits& limits)
      : limits_(limits), distinct_(exact_max, limits.text_bytes_max) {
    summary_.name = column.name;
  }

  void add_numbers(const std::vector<double>& numbers) {
    moments_.add(numbers);
    for (const double number : numbers) {
      if (std::isnan(number)) {
        ++summary_.missing;
        continue;
      }
      ++summary_.values;
      low_ = std::min(low_, number);
      high_ = std::max(high_, number);
      if (distinct_.add(number)) continue;
      for (const Distinct::Value& value : distinct_.take_spilled()) {
        for (std::uint64_t time = 0; time < value.count; ++time)
          sketch_.add(value.number);
      }
      sketch_.add(number);
    }
  }

  void add_texts(const std::vector<std::string_view>& texts) {
    for (const std::string_view text : texts) {
      if (text.data() == nullptr) {
        ++summary_.missing;
        continue;
      }
      const std::string_view shown = text.substr(0, limits_.text_bytes_max);
      if (summary_.values++ == 0) {
        first_ = last_ = shown;
      } else if (shown < first_) {
        first_ = shown;
      } else if (shown > last_) {
        last_ = shown;
      }
      distinct_.add(text);
      distinct_.take_spilled();
    }
  }

  // `type` is what the column turned out to be.
  ColumnSummary finish(Type type) {
    summary_.type = type;
    summary_.distinct = distinct_.count();
    summary_.distinct_is_estimate = !distinct_.is_exact();
    std::vector<Distinct::Value> values = distinct_.values();
    if (type != Type::text && summary_.values > 0) finish_numbers(values);
    if (type == Type::text && summary_.values > 0) {
      summary_.min_text = first_;
      summary_.max_text = last_;
    }
    take_top(std::move(values));
    return std::move(summary_);
  }

 private:
  void finish_numbers(std::vector<Distinct::Value>& values) {
    summary_.min = low_;
    summary_.max = high_;
    summary_.mean = moments_.mean();
    summary_.deviation = moments_.deviation();
    summary_.quantiles_are_estimates = values.empty();
    if (values.empty()) {
      const auto percent = [this](unsigned part) {
        return std::clamp(sketch_.percentile(part), low_, high_);
      };
      summary_.quantiles = {percent(5), percent(25), percent(50), percent(75), percent(95)};
      return;
    }
    std::sort(values.begin(), values.end(),
              [](const auto& one, const auto& other) { return one.number < other.number; });
    const auto part = [&](double share) { return quantile(values, summary_.values, share); };
    summary_.quantiles = {part(0.05), part(0.25), part(0.5), part(0.75), part(0.95)};
  }

  // The most frequent values; where several are equally frequent the smallest come first.
  void take_top(std::vector<Distinct::Value> values) {
    const std::size_t kept = std::min(values.size(), limits_.top_values_max);
    std::partial_sort(values.begin(), values.begin() + kept, values.end(),
                      [](const auto& one, const auto& other) {
                        if (one.count != other.count) return one.count > other.count;
                        if (one.number != other.number) return one.number < other.number;
                        return one.text < other.text;
                      });
    for (std::size_t index = 0; index < kept; ++index) {
      summary_.top.push_back({shown(values[index]), values[index].count});
    }
  }

  std::string shown(const Distinct::Value& value) const {
    switch (summary_.type) {
      case Type::text: return value.text;
      case Type::number: return fmt::format("{}", value.number);
      case Type::boolean: return value.number == 0 ? "false" : "true";
      case Type::date:
      case Type::datetime: return time_text(value.number, summary_.type);
    }
    INVARIANT(false);
  }

  const SummaryLimits limits_;
  ColumnSummary summary_;
  Distinct distinct_;
  Moments moments_;
  recent::Sketch sketch_;
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
  std::string first_;
  std::string last_;
};

std::vector<columns::Wanted> every_column(const columns::Schema& schema) {
  std::vector<columns::Wanted> wanted;
  wanted.reserve(schema.size());
  for (std::size_t column = 0; column < schema.size(); ++column) {
    wanted.push_back({column, schema[column].type == Type::text ? Cell::text : Cell::number});
  }
  return wanted;
}

// One scan to its end; false when the table was retyped.
Result<bool> count_rows(columns::Table& table, const SummaryLimits& limits, Summary& summary) {
  const std::vector<columns::Wanted> wanted = every_column(table.schema());
  const std::size_t exact_max =
      std::min(limits.distinct_exact_max,
               limits.distinct_exact_total_max / std::max<std::size_t>(1, wanted.size()));
  std::vector<ColumnCount> counts;
  counts.reserve(wanted.size());
  for (const columns::Column& column : table.schema())
    counts.emplace_back(column, exact_max, limits);
  Result<std::unique_ptr<columns::Scan>> scan = table.scan(wanted);
  if (!scan) return scan.error();
  summary = {};
  columns::Block block;
  for (;;) {
    const Result<Step> step = (*scan)->next(block);
    if (!step) return step.error();
    if (*step == Step::retyped) return false;
    if (*step == Step::end) break;
    summary.rows += block.rows;
    for (std::size_t column = 0; column < wanted.size(); ++column) {
      const Lane& lane = block.lanes[column];
      if (wanted[column].as == Cell::text) {
        counts[column].add_texts(lane.texts);
      } else {
        counts[column].add_numbers(lane.numbers);
      }
    }
  }
  for (std::size_t column = 0; column < wanted.size(); ++column) {
    summary.columns.push_back(counts[column].finish(table.schema()[column].type));
  }
  return true;
}

HeadCell head_cell(const columns::Column& column, std::string_view text, double number) {
  if (text.data() == nullptr) return std::monostate{};
  if (column.type == Type::number) return number;
  if (column.type == Type::boolean) return number != 0;
  return std::string(text);
}

Result<void> take_head(columns::Table& table, std::size_t head_rows, Summary& summary) {
  const columns::Schema& schema = table.schema();
  std::vector<columns::Wanted> wanted;
  wanted.reserve(schema.size());
  for (std::size_t column = 0; column < schema.size(); ++column) {
    wanted.push_back({column, Cell::text});
  }
  for (const columns::Wanted& want : every_column(schema))
    wanted.push_back(want);
  Result<std::unique_ptr<columns::Scan>> scan = table.scan(wanted);
  if (!scan) return scan.error();
  columns::Block block;
  while (summary.head.size() < head_rows) {
    const Result<Step> step = (*scan)->next(block);
    if (!step) return step.error();
    if (*step != Step::rows) break;
    for (std::size_t row = 0; row < block.rows && summary.head.size() < head_rows; ++row) {
      std::vector<HeadCell>& cells = summary.head.emplace_back();
      for (std::size_t column = 0; column < schema.size(); ++column) {
        const Lane& lane = block.lanes[schema.size() + column];
        const double number = lane.numbers.size() > row ? lane.numbers[row] : 0;
        cells.push_back(head_cell(schema[column], block.lanes[column].texts[row], number));
      }
    }
  }
  return {};
}

}  // namespace

Result<Summary> summarize(columns::Table& table, std::size_t head_rows,
                          const SummaryLimits& limits) {
  if (table.schema().size() > limits.columns_max) {
    return Error{Outcome::invalid,
                 fmt::format("the table has {} columns; at most {} are summarised",
                             table.schema().size(), limits.columns_max)};
  }
  // Encoding and types can each turn out otherwise once.
  constexpr int scans_max = 4;
  Summary summary;
  for (int scans = 0;; ++scans) {
    INVARIANT(scans < scans_max);
    const Result<bool> counted = count_rows(table, limits, summary);
    if (!counted) return counted.error();
    if (*counted) break;
  }
  const std::size_t rows = std::min(head_rows, limits.head_rows_max);
  if (rows > 0) {
    const Result<void> head = take_head(table, rows, summary);
    if (!head) return head.error();
  }
  return summary;
}

}  // namespace cauce::datasets

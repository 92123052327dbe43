// What the columns of a table hold, in one scan and in memory that does not grow with the rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "columns/columns.h"

namespace cauce::datasets {

struct SummaryLimits {
  // Distinct values that are counted one by one; beyond, the number is an estimate. All values of
  // a column up to then are held: 8 bytes each for numbers and dates, hashes of 8 bytes for texts.
  std::size_t distinct_exact_max = 100'000;
  std::size_t top_values_max = 10;
  std::size_t text_bytes_max = 200;  // of a text that is shown
  std::size_t head_rows_max = 1000;
};

struct TopValue {
  std::string value;
  std::uint64_t count = 0;
};

struct Quantiles {
  double q05 = 0, q25 = 0, median = 0, q75 = 0, q95 = 0;
};

struct ColumnSummary {
  std::string name;
  columns::Type type = columns::Type::text;
  std::uint64_t values = 0;
  std::uint64_t missing = 0;
  std::uint64_t distinct = 0;
  bool distinct_is_estimate = false;  // HyperLogLog: within 2 % in 95 of 100 cases

  // As text: of texts the first and last by their bytes. Of dates as the file has them in UTC.
  std::optional<std::string> min_text;
  std::optional<std::string> max_text;
  // Of numbers; of dates and datetimes microseconds since 1970; of booleans 0 and 1.
  std::optional<double> min, max, mean;
  std::optional<double> deviation;  // sample standard deviation (n - 1); two values at least
  std::optional<Quantiles> quantiles;
  bool quantiles_are_estimates = false;

  std::vector<TopValue>
      top;  // the most frequent ones; empty when they could not be counted exactly
};

struct Summary {
  std::uint64_t rows = 0;
  std::vector<ColumnSummary> columns;
  std::vector<std::vector<std::optional<std::string>>> head;  // the first rows as they are written
};

// Scans all columns; again when the table answers `retyped`.
Result<Summary> summarize(columns::Table& table, std::size_t head_rows,
                          const SummaryLimits& limits = {});

// The summary as `cauce dataset describe` prints it.
std::string to_json(const Summary& summary);

}  // namespace cauce::datasets

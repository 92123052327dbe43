// What the columns of a table hold, in one scan and in memory that does not grow with the rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "columns/columns.h"
#include "datasets/file_table.h"

namespace cauce::datasets {

struct SummaryLimits {
  std::size_t columns_max = 4096;
  // Different values of one column, and of all columns together, that are counted one by one;
  // beyond, their number and the quantiles are estimates and there are no top values. The columns
  // share the second number equally.
  std::size_t distinct_exact_max = 100'000;
  std::size_t distinct_exact_total_max = 600'000;
  std::size_t top_values_max = 10;
  std::size_t text_bytes_max = 200;  // of a text that is shown as minimum, maximum or top value
  std::size_t head_rows_max = 1000;
};

// A missing cell, a number, true or false, or a text; dates as they are written.
using HeadCell = std::variant<std::monostate, double, bool, std::string>;

struct TopValue {
  std::string value;
  std::uint64_t count = 0;
};

// Interpolated linearly between the two nearest values (Hyndman and Fan 1996, type 7) where they
// are exact; else within 1 % of the value of the nearest rank (recent/sketch.h).
struct Quantiles {
  double q05 = 0, q25 = 0, median = 0, q75 = 0, q95 = 0;
};

struct ColumnSummary {
  std::string name;
  columns::Type type = columns::Type::text;
  std::uint64_t values = 0;  // cells that are not missing
  std::uint64_t missing = 0;
  std::uint64_t distinct = 0;
  // Beyond the limit, by HyperLogLog: within 2.3 % in 95 of 100 cases.
  bool distinct_is_estimate = false;

  // Of numbers as they are, of booleans as 0 and 1, of dates and datetimes in microseconds since
  // 1970 UTC; not of texts, and not without values.
  std::optional<double> min, max, mean;
  std::optional<double> deviation;  // sample standard deviation (n - 1), of two values at least
  std::optional<Quantiles> quantiles;
  bool quantiles_are_estimates = false;
  // Of texts, the first and the last by their bytes.
  std::optional<std::string> min_text, max_text;

  std::vector<TopValue> top;  // the most frequent first, then by value
};

struct Summary {
  std::uint64_t rows = 0;
  std::vector<ColumnSummary> columns;
  std::vector<std::vector<HeadCell>> head;
};

// Scans all columns to the end, anew when the table answers `retyped`, and the first `head_rows`
// rows once more. invalid: the table's error, or more columns than columns_max.
Result<Summary> summarize(columns::Table& table, std::size_t head_rows,
                          const SummaryLimits& limits = {});

// {"rows", "columns": [{"name", "type", "missing", "distinct", "min", "max", "mean", "std", …}],
// "head": [[…]], "notes": […]}, as docs/guides/datasets.md describes it. Cells "-" of numeric
// columns, which the report counts, stand apart from `missing`.
std::string to_json(const Summary& summary, const Report& report);

// {"error": {"line", "column", "value", "message", "count", "faults": […]}}; null where a file
// cannot be that exact.
std::string to_json(const Error& error, const Report& report);

// A day as 2024-02-29 or a moment as 2024-02-29T12:30:00Z, with a fraction where there is one.
std::string time_text(double microseconds, columns::Type type);

}  // namespace cauce::datasets

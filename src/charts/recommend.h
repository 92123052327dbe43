// Which charts suit a table, judged by what its columns are: the best three of different kinds,
// each with the reason as a sentence. Only charts that can be drawn and are not misleading.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "charts/request.h"
#include "columns/columns.h"

namespace cauce::charts {

// What a summary of a data set knows of a column.
struct ColumnSummary {
  std::string name;
  columns::Type type = columns::Type::text;
  std::uint64_t rows = 0;
  std::uint64_t missing = 0;
  std::uint64_t distinct = 0;  // values; may be capped, if far above the number of categories
};

struct Recommendation {
  Request request;  // kind and columns, and the locale that was asked for
  std::string reason;
};

inline constexpr std::size_t recommendations_max = 3;

// Best first; fewer than three, even none, when the columns do not allow more.
std::vector<Recommendation> recommend(const std::vector<ColumnSummary>& columns, Locale locale);

}  // namespace cauce::charts

// Which rows of a table a chart takes: conditions on its columns, and the text in which people
// write them.
//
//   Horsepower > 100        Origin = USA           Origin in USA, "Great Britain"
//   Year >= 1975-01-01      Origin != USA          Horsepower is missing / is present
//
// A name or value that holds an operator, a comma or white space at its ends stands in double
// quotes, doubled inside. No condition but `is missing` holds for a missing cell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cauce::charts {

struct Condition {
  enum class Compare {
    equal,
    not_equal,
    less,
    at_most,
    greater,
    at_least,
    one_of,
    missing,
    present
  };
  std::string column;
  Compare compare = Compare::equal;
  std::vector<std::string> values;  // one; of one_of 1 to condition_values_max, else none

  bool operator==(const Condition&) const = default;
};

inline constexpr std::size_t conditions_max = 16;
inline constexpr std::size_t condition_values_max = 100;
inline constexpr std::size_t condition_bytes_max = 10'000;

// invalid: says what is wrong and how one is written.
Result<Condition> parse_condition(std::string_view text);

// The same condition as text that parse_condition() reads back.
std::string to_text(const Condition& condition);

}  // namespace cauce::charts

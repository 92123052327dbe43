// Numbers as people and programs write them, read to the nearest double.
//
//   point:  12  -0.5  +3.25e-7  .5  1,234  1,234,567.89      a comma groups three digits
//   comma:  12  -0,5  +3,25e-7  ,5  1.234  1.234.567,89      the same with point and comma swapped
//
// A whole number with leading zeros (007) is a code, not a number: reading it would lose the zeros.
// Not numbers: hexadecimal, infinities, and what is beyond the range of a double (1e400).
#pragma once

#include <cstddef>
#include <string_view>

namespace cauce::datasets::csv {

enum class Decimal { point, comma };

enum class NumberText {
  number,
  code,   // digits with leading zeros
  other,  // no number
};

// `text` has no white space around it.
NumberText read_number(std::string_view text, Decimal decimal, double& value);

// True when the other decimal sign would make another value of `text`, which is a number under
// both: 1,234 and 1.234.
bool is_ambiguous_number(std::string_view text);

}  // namespace cauce::datasets::csv

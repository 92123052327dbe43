// A line or a band across the plot, with words: a target, a limit, the weeks of an experiment. And
// the text in which people write one, or a part of an axis:
//
//   y = 30: Target        x = 2026-02-01 to 2026-03-15: Experiment        y = 0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cauce::charts {

// From one value of a column to another, as they were written: a number or a moment, which of them
// the column says. Empty: no bound on this side.
struct Span {
  std::string low, high;

  bool operator==(const Span&) const = default;
};

struct Annotation {
  char axis = 'y';  // 'x' or 'y': the column that --x or --y names, else the axis of this name
  Span at;          // a line when both are the same
  std::string label;

  bool operator==(const Annotation&) const = default;
};

inline constexpr std::size_t annotations_max = 16;
inline constexpr std::size_t annotation_bytes_max = 1'000;

// invalid: says what is wrong and how one is written.
Result<Annotation> parse_annotation(std::string_view text);

// "10 to 20", "10 to", "to 20".
Result<Span> parse_span(std::string_view text);

// What a bound is on an axis of numbers, or of moments (microseconds since 1970 UTC); nothing: it
// is not written as one.
std::optional<double> value_of(std::string_view bound, bool is_time);

}  // namespace cauce::charts

// What a box chart draws beside or instead of boxes: the values of small groups, violins, strips.
#pragma once

#include "charts/figures.h"
#include "charts/figures/grouped.h"
#include "charts/figures/rows.h"
#include "charts/request.h"

namespace cauce::charts::figures {

// Of a strip that counts its values, unless the request says otherwise.
inline constexpr std::uint32_t strip_bins = 100;

// Completes boxes that have their quartiles; `rows` have the values as their first number. Makes
// two further passes for violins, one for strips, and one where a group has few_values at most.
// invalid: more violins than curves_max, more counts than counts_max, a bandwidth that is none, or
// values too far apart for bins.
Result<void> add_marks(GroupedRows& rows, const Request& request, const Frame& frame,
                       const FiguresLimits& limits, BoxFigures& figures);

}  // namespace cauce::charts::figures

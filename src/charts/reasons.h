// Why there is no chart, in Spanish.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "charts/request.h"

namespace cauce::charts {

// A reason that figures.h or render.h gives in English, with its names as they are, unless
// there are `words` for them, and its numbers as Spanish writes them. Options keep their names, as
// "--color". Nothing: it is none of those that whoever chooses columns can meet; only an option
// written wrongly is said in English alone.
std::optional<std::string> reason_in_spanish(std::string_view reason,
                                             std::span<const ColumnWords> words = {});

}  // namespace cauce::charts

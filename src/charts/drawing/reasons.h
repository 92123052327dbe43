// Why there is no chart, in Spanish.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cauce::charts::drawing {

// A reason that the figures give in English; nothing: it is none of those that can befall the rows
// of a panel.
std::optional<std::string> reason_in_spanish(std::string_view reason);

}  // namespace cauce::charts::drawing

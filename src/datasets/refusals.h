// Why a file is no table, in Spanish.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cauce::datasets {

// What open_table() or a scan of a file says of whoever made it, with names and numbers as they
// are. Nothing: it is none of those.
std::optional<std::string> refusal_in_spanish(std::string_view refusal);

}  // namespace cauce::datasets

// What a reader decided about a file (Report::notes), in Spanish.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cauce::datasets {

// With names and numbers as they are. Nothing: it is no note of a reader.
std::optional<std::string> note_in_spanish(std::string_view note);

}  // namespace cauce::datasets

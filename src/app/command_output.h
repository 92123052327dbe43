// How commands print what the API answers: a table for people, JSON for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace cauce::app {

// Chosen by Command::add_format.
enum class OutputFormat { table, json };

// A text as it is, null as nothing, anything else as compact JSON.
std::string text_of(const nlohmann::json& value);

// One row an item, one column for each member named; or all members as a JSON array.
void print_items(const std::vector<nlohmann::json>& items, const std::vector<std::string>& members,
                 OutputFormat format);

// One line a member that is named; or all members as a JSON object.
void print_object(const nlohmann::json& object, const std::vector<std::string>& members,
                  OutputFormat format);

}  // namespace cauce::app

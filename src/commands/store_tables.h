// The tables of DIR/commands.db, described in docs/formats/commands.md.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sql/database.h"

namespace cauce::commands {

constexpr std::string_view commands_file = "commands.db";
constexpr std::string_view commands_lock_file = "commands.lock";

// Makes the tables in an empty database. `unsupported` when a newer program wrote it.
Result<void> make_command_tables(sql::Database& database);

}  // namespace cauce::commands

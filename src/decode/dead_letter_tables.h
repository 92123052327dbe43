// The tables of DIR/dead_letters.db, described in docs/formats/dead_letters.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "sql/database.h"

namespace cauce::decode {

constexpr std::string_view dead_letters_file = "dead_letters.db";
constexpr std::string_view dead_letters_lock_file = "dead_letters.lock";

// Makes the tables in an empty database. `unsupported` when a newer program wrote it.
Result<void> make_dead_letter_tables(sql::Database& database);

// False while the tables are not there yet. `unsupported` when a newer program wrote them.
Result<bool> has_dead_letter_tables(sql::Database& database);

// The columns of a DeadLetter without its payload, in the order that read_dead_letter expects.
constexpr std::string_view dead_letter_columns =
    "partition, position, replay, company, device, topic, received_at, content_type, stage, "
    "reason";
constexpr int dead_letter_column_count = 10;

}  // namespace cauce::decode

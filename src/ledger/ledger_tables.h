// The tables of DIR/ledger.db, described in docs/formats/ledger.md.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sql/database.h"

namespace cauce::ledger {

constexpr std::string_view ledger_file = "ledger.db";
constexpr std::string_view ledger_lock_file = "ledger.lock";

// Makes the tables in an empty database. `unsupported` when a newer program wrote it.
Result<void> make_ledger_tables(sql::Database& database);

// False while the tables are not there yet. `unsupported` when a newer program wrote them.
Result<bool> has_ledger_tables(sql::Database& database);

}  // namespace cauce::ledger

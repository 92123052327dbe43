// The tables of one database file, made once and known by their version (PRAGMA user_version).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "sql/database.h"

namespace cauce::sql {

struct Tables {
  std::string_view file;     // its name, for what is said of it
  std::int64_t version = 1;  // that `statements` leaves, 1 or more
  const char* statements;    // makes them; the last one sets user_version
};

// Makes the tables in an empty database, in one transaction. `unsupported` when a newer program
// wrote it.
Result<void> make_tables(Database& database, const Tables& tables);

// False while the tables are not there yet. `unsupported` when a newer program wrote them.
Result<bool> has_tables(Database& database, const Tables& tables);

}  // namespace cauce::sql

#include "sql/tables.h"

#include <fmt/core.h>

namespace cauce::sql {
namespace {

Result<std::int64_t> version_of(Database& database, const Tables& tables) {
  auto statement = database.prepare("PRAGMA user_version");
  if (!statement) return statement.error();
  if (auto row = statement->step(); !row) return row.error();
  const std::int64_t version = statement->integer(0);
  if (version > tables.version) {
    return Error{Outcome::unsupported,
                 fmt::format("{} is of version {}, this program reads up to {}: start the newer "
                             "program that wrote it",
                             tables.file, version, tables.version)};
  }
  return version;
}

}  // namespace

Result<void> make_tables(Database& database, const Tables& tables) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return transaction.error();
  const auto version = version_of(database, tables);
  if (!version) return version.error();
  if (*version == 0) {
    if (auto made = database.execute(tables.statements); !made) return made.error();
  }
  return transaction->commit();
}

Result<bool> has_tables(Database& database, const Tables& tables) {
  const auto version = version_of(database, tables);
  if (!version) return version.error();
  return *version != 0;
}

}  // namespace cauce::sql

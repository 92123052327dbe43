#include "ledger/ledger_tables.h"

#include <fmt/core.h>

namespace cauce::ledger {
namespace {

constexpr std::int64_t tables_version = 1;

constexpr const char* tables = R"(
CREATE TABLE progress(
  partition INTEGER PRIMARY KEY,
  position INTEGER NOT NULL,
  began_at INTEGER NOT NULL,
  stream_time INTEGER NOT NULL,
  run_since INTEGER NOT NULL) STRICT;

CREATE TABLE devices(
  id INTEGER PRIMARY KEY,
  company TEXT NOT NULL,
  device TEXT NOT NULL,
  account BLOB NOT NULL,
  UNIQUE(company, device)) STRICT;

CREATE TABLE buckets(
  device INTEGER NOT NULL,
  span INTEGER NOT NULL,
  start INTEGER NOT NULL,
  tally BLOB NOT NULL,
  PRIMARY KEY(device, span, start)) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
)";

Result<std::int64_t> version_of(sql::Database& database) {
  auto statement = database.prepare("PRAGMA user_version");
  if (!statement) return statement.error();
  if (auto row = statement->step(); !row) return row.error();
  const std::int64_t version = statement->integer(0);
  if (version > tables_version) {
    return Error{Outcome::unsupported,
                 fmt::format("{} is of version {}, this program reads up to {}: start the newer "
                             "program that wrote it",
                             ledger_file, version, tables_version)};
  }
  return version;
}

}  // namespace

Result<void> make_ledger_tables(sql::Database& database) {
  auto transaction = sql::Transaction::begin(database);
  if (!transaction) return transaction.error();
  const auto version = version_of(database);
  if (!version) return version.error();
  if (*version == 0) {
    if (auto made = database.execute(tables); !made) return made.error();
  }
  return transaction->commit();
}

Result<bool> has_ledger_tables(sql::Database& database) {
  const auto version = version_of(database);
  if (!version) return version.error();
  return *version != 0;
}

}  // namespace cauce::ledger

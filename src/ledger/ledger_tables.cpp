#include "ledger/ledger_tables.h"

#include "sql/tables.h"

namespace cauce::ledger {
namespace {

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

constexpr sql::Tables made{.file = ledger_file, .version = 1, .statements = tables};

}  // namespace

Result<void> make_ledger_tables(sql::Database& database) {
  return sql::make_tables(database, made);
}

Result<bool> has_ledger_tables(sql::Database& database) {
  return sql::has_tables(database, made);
}

}  // namespace cauce::ledger

#include "business/sqlite/schema.h"

#include <fmt/format.h>

namespace cauce::business {
namespace {

// Names are unique within their company only. `changes` never gives a sequence out twice, even
// when its last rows are deleted (AUTOINCREMENT). Times and durations are microseconds.
constexpr std::string_view tables = R"(
CREATE TABLE companies(
  name TEXT PRIMARY KEY,
  title TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sites(
  company TEXT NOT NULL REFERENCES companies,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  PRIMARY KEY(company, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_types(
  company TEXT NOT NULL REFERENCES companies,
  name TEXT NOT NULL,
  format TEXT NOT NULL,
  encryption TEXT NOT NULL,
  PRIMARY KEY(company, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric_mappings(
  company TEXT NOT NULL,
  device_type TEXT NOT NULL,
  place INTEGER NOT NULL,
  source TEXT NOT NULL,
  metric TEXT NOT NULL,
  unit TEXT NOT NULL,
  scale REAL NOT NULL,
  "offset" REAL NOT NULL,
  PRIMARY KEY(company, device_type, place),
  FOREIGN KEY(company, device_type) REFERENCES device_types(company, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices(
  company TEXT NOT NULL REFERENCES companies,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  site TEXT,
  area TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY(company, name),
  FOREIGN KEY(company, type) REFERENCES device_types(company, name),
  FOREIGN KEY(company, site) REFERENCES sites(company, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_keys(
  company TEXT NOT NULL,
  device TEXT NOT NULL,
  key_id INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY(company, device, key_id),
  FOREIGN KEY(company, device) REFERENCES devices(company, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE rules(
  company TEXT NOT NULL REFERENCES companies,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  device TEXT,
  device_type TEXT,
  metric TEXT NOT NULL,
  direction TEXT NOT NULL,
  raise_at REAL NOT NULL,
  clear_at REAL NOT NULL,
  duration INTEGER NOT NULL,
  count INTEGER NOT NULL,
  severity TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  PRIMARY KEY(company, name),
  FOREIGN KEY(company, device) REFERENCES devices(company, name),
  FOREIGN KEY(company, device_type) REFERENCES device_types(company, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE access_tokens(
  token_hash BLOB PRIMARY KEY,
  company TEXT REFERENCES companies,
  access TEXT NOT NULL,
  title TEXT NOT NULL,
  expires_at INTEGER,
  once INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE changes(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  key TEXT NOT NULL
) STRICT;

-- One row, sealed with the master key: another key is recognised before it is used.
CREATE TABLE master_key_check(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  sealed BLOB NOT NULL
) STRICT;

PRAGMA user_version = 1;
)";

}  // namespace

Result<bool> has_schema(sql::Database& database) {
  auto statement = database.prepare("PRAGMA user_version");
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  const std::int64_t version = *row ? statement->integer(0) : 0;
  if (version > schema_version) {
    return Error{Outcome::unsupported,
                 fmt::format("the business data has schema version {}, written by a newer cauce; "
                             "this one ({}) reads up to version {}: install the newer one",
                             version, CAUCE_VERSION, schema_version)};
  }
  return version == schema_version;
}

Result<void> prepare_schema(sql::Database& database) {
  auto transaction = sql::Transaction::begin(database);
  if (!transaction) return transaction.error();
  const auto present = has_schema(database);
  if (!present) return present.error();
  if (*present) return {};
  if (auto made = database.execute(tables); !made) return made;
  return transaction->commit();
}

}  // namespace cauce::business

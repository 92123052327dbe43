#include "business/sqlite/schema.h"

#include <fmt/core.h>

namespace cauce::business {
namespace {

// Names are unique within their company only. `changes` never gives a sequence out twice, even
// when its last rows are deleted (AUTOINCREMENT). Times and durations are microseconds.
constexpr std::string_view version_1 = R"(
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
)";

// Bridges, and users with their sessions.
constexpr std::string_view version_2 = R"(
ALTER TABLE devices ADD COLUMN bridge INTEGER NOT NULL DEFAULT 0;

CREATE TABLE users(
  name TEXT PRIMARY KEY,
  company TEXT REFERENCES companies,
  access TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE access_tokens ADD COLUMN user TEXT REFERENCES users;
)";

// Certificates, and two tokens at a time. The unique indexes let NULL stand as often as it likes.
constexpr std::string_view version_3 = R"(
ALTER TABLE companies ADD COLUMN authority BLOB;
CREATE UNIQUE INDEX authorities ON companies(authority);

ALTER TABLE devices ADD COLUMN earlier_token_hash BLOB;
ALTER TABLE devices ADD COLUMN certificates_since INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX earlier_tokens ON devices(earlier_token_hash);
)";

// Keys that devices share with cauce; rank 0 is the newest of a device.
constexpr std::string_view version_4 = R"(
CREATE TABLE device_shared_keys(
  company TEXT NOT NULL,
  device TEXT NOT NULL,
  place INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY(company, device, place),
  FOREIGN KEY(company, device) REFERENCES devices(company, name)
) STRICT, WITHOUT ROWID;
)";

// The value that counts a device's messages.
constexpr std::string_view version_5 = R"(
ALTER TABLE device_types ADD COLUMN sequence TEXT NOT NULL DEFAULT '';
)";

// Limits of a company's and of a device's own, those that it has.
constexpr std::string_view version_6 = R"(
CREATE TABLE company_limits(
  company TEXT NOT NULL REFERENCES companies,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY(company, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_limits(
  company TEXT NOT NULL,
  device TEXT NOT NULL,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY(company, device, name),
  FOREIGN KEY(company, device) REFERENCES devices(company, name)
) STRICT, WITHOUT ROWID;
)";

constexpr std::array<std::string_view, std::size_t(schema_version)> steps{
    version_1, version_2, version_3, version_4, version_5, version_6};

Result<std::int64_t> version_of(sql::Database& database) {
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
  return version;
}

}  // namespace

std::string_view schema_step(std::int64_t version) {
  return steps.at(std::size_t(version - 1));
}

Result<bool> has_schema(sql::Database& database) {
  const auto version = version_of(database);
  if (!version) return version.error();
  return *version == schema_version;
}

Result<void> prepare_schema(sql::Database& database) {
  auto transaction = sql::Transaction::begin(database);
  if (!transaction) return transaction.error();
  const auto version = version_of(database);
  if (!version) return version.error();
  if (*version == schema_version) return {};
  for (std::int64_t next = *version + 1; next <= schema_version; ++next) {
    if (auto made = database.execute(schema_step(next)); !made) return made;
  }
  const auto stamped = database.execute(fmt::format("PRAGMA user_version = {}", schema_version));
  if (!stamped) return stamped;
  return transaction->commit();
}

}  // namespace cauce::business

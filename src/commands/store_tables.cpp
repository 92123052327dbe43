#include "commands/store_tables.h"

#include "sql/tables.h"

namespace cauce::commands {
namespace {

// The long ones stand last: what comes before them is read without them.
constexpr const char* tables = R"(
CREATE TABLE commands(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  company TEXT NOT NULL,
  device TEXT NOT NULL,
  content_type TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  given_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  repeat_key BLOB,
  repeat_request BLOB,
  position INTEGER,
  withdrawal_position INTEGER,
  sent_at INTEGER,
  bridged_at INTEGER,
  left_at INTEGER,
  acknowledged_at INTEGER,
  refused_at INTEGER,
  answered_at INTEGER,
  withdrawn_at INTEGER,
  answer_type TEXT,
  answer_bytes INTEGER,
  payload BLOB NOT NULL,
  answer BLOB) STRICT;

CREATE INDEX of_device ON commands(company, device, number);
CREATE INDEX of_company ON commands(company, given_at);
CREATE INDEX by_age ON commands(given_at);
CREATE INDEX open ON commands(company, device, expires_at)
  WHERE left_at IS NULL AND acknowledged_at IS NULL AND refused_at IS NULL
    AND answered_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX not_in_stream ON commands(number)
  WHERE position IS NULL AND withdrawn_at IS NULL;
CREATE INDEX withdrawal_not_in_stream ON commands(number)
  WHERE withdrawn_at IS NOT NULL AND withdrawal_position IS NULL;
CREATE INDEX repeats ON commands(repeat_key, given_at) WHERE repeat_key IS NOT NULL;

CREATE TABLE progress(
  partition INTEGER PRIMARY KEY,
  position INTEGER NOT NULL) STRICT;

PRAGMA user_version = 1;
)";

constexpr sql::Tables made{.file = commands_file, .version = 1, .statements = tables};

}  // namespace

Result<void> make_command_tables(sql::Database& database) {
  return sql::make_tables(database, made);
}

}  // namespace cauce::commands

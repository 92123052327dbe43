#include "decode/dead_letter_tables.h"

#include "sql/tables.h"

namespace cauce::decode {
namespace {

// `totals` and `counts` follow `dead_letters` by triggers, so that neither limits nor the page that
// shows causes ever read all of it.
constexpr const char* tables = R"(
CREATE TABLE dead_letters(
  id INTEGER PRIMARY KEY,
  partition INTEGER NOT NULL,
  position INTEGER NOT NULL,
  replay INTEGER NOT NULL,
  company TEXT NOT NULL,
  device TEXT NOT NULL,
  topic TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  stage TEXT NOT NULL,
  reason TEXT NOT NULL,
  payload_bytes INTEGER NOT NULL,
  payload BLOB NOT NULL,
  UNIQUE(partition, position));
CREATE INDEX by_company ON dead_letters(company, received_at, partition, position);
CREATE INDEX by_device ON dead_letters(company, device, received_at, partition, position);
CREATE INDEX by_age ON dead_letters(received_at);

CREATE TABLE totals(
  company TEXT PRIMARY KEY,
  rows INTEGER NOT NULL,
  payload_bytes INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE counts(
  company TEXT NOT NULL,
  device TEXT NOT NULL,
  stage TEXT NOT NULL,
  reason TEXT NOT NULL,
  rows INTEGER NOT NULL,
  newest_received_at INTEGER NOT NULL,
  PRIMARY KEY(company, device, stage, reason)) WITHOUT ROWID;

CREATE TABLE deleted(
  company TEXT NOT NULL,
  cause TEXT NOT NULL,
  rows INTEGER NOT NULL,
  payload_bytes INTEGER NOT NULL,
  newest_received_at INTEGER NOT NULL,
  PRIMARY KEY(company, cause)) WITHOUT ROWID;

CREATE TRIGGER count_new AFTER INSERT ON dead_letters BEGIN
  INSERT INTO totals VALUES(new.company, 1, new.payload_bytes)
    ON CONFLICT DO UPDATE SET rows = rows + 1, payload_bytes = payload_bytes + new.payload_bytes;
  INSERT INTO counts VALUES(new.company, new.device, new.stage, new.reason, 1, new.received_at)
    ON CONFLICT DO UPDATE SET rows = rows + 1,
      newest_received_at = max(newest_received_at, new.received_at);
END;

CREATE TRIGGER count_old AFTER DELETE ON dead_letters BEGIN
  UPDATE totals SET rows = rows - 1, payload_bytes = payload_bytes - old.payload_bytes
    WHERE company = old.company;
  DELETE FROM totals WHERE company = old.company AND rows = 0;
  UPDATE counts SET rows = rows - 1 WHERE company = old.company AND device = old.device
    AND stage = old.stage AND reason = old.reason;
  DELETE FROM counts WHERE company = old.company AND device = old.device
    AND stage = old.stage AND reason = old.reason AND rows = 0;
END;

PRAGMA user_version = 1;
)";

constexpr sql::Tables made{.file = dead_letters_file, .version = 1, .statements = tables};

}  // namespace

Result<void> make_dead_letter_tables(sql::Database& database) {
  return sql::make_tables(database, made);
}

Result<bool> has_dead_letter_tables(sql::Database& database) {
  return sql::has_tables(database, made);
}

}  // namespace cauce::decode

#include "alarms/store.h"

#include <fmt/core.h>

namespace cauce::alarms {
namespace {

constexpr std::int64_t schema_version = 1;

constexpr std::string_view schema = R"sql(
CREATE TABLE IF NOT EXISTS progress(
  id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, cursor INTEGER NOT NULL,
  started INTEGER NOT NULL, now INTEGER NOT NULL, run_since INTEGER NOT NULL,
  next_alarm INTEGER NOT NULL, next_event INTEGER NOT NULL, next_gap INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS states(
  company TEXT NOT NULL, rule TEXT NOT NULL, device TEXT NOT NULL, metric TEXT NOT NULL,
  heard_at INTEGER, state BLOB NOT NULL,
  PRIMARY KEY (company, rule, device, metric)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS definitions(
  company TEXT NOT NULL, rule TEXT NOT NULL, definition BLOB NOT NULL,
  PRIMARY KEY (company, rule)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alarms(
  id INTEGER PRIMARY KEY, company TEXT NOT NULL, rule TEXT NOT NULL, kind TEXT NOT NULL,
  severity TEXT NOT NULL, device TEXT NOT NULL, metric TEXT NOT NULL, raised_at INTEGER NOT NULL,
  raised_value_time INTEGER NOT NULL, cleared_at INTEGER, cleared_value_time INTEGER,
  alarm BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_open ON alarms(company, rule, device, metric)
  WHERE cleared_at IS NULL;
CREATE INDEX IF NOT EXISTS alarms_company ON alarms(company, id);
CREATE INDEX IF NOT EXISTS alarms_series ON alarms(company, device, raised_value_time);
CREATE TABLE IF NOT EXISTS gaps(
  id INTEGER PRIMARY KEY, reason INTEGER NOT NULL, company TEXT NOT NULL,
  from_position INTEGER NOT NULL, to_position INTEGER NOT NULL, from_time INTEGER,
  to_time INTEGER);
CREATE TABLE IF NOT EXISTS outbox(sequence INTEGER PRIMARY KEY, event BLOB NOT NULL);
)sql";

void bind_key(sql::Statement& statement, const Key& key) {
  statement.bind(1, key.company).bind(2, key.rule).bind(3, key.device).bind(4, key.metric);
}

void bind_time(sql::Statement& statement, int parameter, const std::optional<Time>& time) {
  if (time) {
    statement.bind(parameter, to_microseconds(*time));
  } else {
    statement.bind_null(parameter);
  }
}

std::optional<Time> time_of(const sql::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return from_microseconds(row.integer(column));
}

// Runs `sql` and gives every row to `take`, which answers Result<void>.
template <class Take>
Result<void> for_each_row(sql::Database& database, std::string_view sql, Take take) {
  auto rows = database.prepare(sql);
  if (!rows) return rows.error();
  while (true) {
    const auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return {};
    if (auto taken = take(*rows); !taken) return taken.error();
  }
}

Result<void> load_progress(sql::Database& database, Progress& progress) {
  return for_each_row(
      database,
      "SELECT cursor, started, now, run_since, next_alarm, next_event, next_gap FROM progress",
      [&progress](const sql::Statement& row) -> Result<void> {
        progress.cursor = std::uint64_t(row.integer(0));
        progress.clock.started = row.integer(1) != 0;
        progress.clock.now = from_microseconds(row.integer(2));
        progress.clock.run_since = from_microseconds(row.integer(3));
        progress.next_alarm = std::uint64_t(row.integer(4));
        progress.next_event = std::uint64_t(row.integer(5));
        progress.next_gap = std::uint64_t(row.integer(6));
        return {};
      });
}

Result<void> load_states(sql::Database& database, std::vector<StoredState>& states) {
  return for_each_row(database, "SELECT company, rule, device, metric, state FROM states",
                      [&states](const sql::Statement& row) -> Result<void> {
                        auto state = decode_state(row.blob(4));
                        if (!state) return state.error();
                        states.push_back({{std::string(row.text(0)), std::string(row.text(1)),
                                           std::string(row.text(2)), std::string(row.text(3))},
                                          std::move(*state)});
                        return {};
                      });
}

Result<void> load_gaps(sql::Database& database, std::vector<Gap>& gaps) {
  // SQLite takes the other columns from the row that holds the maximum.
  return for_each_row(
      database,
      "SELECT max(id), reason, company, from_position, to_position, from_time, to_time FROM gaps "
      "GROUP BY reason, company",
      [&gaps](const sql::Statement& row) -> Result<void> {
        gaps.push_back({std::uint64_t(row.integer(0)), GapReason(row.integer(1)),
                        std::string(row.text(2)), std::uint64_t(row.integer(3)),
                        std::uint64_t(row.integer(4)), time_of(row, 5), time_of(row, 6)});
        return {};
      });
}

Result<void> write_alarm(sql::Statement& upsert, const Alarm& alarm) {
  const Bytes bytes = encode(alarm);
  upsert.bind(1, std::int64_t(alarm.id))
      .bind(2, alarm.company)
      .bind(3, alarm.rule)
      .bind(4, name_of(alarm.kind))
      .bind(5, alarm.severity)
      .bind(6, alarm.device)
      .bind(7, alarm.metric)
      .bind(8, to_microseconds(alarm.raised_at))
      .bind(9, to_microseconds(alarm.raised_value_time));
  bind_time(upsert, 10, alarm.cleared_at);
  if (alarm.open()) {
    upsert.bind_null(11);
  } else {
    upsert.bind(11, to_microseconds(alarm.cleared_value_time));
  }
  upsert.bind(12, sql::Blob{bytes});
  const auto done = upsert.run();
  return done ? Result<void>{} : Result<void>{done.error()};
}

}  // namespace

Result<void> prepare_tables(sql::Database& database) {
  if (auto made = database.execute(schema); !made) return made;
  auto insert =
      database.prepare("INSERT OR IGNORE INTO progress VALUES(1, ?, 0, 0, 0, 0, 1, 0, 1)");
  if (!insert) return insert.error();
  if (auto done = insert->bind(1, schema_version).run(); !done) return done.error();
  return for_each_row(database, "SELECT version FROM progress",
                      [](const sql::Statement& row) -> Result<void> {
                        if (row.integer(0) == schema_version) return {};
                        return Error{Outcome::unsupported,
                                     fmt::format("alarms.db has version {}, this program reads "
                                                 "version {}; use the program that wrote it",
                                                 row.integer(0), schema_version)};
                      });
}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& file, Limits limits,
                                           Duration lock_wait) {
  std::filesystem::path lock_path = file;
  lock_path += ".lock";
  auto lock = disk::lock_file(lock_path, "cauce alarms", lock_wait);
  if (!lock) return lock.error().during("open alarms");
  auto database = sql::Database::open(file, sql::Durability::synced);
  if (!database) return database.error().during("open alarms");
  if (auto made = prepare_tables(*database); !made) return made.error().during("open alarms");
  return std::unique_ptr<Store>(new Store(std::move(*lock), std::move(*database), limits));
}

Result<Snapshot> Store::load() {
  Snapshot snapshot;
  if (auto done = load_progress(database_, snapshot.progress); !done) return done.error();
  if (auto done = load_states(database_, snapshot.states); !done) return done.error();
  if (auto done = load_gaps(database_, snapshot.gaps); !done) return done.error();
  auto done = for_each_row(
      database_, "SELECT company, rule, definition FROM definitions",
      [&snapshot](const sql::Statement& row) -> Result<void> {
        snapshot.definitions[{std::string(row.text(0)), std::string(row.text(1))}] = row.blob(2);
        return {};
      });
  if (!done) return done.error();
  done = for_each_row(database_, "SELECT alarm FROM alarms WHERE cleared_at IS NULL ORDER BY id",
                      [&snapshot](const sql::Statement& row) -> Result<void> {
                        auto alarm = decode_alarm(row.blob(0));
                        if (!alarm) return alarm.error();
                        snapshot.open.push_back(std::move(*alarm));
                        return {};
                      });
  if (!done) return done.error();
  return snapshot;
}

Result<void> Store::write_states(const Changes& changes) {
  auto remove = database_.prepare(
      "DELETE FROM states WHERE company = ? AND rule = ? AND device = ? AND metric = ?");
  if (!remove) return remove.error();
  for (const Key& key : changes.removed) {
    bind_key(*remove, key);
    if (auto done = remove->run(); !done) return done.error();
  }
  auto upsert = database_.prepare("INSERT OR REPLACE INTO states VALUES(?, ?, ?, ?, ?, ?)");
  if (!upsert) return upsert.error();
  for (const Instance* instance : changes.instances) {
    if (!instance->state_changed) continue;
    const Bytes bytes = encode(instance->state);
    bind_key(*upsert, instance->key);
    if (const auto* silence = std::get_if<SilenceInstance>(&instance->state)) {
      upsert->bind(5, to_microseconds(silence->state.heard_at));
    } else {
      upsert->bind_null(5);
    }
    upsert->bind(6, sql::Blob{bytes});
    if (auto done = upsert->run(); !done) return done.error();
  }
  return {};
}

Result<void> Store::write_alarms(const Changes& changes) {
  // Not OR REPLACE: that would let a second open alarm push out the first instead of failing.
  auto upsert = database_.prepare(
      "INSERT INTO alarms VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET "
      "cleared_at = excluded.cleared_at, cleared_value_time = excluded.cleared_value_time, "
      "alarm = excluded.alarm");
  if (!upsert) return upsert.error();
  for (const Alarm& alarm : changes.cleared) {
    if (auto done = write_alarm(*upsert, alarm); !done) return done;
  }
  for (const Instance* instance : changes.instances) {
    if (!instance->alarm_changed || !instance->alarm) continue;
    if (auto done = write_alarm(*upsert, *instance->alarm); !done) return done;
  }
  return {};
}

Result<void> Store::write_rest(const Changes& changes) {
  auto remove = database_.prepare("DELETE FROM definitions WHERE company = ? AND rule = ?");
  if (!remove) return remove.error();
  auto define = database_.prepare("INSERT OR REPLACE INTO definitions VALUES(?, ?, ?)");
  if (!define) return define.error();
  for (const auto& [name, definition] : changes.definitions) {
    sql::Statement& statement = definition.empty() ? *remove : *define;
    statement.bind(1, name.first).bind(2, name.second);
    if (!definition.empty()) statement.bind(3, sql::Blob{definition});
    if (auto done = statement.run(); !done) return done.error();
  }
  auto gap_row = database_.prepare("INSERT OR REPLACE INTO gaps VALUES(?, ?, ?, ?, ?, ?, ?)");
  if (!gap_row) return gap_row.error();
  for (const Gap& gap : changes.gaps) {
    gap_row->bind(1, std::int64_t(gap.id)).bind(2, std::int64_t(gap.reason)).bind(3, gap.company);
    gap_row->bind(4, std::int64_t(gap.from_position)).bind(5, std::int64_t(gap.to_position));
    bind_time(*gap_row, 6, gap.from);
    bind_time(*gap_row, 7, gap.to);
    if (auto done = gap_row->run(); !done) return done.error();
  }
  auto post = database_.prepare("INSERT INTO outbox VALUES(?, ?)");
  if (!post) return post.error();
  for (const Event& event : changes.events) {
    post->bind(1, std::int64_t(event.sequence)).bind(2, sql::Blob{event.json});
    if (auto done = post->run(); !done) return done.error();
  }
  auto update = database_.prepare(
      "UPDATE progress SET cursor = ?, started = ?, now = ?, run_since = ?, next_alarm = ?, "
      "next_event = ?, next_gap = ?");
  if (!update) return update.error();
  const Progress& progress = changes.progress;
  update->bind(1, std::int64_t(progress.cursor))
      .bind(2, std::int64_t(progress.clock.started))
      .bind(3, to_microseconds(progress.clock.now))
      .bind(4, to_microseconds(progress.clock.run_since))
      .bind(5, std::int64_t(progress.next_alarm))
      .bind(6, std::int64_t(progress.next_event))
      .bind(7, std::int64_t(progress.next_gap));
  const auto done = update->run();
  return done ? Result<void>{} : Result<void>{done.error()};
}

// By id, which the primary key finds at once; runs only in batches that add rows.
Result<void> Store::prune(const Changes& changes) {
  const auto remove = [this](std::string_view sql, std::uint64_t next,
                             std::uint64_t kept) -> Result<void> {
    if (next <= kept + 1) return {};
    auto statement = database_.prepare(sql);
    if (!statement) return statement.error();
    const auto done = statement->bind(1, std::int64_t(next - kept)).run();
    return done ? Result<void>{} : Result<void>{done.error()};
  };
  if (!changes.events.empty()) {
    auto done = remove("DELETE FROM alarms WHERE id < ? AND cleared_at IS NOT NULL",
                       changes.progress.next_alarm, limits_.alarms_kept_max);
    if (!done) return done;
  }
  if (changes.gaps.empty()) return {};
  return remove("DELETE FROM gaps WHERE id < ?", changes.progress.next_gap, limits_.gaps_kept_max);
}

Result<void> Store::commit(const Changes& changes) {
  auto transaction = sql::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  if (auto done = write_states(changes); !done) return done;
  if (auto done = write_alarms(changes); !done) return done;
  if (auto done = write_rest(changes); !done) return done;
  if (auto done = prune(changes); !done) return done;
  return transaction->commit();
}

}  // namespace cauce::alarms

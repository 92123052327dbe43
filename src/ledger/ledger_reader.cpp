#include "ledger/ledger_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "ledger/ledger_tables.h"
#include "sql/database.h"

namespace cauce::ledger {

struct LedgerReader::State {
  std::filesystem::path file;
  std::optional<sql::Database> database;

  // Null while the ledger was never written.
  Result<sql::Database*> open();
  static Result<void> read_progress(sql::Database& database, Sheet& sheet);
  // The device's row, or nullopt.
  static Result<std::optional<std::int64_t>> read_account(sql::Database& database,
                                                          std::string_view company,
                                                          std::string_view device, Sheet& sheet);
  static Result<void> read_buckets(sql::Database& database, std::int64_t id, Sheet& sheet);
};

LedgerReader::LedgerReader(const std::filesystem::path& directory)
    : state_(std::make_unique<State>(State{directory / ledger_file, std::nullopt})) {}
LedgerReader::~LedgerReader() = default;

Result<sql::Database*> LedgerReader::State::open() {
  if (database) return &*database;
  auto opened = sql::Database::open_read_only(file);
  if (!opened) {
    if (opened.error().outcome == Outcome::not_found) return static_cast<sql::Database*>(nullptr);
    return opened.error();
  }
  const auto ready = has_ledger_tables(*opened);
  if (!ready) return ready.error();
  if (!*ready) return static_cast<sql::Database*>(nullptr);
  database.emplace(*std::move(opened));
  return &*database;
}

Result<void> LedgerReader::State::read_progress(sql::Database& database, Sheet& sheet) {
  // Of several partitions the one that is furthest behind: nothing is said that is not counted yet.
  auto row = database.prepare(
      "SELECT min(began_at), min(stream_time), max(run_since) FROM progress HAVING count(*) > 0");
  if (!row) return row.error();
  const auto found = row->step();
  if (!found) return found.error();
  if (!*found) return {};
  sheet.began_at = from_microseconds(row->integer(0));
  sheet.clock.started = sheet.began_at != time_min;
  sheet.clock.now = from_microseconds(row->integer(1));
  sheet.clock.run_since = from_microseconds(row->integer(2));
  return {};
}

Result<std::optional<std::int64_t>> LedgerReader::State::read_account(sql::Database& database,
                                                                      std::string_view company,
                                                                      std::string_view device,
                                                                      Sheet& sheet) {
  auto row = database.prepare("SELECT id, account FROM devices WHERE company = ? AND device = ?");
  if (!row) return row.error();
  row->bind(1, company).bind(2, device);
  const auto found = row->step();
  if (!found) return found.error();
  if (!*found) return std::optional<std::int64_t>{};
  auto account = Account::decode(row->blob(1));
  if (!account) return account.error();
  sheet.account = *std::move(account);
  return std::optional{row->integer(0)};
}

Result<void> LedgerReader::State::read_buckets(sql::Database& database, std::int64_t id,
                                               Sheet& sheet) {
  auto row = database.prepare(
      "SELECT span, start, tally FROM buckets WHERE device = ? ORDER BY span, start");
  if (!row) return row.error();
  row->bind(1, id);
  for (;;) {
    const auto found = row->step();
    if (!found) return found.error();
    if (!*found) return {};
    ByteReader bytes{row->blob(2)};
    Bucket bucket{from_microseconds(row->integer(1)), take_tally(bytes)};
    if (!bytes.complete()) return Error{Outcome::corrupt, "a tally in ledger.db is damaged"};
    (row->integer(0) == hour_span.count() ? sheet.hours : sheet.days).push_back(bucket);
  }
}

namespace {

// The current one is behind the others; those that are too old go.
void finish(std::vector<Bucket>& buckets, const Bucket& current, Time now, Duration span,
            std::size_t kept) {
  if (current.tally.messages > 0) buckets.push_back(current);
  const Time oldest = span_start(now, span) - span * std::int64_t(kept - 1);
  std::erase_if(buckets, [oldest](const Bucket& bucket) { return bucket.start < oldest; });
}

}  // namespace

Result<Sheet> LedgerReader::read(std::string_view company, std::string_view device) {
  Sheet sheet;
  const auto database = state_->open();
  if (!database) return database.error().during("read the ledger");
  if (*database == nullptr) return sheet;
  const auto snapshot = sql::Snapshot::begin(**database);
  if (!snapshot) return snapshot.error().during("read the ledger");
  if (auto done = State::read_progress(**database, sheet); !done) {
    return done.error().during("read the ledger");
  }
  const auto id = State::read_account(**database, company, device, sheet);
  if (!id) return id.error().during("read the ledger");
  if (!*id) return sheet;
  if (auto done = State::read_buckets(**database, **id, sheet); !done) {
    return done.error().during("read the ledger");
  }
  finish(sheet.hours, sheet.account.hour(), sheet.clock.now, hour_span, hours_kept);
  finish(sheet.days, sheet.account.day(), sheet.clock.now, day_span, days_kept);
  return sheet;
}

Result<std::optional<Time>> LedgerReader::last_seen(std::string_view company,
                                                    std::string_view device) {
  Sheet sheet;
  const auto database = state_->open();
  if (!database) return database.error().during("read the ledger");
  if (*database == nullptr) return std::optional<Time>{};
  const auto id = State::read_account(**database, company, device, sheet);
  if (!id) return id.error().during("read the ledger");
  if (!*id || sheet.account.total().messages == 0) return std::optional<Time>{};
  return std::optional{sheet.account.last_seen()};
}

}  // namespace cauce::ledger

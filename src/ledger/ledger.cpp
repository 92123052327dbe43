#include "ledger/ledger.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "base/log.h"
#include "disk/lock.h"
#include "ledger/ledger_tables.h"
#include "sql/database.h"

namespace cauce::ledger {
namespace {

using sql::Statement;

// A predecessor that was just killed lets go of its lock within this.
constexpr Duration lock_wait_max = std::chrono::seconds{2};

constexpr std::string_view progress_sql =
    "SELECT position, began_at, stream_time, run_since FROM progress WHERE partition = ?";
constexpr std::string_view set_progress_sql =
    "INSERT OR REPLACE INTO progress VALUES(?, ?, ?, ?, ?)";
constexpr std::string_view find_sql =
    "SELECT id, account FROM devices WHERE company = ? AND device = ?";
constexpr std::string_view insert_sql =
    "INSERT INTO devices(company, device, account) VALUES(?, ?, ?) RETURNING id";
constexpr std::string_view update_sql = "UPDATE devices SET account = ? WHERE id = ?";
constexpr std::string_view close_sql = "INSERT OR REPLACE INTO buckets VALUES(?, ?, ?, ?)";
constexpr std::string_view forget_sql =
    "DELETE FROM buckets WHERE device = ? AND span = ? AND start <= ?";

struct Name {
  std::string_view company;
  std::string_view device;

  bool operator==(const Name&) const = default;
};

struct OwnedName {
  std::string company;
  std::string device;

  operator Name() const { return {company, device}; }
};

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(const Name& name) const {
    const std::hash<std::string_view> hash;
    return hash(name.device) * 31 + hash(name.company);
  }
};

struct NameEqual {
  using is_transparent = void;
  bool operator()(const Name& one, const Name& other) const { return one == other; }
};

struct Entry {
  Account account;
  std::int64_t id = 0;  // of its row; 0 while it has none
  bool is_changed = false;
  std::vector<Closed> closed;  // since it was kept
};

using Entries = std::unordered_map<OwnedName, Entry, NameHash, NameEqual>;

// Beyond this the oldest of them would be deleted anyway.
constexpr std::size_t closed_max = hours_kept + days_kept;

}  // namespace

struct Ledger::State {
  struct Statements {
    Statement progress;
    Statement set_progress;
    Statement find;
    Statement insert;
    Statement update;
    Statement close;
    Statement forget;
  };

  State(std::unique_ptr<disk::Lock> held, sql::Database opened, Statements prepared,
        stream::Partition of, const Clock& time, LedgerLimits wanted)
      : lock(std::move(held)),
        database(std::move(opened)),
        statements(std::move(prepared)),
        partition(of),
        clock(time),
        limits(wanted) {}

  Result<void> read_progress();
  // Past the record at `from`, which moves stream time or does not.
  void advance(stream::Position from, std::optional<Time> moved);
  Result<Entries::value_type*> entry_of(const Name& name);
  Result<void> keep_all();
  // Answers the id of its row, which counts when the commit did.
  Result<std::int64_t> keep_one(const OwnedName& name, const Entry& entry);
  Result<void> keep_closed(std::int64_t id, const Entry& entry);
  void forget_longest_silent();

  std::unique_ptr<disk::Lock> lock;
  sql::Database database;
  Statements statements;
  const stream::Partition partition;
  const Clock& clock;
  const LedgerLimits limits;

  bool has_begun = false;
  stream::Position position;  // what comes before it is counted
  stream::Position kept;      // … and survives this process
  Time began_at = time_min;   // stream time; time_min while nothing was counted
  record::StreamClock stream_clock;

  Entries entries;
  std::vector<Entries::value_type*> changed;  // those with is_changed
  Duration kept_at{0};
  Duration pause{0};
  bool complained = false;
};

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& directory,
                                             stream::Partition partition, const Clock& clock,
                                             LedgerLimits limits) {
  auto lock = disk::lock_file(directory / ledger_lock_file, "cauce decode", lock_wait_max);
  if (!lock) return lock.error().during("open the ledger");
  auto database = sql::Database::open(directory / ledger_file, sql::Durability::unsynced);
  if (!database) return database.error().during("open the ledger");
  if (auto made = make_ledger_tables(*database); !made) {
    return made.error().during("open the ledger");
  }
  std::vector<Statement> prepared;
  for (const std::string_view sql :
       {progress_sql, set_progress_sql, find_sql, insert_sql, update_sql, close_sql, forget_sql}) {
    auto statement = database->prepare(sql);
    if (!statement) return statement.error().during("open the ledger");
    prepared.push_back(*std::move(statement));
  }
  State::Statements statements{std::move(prepared[0]), std::move(prepared[1]),
                               std::move(prepared[2]), std::move(prepared[3]),
                               std::move(prepared[4]), std::move(prepared[5]),
                               std::move(prepared[6])};
  auto state = std::make_unique<State>(*std::move(lock), *std::move(database),
                                       std::move(statements), partition, clock, limits);
  if (auto read = state->read_progress(); !read) return read.error().during("open the ledger");
  return std::unique_ptr<Ledger>(new Ledger(std::move(state)));
}

Result<void> copy_ledger(const std::filesystem::path& directory,
                         const std::filesystem::path& target) {
  return sql::copy_database(directory / ledger_file, target / ledger_file);
}

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ledger::~Ledger() = default;

Result<void> Ledger::State::read_progress() {
  statements.progress.bind(1, std::int64_t(partition.number));
  const auto row = statements.progress.step();
  if (!row) return row.error();
  has_begun = *row;
  if (has_begun) {
    position = {std::uint64_t(statements.progress.integer(0))};
    began_at = from_microseconds(statements.progress.integer(1));
    stream_clock.started = began_at != time_min;
    stream_clock.now = from_microseconds(statements.progress.integer(2));
    stream_clock.run_since = from_microseconds(statements.progress.integer(3));
  }
  kept = position;
  statements.progress.reset();
  return {};
}

stream::Position Ledger::resume(stream::Position otherwise) {
  if (!std::exchange(state_->has_begun, true)) state_->position = otherwise;
  return state_->position;
}

void Ledger::skip_to(stream::Position first) {
  if (!state_->has_begun || state_->position >= first) return;
  log::warning(
      fmt::format("ledger: {} records of raw, positions {} to {}, left the stream before "
                  "they were counted; what devices sent in them is missing in the ledger",
                  first.number - state_->position.number, state_->position.number, first.number));
  state_->position = first;
  // What happened in between is unknown, so it is nobody's silence.
  state_->stream_clock.interrupt();
}

bool Ledger::wants(stream::Position position) const {
  return position >= state_->position;
}

void Ledger::State::advance(stream::Position from, std::optional<Time> moved) {
  position = {from.number + 1};
  if (!moved) return;
  stream_clock.advance(*moved);
  if (began_at == time_min) began_at = *moved;
}

void Ledger::pass(stream::Position position, std::optional<Time> stream_time) {
  if (wants(position)) state_->advance(position, stream_time);
}

Result<void> Ledger::enter(stream::Position position, std::string_view company,
                           std::string_view device, const Arrival& arrival) {
  if (!wants(position)) return {};
  const auto found = state_->entry_of({company, device});
  if (!found) return found.error();
  state_->advance(position, arrival.received_at);
  Entry& entry = (*found)->second;
  entry.account.enter(arrival, state_->stream_clock, entry.closed);
  if (entry.closed.size() > closed_max) entry.closed.erase(entry.closed.begin());
  if (!std::exchange(entry.is_changed, true)) state_->changed.push_back(*found);
  return {};
}

Result<Entries::value_type*> Ledger::State::entry_of(const Name& name) {
  if (const auto known = entries.find(name); known != entries.end()) return &*known;
  Entry entry;
  statements.find.bind(1, name.company).bind(2, name.device);
  const auto row = statements.find.step();
  if (!row) return row.error();
  if (*row) {
    entry.id = statements.find.integer(0);
    auto account = Account::decode(statements.find.blob(1));
    if (!account) return account.error();
    entry.account = *std::move(account);
  }
  statements.find.reset();
  const auto added = entries.emplace(OwnedName{std::string(name.company), std::string(name.device)},
                                     std::move(entry));
  return &*added.first;
}

Result<void> Ledger::keep() {
  const Duration now = state_->clock.elapsed();
  if (state_->position == state_->kept || now - state_->kept_at < state_->pause) return {};
  const Result<void> kept = state_->keep_all();
  state_->kept_at = state_->clock.elapsed();
  const Duration took = state_->kept_at - now;
  state_->pause = std::clamp(took * state_->limits.keep_share, state_->limits.keep_interval,
                             state_->limits.keep_interval_max);
  if (kept) {
    state_->complained = false;
    state_->forget_longest_silent();
    FAILPOINT("ledger.after_keep");
    return {};
  }
  const Outcome outcome = kept.error().outcome;
  if (outcome != Outcome::exhausted && outcome != Outcome::unavailable) return kept.error();
  if (!std::exchange(state_->complained, true)) {
    log::warning("ledger: what was counted waits in memory and is tried again: " +
                 kept.error().message);
  }
  return {};
}

Result<void> Ledger::State::keep_all() {
  auto transaction = sql::Transaction::begin(database);
  if (!transaction) return transaction.error();
  std::vector<std::int64_t> ids;
  for (const Entries::value_type* entry : changed) {
    const auto id = keep_one(entry->first, entry->second);
    if (!id) return id.error();
    ids.push_back(*id);
  }
  statements.set_progress.bind(1, std::int64_t(partition.number))
      .bind(2, std::int64_t(position.number))
      .bind(3, to_microseconds(began_at))
      .bind(4, to_microseconds(stream_clock.now))
      .bind(5, to_microseconds(stream_clock.run_since));
  if (auto done = statements.set_progress.run(); !done) return done.error();
  if (auto committed = transaction->commit(); !committed) return committed.error();
  kept = position;
  for (std::size_t index = 0; index < changed.size(); ++index) {
    Entry& entry = changed[index]->second;
    entry.id = ids[index];
    entry.is_changed = false;
    entry.closed.clear();
  }
  changed.clear();
  return {};
}

Result<std::int64_t> Ledger::State::keep_one(const OwnedName& name, const Entry& entry) {
  const Bytes account = entry.account.encode();
  std::int64_t id = entry.id;
  if (id == 0) {
    statements.insert.bind(1, name.company).bind(2, name.device).bind(3, sql::Blob{account});
    if (const auto row = statements.insert.step(); !row) return row.error();
    id = statements.insert.integer(0);
    statements.insert.reset();
  } else {
    statements.update.bind(1, sql::Blob{account}).bind(2, id);
    if (auto done = statements.update.run(); !done) return done.error();
  }
  if (auto done = keep_closed(id, entry); !done) return done.error();
  return id;
}

Result<void> Ledger::State::keep_closed(std::int64_t id, const Entry& entry) {
  for (const Closed& closed : entry.closed) {
    Bytes tally;
    put(tally, closed.bucket.tally);
    statements.close.bind(1, id)
        .bind(2, closed.span.count())
        .bind(3, to_microseconds(closed.bucket.start))
        .bind(4, sql::Blob{tally});
    if (auto done = statements.close.run(); !done) return done.error();
    const bool is_hour = closed.span == hour_span;
    const Time current = is_hour ? entry.account.hour().start : entry.account.day().start;
    const auto kept_spans = std::int64_t(is_hour ? hours_kept : days_kept);
    statements.forget.bind(1, id)
        .bind(2, closed.span.count())
        .bind(3, to_microseconds(current - closed.span * kept_spans));
    if (auto done = statements.forget.run(); !done) return done.error();
  }
  return {};
}

// A quarter of them at once, so that it is not to be done again with the next device.
void Ledger::State::forget_longest_silent() {
  if (entries.size() <= limits.accounts_max) return;
  std::vector<std::pair<Time, Entries::iterator>> by_age;
  by_age.reserve(entries.size());
  for (auto entry = entries.begin(); entry != entries.end(); ++entry)
    by_age.emplace_back(entry->second.account.last_seen(), entry);
  const std::size_t gone = entries.size() - (limits.accounts_max - limits.accounts_max / 4);
  std::nth_element(by_age.begin(), by_age.begin() + std::ptrdiff_t(gone - 1), by_age.end(),
                   [](const auto& one, const auto& other) { return one.first < other.first; });
  for (std::size_t index = 0; index < gone; ++index)
    entries.erase(by_age[index].second);
}

std::size_t Ledger::accounts() const {
  return state_->entries.size();
}

}  // namespace cauce::ledger

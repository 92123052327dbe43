#include "jobs/sqlite/sqlite.h"

#include <algorithm>
#include <mutex>
#include <optional>

#include "base/invariant.h"
#include "disk/lock.h"
#include "sql/database.h"

namespace cauce::jobs::sqlite {
namespace {

// A job's id is its shard and a number that only grows, so the jobs of a shard lie together, oldest
// first, without an index, and the jobs of a lease are one range.
constexpr int shard_shift = 48;
constexpr std::uint64_t id_of(std::uint32_t shard, std::uint64_t number) {
  return std::uint64_t{shard} << shard_shift | number;
}

constexpr std::string_view schema =
    "CREATE TABLE IF NOT EXISTS jobs("
    "id INTEGER PRIMARY KEY, series TEXT NOT NULL, facts BLOB NOT NULL, added_at INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS cursors("
    "partition INTEGER PRIMARY KEY, position INTEGER NOT NULL);"
    // 32 MiB: a burst is taken out again without reading the disk.
    "PRAGMA cache_size=-32768;";

struct Statements {
  sql::Statement insert;
  sql::Statement move_cursor;
  sql::Statement read_cursor;
  sql::Statement oldest;
  sql::Statement remove;
};

Result<Statements> prepare(sql::Database& database) {
  auto insert =
      database.prepare("INSERT INTO jobs(id, series, facts, added_at) VALUES(?, ?, ?, ?)");
  if (!insert) return insert.error();
  auto move_cursor = database.prepare(
      "INSERT INTO cursors(partition, position) VALUES(?, ?) "
      "ON CONFLICT(partition) DO UPDATE SET position = excluded.position");
  if (!move_cursor) return move_cursor.error();
  auto read_cursor = database.prepare("SELECT position FROM cursors WHERE partition = ?");
  if (!read_cursor) return read_cursor.error();
  auto oldest = database.prepare(
      "SELECT id, series, facts, added_at FROM jobs WHERE id >= ? AND id < ? ORDER BY id");
  if (!oldest) return oldest.error();
  auto remove = database.prepare("DELETE FROM jobs WHERE id >= ? AND id <= ?");
  if (!remove) return remove.error();
  return Statements{std::move(*insert), std::move(*move_cursor), std::move(*read_cursor),
                    std::move(*oldest), std::move(*remove)};
}

class Queue final : public Jobs {
 public:
  Queue(std::unique_ptr<disk::Lock> lock, sql::Database database, Statements statements,
        const Clock& clock, const Limits& limits)
      : clock_(clock),
        limits_(limits),
        lock_(std::move(lock)),
        database_(std::move(database)),
        statements_(std::move(statements)),
        shards_(limits.jobs_max) {}

  Result<void> load();
  Result<void> add(const std::vector<NewJob>& jobs, stream::Source source) override;
  Result<stream::Position> cursor(stream::Partition source) override;
  Result<Lease> lease(std::string_view holder, Time now, Duration lease_span,
                      std::size_t jobs_max) override;
  Result<void> finish(const Lease& lease, Time now) override;
  Result<void> give_back(const Lease& lease) override;
  Result<Depth> depth() override;

 private:
  Result<stream::Position> read_cursor(stream::Partition source);
  Result<void> insert(const std::vector<NewJob>& jobs, const stream::Source& source, Time now);
  Result<void> read_jobs(std::size_t jobs_max, Lease& lease);
  // Says whether the transactions that follow are synced. One connection with both is twice as fast
  // as two, which would throw each other's cached pages away.
  Result<void> sync_from_now(bool synced);

  const Clock& clock_;
  const Limits limits_;
  const std::unique_ptr<disk::Lock> lock_;
  std::mutex mutex_;  // guards all below: SQLite has one writer at a time anyhow
  sql::Database database_;
  Statements statements_;
  bool synced_ = true;
  Shards shards_;
  std::uint64_t next_number_ = 1;
};

// Leases need not be cleared: those of an earlier process were in its memory.
Result<void> Queue::load() {
  auto counts = database_.prepare("SELECT id >> 48, count(*), max(id) FROM jobs GROUP BY id >> 48");
  if (!counts) return counts.error();
  for (;;) {
    const auto row = counts->step();
    if (!row) return row.error();
    if (!*row) return {};
    const auto shard = std::uint32_t(counts->integer(0));
    if (shard >= shard_count) {
      return Error{
          Outcome::corrupt,
          "the queue of jobs holds a job of a shard that does not exist; move jobs.db away "
          "and replay the facts"};
    }
    shards_.added(shard, std::uint64_t(counts->integer(1)));
    const std::uint64_t number = std::uint64_t(counts->integer(2)) - id_of(shard, 0);
    next_number_ = std::max(next_number_, number + 1);
  }
}

Result<stream::Position> Queue::read_cursor(stream::Partition source) {
  sql::Statement& statement = statements_.read_cursor;
  const auto row = statement.bind(1, std::int64_t{source.number}).step();
  if (!row) return row.error();
  if (!*row) return stream::Position{};
  const stream::Position position{std::uint64_t(statement.integer(0))};
  statement.reset();
  return position;
}

Result<stream::Position> Queue::cursor(stream::Partition source) {
  const std::lock_guard lock{mutex_};
  return read_cursor(source);
}

Result<void> Queue::add(const std::vector<NewJob>& jobs, stream::Source source) {
  if (auto checked = check(jobs, source); !checked) return checked;
  const Time now = clock_.now();
  const std::lock_guard lock{mutex_};
  if (auto admitted = shards_.admit(jobs.size()); !admitted) return admitted;
  if (auto set = sync_from_now(true); !set) return set;
  auto transaction = sql::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  const auto cursor = read_cursor(source.partition);
  if (!cursor) return cursor.error();
  if (auto follows = check_follows(source, *cursor); !follows) return follows;
  if (auto inserted = insert(jobs, source, now); !inserted) return inserted;
  if (auto committed = transaction->commit(); !committed) return committed;
  for (const NewJob& job : jobs)
    shards_.added(shard_of(job.series), 1);
  return {};
}

Result<void> Queue::insert(const std::vector<NewJob>& jobs, const stream::Source& source,
                           Time now) {
  for (const NewJob& job : jobs) {
    const std::uint64_t id = id_of(shard_of(job.series), next_number_++);
    sql::Statement& statement = statements_.insert;
    statement.bind(1, std::int64_t(id)).bind(2, std::string_view{job.series});
    statement.bind(3, sql::Blob{job.facts}).bind(4, to_microseconds(now));
    if (auto run = statement.run(); !run) return run.error();
  }
  sql::Statement& move = statements_.move_cursor;
  move.bind(1, std::int64_t{source.partition.number}).bind(2, std::int64_t(source.to.number));
  if (auto moved = move.run(); !moved) return moved.error();
  return {};
}

Result<void> Queue::read_jobs(std::size_t jobs_max, Lease& lease) {
  sql::Statement& statement = statements_.oldest;
  statement.bind(1, std::int64_t(id_of(lease.shard, 0)));
  statement.bind(2, std::int64_t(id_of(lease.shard + 1, 0)));
  std::size_t bytes = 0;
  while (lease.jobs.size() < jobs_max && bytes < limits_.lease_bytes_max) {
    const auto row = statement.step();
    if (!row) return row.error();
    if (!*row) break;
    lease.jobs.push_back({std::uint64_t(statement.integer(0)), std::string{statement.text(1)},
                          Bytes{statement.blob(2)}});
    bytes += lease.jobs.back().facts.size();
  }
  statement.reset();
  return {};
}

Result<Lease> Queue::lease(std::string_view holder, Time now, Duration lease_span,
                           std::size_t jobs_max) {
  const std::lock_guard lock{mutex_};
  Lease lease{0, std::string{holder}, {}};
  const auto shard = shards_.take(holder, now, lease_span);
  if (!shard) return lease;
  lease.shard = *shard;
  if (auto read = read_jobs(jobs_max, lease); !read) {
    shards_.release(*shard);
    return read.error();
  }
  return lease;
}

Result<void> Queue::sync_from_now(bool synced) {
  if (synced_ == synced) return {};
  auto set = database_.execute(synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  if (set) synced_ = synced;
  return set;
}

// Whoever holds a shard has its oldest jobs: nothing else lies between the first and the last.
Result<void> Queue::finish(const Lease& lease, Time) {
  const std::lock_guard lock{mutex_};
  if (auto held = shards_.check_held(lease); !held) return held;
  if (!lease.jobs.empty()) {
    if (auto set = sync_from_now(false); !set) return set;
    statements_.remove.bind(1, std::int64_t(lease.jobs.front().id));
    statements_.remove.bind(2, std::int64_t(lease.jobs.back().id));
    const auto count = statements_.remove.run();
    if (!count) return count.error();
    shards_.finished(lease.shard, std::uint64_t(*count));
  }
  shards_.release(lease.shard);
  return {};
}

Result<void> Queue::give_back(const Lease& lease) {
  const std::lock_guard lock{mutex_};
  if (auto held = shards_.check_held(lease); !held) return held;
  shards_.release(lease.shard);
  return {};
}

Result<Depth> Queue::depth() {
  const std::lock_guard lock{mutex_};
  Depth depth{shards_.waiting(), clock_.now()};
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    if (shards_.waiting(shard) == 0) continue;
    sql::Statement& statement = statements_.oldest;
    statement.bind(1, std::int64_t(id_of(shard, 0)));
    const auto row = statement.bind(2, std::int64_t(id_of(shard + 1, 0))).step();
    if (!row) return row.error();
    if (!*row) continue;
    depth.oldest_added_at =
        std::min(depth.oldest_added_at, from_microseconds(statement.integer(3)));
    statement.reset();
  }
  return depth;
}

class FileGauge final : public Gauge {
 public:
  explicit FileGauge(std::filesystem::path file) : file_(std::move(file)) {}

  Result<Depth> depth() override;

 private:
  std::filesystem::path file_;
  std::optional<sql::Database> database_;  // once the file exists
};

Result<Depth> FileGauge::depth() {
  if (!database_) {
    auto database = sql::Database::open_read_only(file_);
    if (!database && database.error().outcome == Outcome::not_found) return Depth{};
    if (!database) return database.error();
    database_ = std::move(*database);
  }
  auto count = database_->prepare("SELECT count(*), coalesce(min(added_at), 0) FROM jobs");
  if (!count) return count.error();
  const auto row = count->step();
  if (!row) return row.error();
  return Depth{std::uint64_t(count->integer(0)), from_microseconds(count->integer(1))};
}

}  // namespace

std::unique_ptr<Gauge> make_gauge(std::filesystem::path file) {
  return std::make_unique<FileGauge>(std::move(file));
}

Result<void> copy(const std::filesystem::path& file, const std::filesystem::path& target) {
  auto copied = sql::copy_database(file, target);
  if (!copied && copied.error().outcome == Outcome::not_found) return {};
  return copied;
}

Result<std::unique_ptr<Jobs>> open(const std::filesystem::path& file, const Clock& clock,
                                   const Options& options) {
  auto lock = disk::lock_file(file.string() + ".lock", options.program, options.lock_wait_max);
  if (!lock) return lock.error();
  auto database = sql::Database::open(file, sql::Durability::synced);
  if (!database) return database.error();
  if (auto made = database->execute(schema); !made) return made.error();
  auto statements = prepare(*database);
  if (!statements) return statements.error();
  auto queue = std::make_unique<Queue>(std::move(*lock), std::move(*database),
                                       std::move(*statements), clock, options.limits);
  if (auto loaded = queue->load(); !loaded) return loaded.error();
  return std::unique_ptr<Jobs>{std::move(queue)};
}

}  // namespace cauce::jobs::sqlite

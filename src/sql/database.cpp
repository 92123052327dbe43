#include "sql/database.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/invariant.h"
#include "sql/connection.h"

namespace cauce::sql {
namespace {

constexpr std::string_view private_database = ":memory:";

// SQLite would create the file readable by everybody. It gives its -wal and -shm files the mode of
// the database, so this is enough. A file that exists is not opened here: closing it would drop
// the locks that this process's other connections hold on it (fcntl locks are per process).
Result<void> create_private_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor >= 0) {
    ::close(descriptor);
    const int directory = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = directory >= 0 && ::fsync(directory) == 0;
    const int reason = errno;
    if (directory >= 0) ::close(directory);
    if (synced) return {};
    return Error{Outcome::corrupt,
                 fmt::format("database {}: cannot sync its directory: {}; the process must stop",
                             file.string(), std::strerror(reason))};
  }
  if (errno == EEXIST) return {};
  const int reason = errno;
  const Outcome outcome = reason == ENOSPC || reason == EDQUOT    ? Outcome::exhausted
                          : reason == ENOENT || reason == ENOTDIR ? Outcome::not_found
                          : reason == EACCES || reason == EROFS   ? Outcome::denied
                                                                  : Outcome::unavailable;
  return Error{outcome, fmt::format("database {}: cannot create it: {}; its directory must exist "
                                    "and be writable",
                                    file.string(), std::strerror(reason))};
}

Result<void> use_wal(Connection& connection) {
  sqlite3_stmt* statement = nullptr;
  constexpr std::string_view sql = "PRAGMA journal_mode=WAL";
  int code =
      sqlite3_prepare_v2(connection.handle(), sql.data(), int(sql.size()), &statement, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  const char* mode = code == SQLITE_ROW
                         ? reinterpret_cast<const char*>(sqlite3_column_text(statement, 0))
                         : nullptr;
  const bool is_wal = mode != nullptr && std::string_view{mode} == "wal";
  Result<void> answer;
  if (code != SQLITE_ROW) {
    answer = connection.failure(code, sql);
  } else if (!is_wal) {
    answer = Error{Outcome::unsupported,
                   fmt::format("database {}: its file system cannot share memory between "
                               "processes, which write-ahead logging needs; use a local disk",
                               connection.file())};
  }
  sqlite3_finalize(statement);
  return answer;
}

}  // namespace

struct Statement::State {
  std::shared_ptr<Connection> connection;
  sqlite3_stmt* handle = nullptr;
  int bind_code = SQLITE_OK;  // the first bind that failed; step() answers it

  State(std::shared_ptr<Connection> owner, sqlite3_stmt* prepared)
      : connection(std::move(owner)), handle(prepared) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { sqlite3_finalize(handle); }

  void keep(int code) {
    INVARIANT(code != SQLITE_RANGE);   // there is no such parameter
    INVARIANT(code != SQLITE_MISUSE);  // bound while a row is being read: reset() first
    if (bind_code == SQLITE_OK) bind_code = code;
  }
  Error failure(int code) const { return connection->failure(code, sqlite3_sql(handle)); }
};

Statement::Statement(std::unique_ptr<State> state) : state_(std::move(state)) {}
Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;
Statement::~Statement() = default;

Statement& Statement::bind(int parameter, std::int64_t value) {
  state_->keep(sqlite3_bind_int64(state_->handle, parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  state_->keep(sqlite3_bind_double(state_->handle, parameter, value));
  return *this;
}

// An empty view may have a null pointer, which SQLite would take for NULL.
Statement& Statement::bind(int parameter, std::string_view value) {
  state_->keep(sqlite3_bind_text64(state_->handle, parameter, value.empty() ? "" : value.data(),
                                   value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int parameter, Blob value) {
  const BytesView bytes = value.bytes;
  state_->keep(sqlite3_bind_blob64(state_->handle, parameter, bytes.empty() ? "" : bytes.data(),
                                   bytes.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  state_->keep(sqlite3_bind_null(state_->handle, parameter));
  return *this;
}

// Reset at the end and after a failure, so that no read transaction stays open behind a statement
// that nobody is reading.
Result<bool> Statement::step() {
  if (auto fit = state_->connection->usable(); !fit) return fit.error();
  if (state_->bind_code != SQLITE_OK) {
    return state_->failure(std::exchange(state_->bind_code, SQLITE_OK));
  }
  const int code = sqlite3_step(state_->handle);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(state_->handle);
    return false;
  }
  Error error = state_->failure(code);
  sqlite3_reset(state_->handle);
  return error;
}

Result<std::int64_t> Statement::run() {
  sqlite3* database = state_->connection->handle();
  const std::int64_t before = sqlite3_total_changes64(database);
  for (;;) {
    const Result<bool> row = step();
    if (!row) return row.error();
    if (!*row) break;
  }
  // changes() keeps the count of an earlier statement when this one cannot change rows.
  if (sqlite3_total_changes64(database) == before) return std::int64_t{0};
  return std::int64_t{sqlite3_changes64(database)};
}

void Statement::reset() {
  sqlite3_reset(state_->handle);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(state_->handle, column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(state_->handle, column);
}

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(state_->handle, column));
  if (text == nullptr) return {};
  return {text, std::size_t(sqlite3_column_bytes(state_->handle, column))};
}

BytesView Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(state_->handle, column));
  if (bytes == nullptr) return {};
  return {bytes, std::size_t(sqlite3_column_bytes(state_->handle, column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(state_->handle, column) == SQLITE_NULL;
}

struct Database::State {
  std::shared_ptr<Connection> connection;
  std::optional<Statement> data_version;  // prepared at the first question
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path& file, Durability durability) {
  const bool is_private = file == private_database;
  // Absolute, so that no name can be read as one of SQLite's "file:" addresses.
  const std::filesystem::path path = is_private ? file : std::filesystem::absolute(file);
  if (!is_private) {
    if (auto created = create_private_file(path); !created) return created.error();
  }
  auto opened = Connection::open(path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!opened) return opened.error();
  Connection& connection = **opened;
  if (!is_private) {
    if (auto wal = use_wal(connection); !wal) return wal.error();
  }
  auto set = connection.execute(durability == Durability::synced ? "PRAGMA synchronous=FULL"
                                                                 : "PRAGMA synchronous=NORMAL");
  // 64 MiB: after a burst the write-ahead log gives the disk back down to this.
  if (set) {
    set = connection.execute(
        "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; "
        "PRAGMA journal_size_limit=67108864");
  }
  if (!set) return set.error();
  return Database{std::make_unique<State>(State{std::move(*opened), std::nullopt})};
}

Result<Database> Database::open_read_only(const std::filesystem::path& file) {
  const std::filesystem::path path = std::filesystem::absolute(file);
  auto opened = Connection::open(path.string(), SQLITE_OPEN_READONLY);
  if (!opened) return opened.error();
  if (auto set = (*opened)->execute("PRAGMA trusted_schema=OFF"); !set) return set.error();
  return Database{std::make_unique<State>(State{std::move(*opened), std::nullopt})};
}

Result<void> Database::execute(std::string_view sql) {
  return state_->connection->execute(sql);
}

Result<Statement> Database::prepare(std::string_view sql) {
  Connection& connection = *state_->connection;
  sqlite3_stmt* handle = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(connection.handle(), sql.data(), int(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, &tail);
  if (code != SQLITE_OK) return connection.failure(code, sql);
  auto state = std::make_unique<Statement::State>(state_->connection, handle);
  const std::string_view rest{tail, std::size_t(sql.data() + sql.size() - tail)};
  if (handle == nullptr || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return Error{Outcome::invalid, fmt::format("database {}: \"{}\" is not exactly one statement",
                                               connection.file(), first_words(sql))};
  }
  return Statement{std::move(state)};
}

Result<std::int64_t> Database::data_version() {
  if (!state_->data_version) {
    auto prepared = prepare("PRAGMA data_version");
    if (!prepared) return prepared.error();
    state_->data_version.emplace(std::move(*prepared));
  }
  Statement& statement = *state_->data_version;
  const auto row = statement.step();
  if (!row) return row.error();
  INVARIANT(*row);
  const std::int64_t version = statement.integer(0);
  statement.reset();
  return version;
}

Result<Transaction> Transaction::begin(Database& database) {
  if (auto begun = database.execute("BEGIN IMMEDIATE"); !begun) return begun.error();
  return Transaction{database};
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

// A rollback fails only where SQLite has rolled back already, or where nothing was written.
Transaction::~Transaction() {
  if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

Result<void> Transaction::commit() {
  INVARIANT(database_ != nullptr);
  auto committed = database_->execute("COMMIT");
  if (committed) database_ = nullptr;
  return committed;
}

Result<Snapshot> Snapshot::begin(Database& database) {
  if (auto begun = database.execute("BEGIN"); !begun) return begun.error();
  return Snapshot{database};
}

Snapshot::Snapshot(Snapshot&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Snapshot::~Snapshot() {
  if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

}  // namespace cauce::sql

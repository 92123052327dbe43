#include "sql/connection.h"

#include <fmt/core.h>

#include <filesystem>
#include <optional>

namespace cauce::sql {
namespace {

constexpr std::size_t first_words_bytes_max = 60;
constexpr std::size_t reason_bytes_max = 200;

// A failed write or sync, after which the process must stop: nobody knows what the disk keeps.
bool is_disk_failure(int code) {
  switch (code) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
    case SQLITE_IOERR_WRITE:
    case SQLITE_IOERR_TRUNCATE:
    case SQLITE_IOERR_CLOSE: return true;
    default: return false;
  }
}

Outcome outcome_of_extended(int code, std::optional<Outcome>& found) {
  switch (code) {
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS: found = Outcome::corrupt; break;
    // The writer that died left something that only a writer may repair.
    case SQLITE_READONLY_RECOVERY:
    case SQLITE_READONLY_ROLLBACK:
    case SQLITE_READONLY_CANTINIT:
    case SQLITE_READONLY_CANTLOCK: found = Outcome::unavailable; break;
    default: break;
  }
  return found.value_or(Outcome::invalid);
}

Outcome outcome_of(int code, const std::string& file) {
  // Not unavailable, which callers try again for ever on a connection that runs nothing any more.
  if (is_disk_failure(code)) return Outcome::corrupt;
  std::optional<Outcome> extended;
  if (const Outcome outcome = outcome_of_extended(code, extended); extended) return outcome;
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM: return Outcome::exhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
    case SQLITE_IOERR: return Outcome::unavailable;
    case SQLITE_CONSTRAINT: return Outcome::conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Outcome::corrupt;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return Outcome::denied;
    case SQLITE_CANTOPEN: {
      std::error_code failure;
      const bool exists = std::filesystem::exists(file, failure);
      return exists || failure ? Outcome::unavailable : Outcome::not_found;
    }
    default: return Outcome::invalid;
  }
}

std::string_view next_step(int code) {
  if (is_disk_failure(code)) {
    return "; what was written last may be lost, so the process must stop and start again";
  }
  switch (code & 0xff) {
    case SQLITE_FULL: return "; free some disk space";
    case SQLITE_BUSY: return "; another connection kept its lock for more than 5 s, try again";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "; stop, keep the file and restore it from a copy";
    case SQLITE_READONLY: return "; this connection or this file can only be read";
    default: return "";
  }
}

}  // namespace

Result<std::shared_ptr<Connection>> Connection::open(const std::string& file, int flags) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  INVARIANT(handle != nullptr);  // null only when out of memory
  std::shared_ptr<Connection> connection{new Connection{handle, file}};
  if (code != SQLITE_OK) return connection->failure(code, "open");
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  return connection;
}

// close_v2 waits for the statements that are still alive.
Connection::~Connection() {
  sqlite3_close_v2(handle_);
}

Error Connection::failure(int code, std::string_view sql) {
  // The caller named a parameter or used a statement that does not exist.
  INVARIANT((code & 0xff) != SQLITE_MISUSE && (code & 0xff) != SQLITE_RANGE);
  if (is_disk_failure(code)) disk_failed_ = true;
  const std::string_view reason = sqlite3_errmsg(handle_);
  return {outcome_of(code, file_),
          fmt::format("database {}: \"{}\" failed: {} (SQLite {}){}", file_, first_words(sql),
                      reason.substr(0, reason_bytes_max), sqlite3_errstr(code), next_step(code))};
}

Result<void> Connection::usable() const {
  if (!disk_failed_) return {};
  return Error{Outcome::corrupt,
               fmt::format("database {}: an earlier write or sync failed, so nothing more is run "
                           "on it; the process must stop and start again",
                           file_)};
}

Result<void> Connection::execute(std::string_view sql) {
  if (auto fit = usable(); !fit) return fit;
  const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code, sql);
  return {};
}

std::string first_words(std::string_view sql) {
  std::string words;
  for (const char character : sql) {
    const bool is_blank = character == ' ' || character == '\n' || character == '\t';
    if (is_blank && (words.empty() || words.back() == ' ')) continue;
    words += is_blank ? ' ' : character;
    if (words.size() == first_words_bytes_max) return words + "…";
  }
  return words;
}

}  // namespace cauce::sql

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "sql/connection.h"
#include "sql/database.h"

namespace cauce::sql {
namespace {

// The copy inherits the mode of the source, so reading it would make a log beside it. Whoever opens
// it to write turns the log on again.
Result<void> make_one_file(const std::filesystem::path& file) {
  auto connection =
      Connection::open(std::filesystem::absolute(file).string(), SQLITE_OPEN_READWRITE);
  if (!connection) return connection.error();
  return (*connection)->execute("PRAGMA synchronous=OFF; PRAGMA journal_mode=DELETE");
}

}  // namespace

Result<void> copy_database(const std::filesystem::path& source,
                           const std::filesystem::path& target) {
  std::error_code failure;
  if (!std::filesystem::exists(source, failure)) {
    return Error{Outcome::not_found, "there is no database " + source.string()};
  }
  auto from = Connection::open(std::filesystem::absolute(source).string(), SQLITE_OPEN_READONLY);
  if (!from) return from.error();
  // SQLite would make it readable by everybody.
  const int made = ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) {
    return Error{errno == ENOSPC ? Outcome::exhausted : Outcome::unavailable,
                 fmt::format("cannot make {}: {}", target.string(), std::strerror(errno))};
  }
  ::close(made);
  auto to = Connection::open(std::filesystem::absolute(target).string(), SQLITE_OPEN_READWRITE);
  if (!to) return to.error();
  // Whoever ordered the copy syncs all of it at the end; a half copy is thrown away.
  if (auto set = (*to)->execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF"); !set) {
    return set;
  }
  sqlite3_backup* backup = sqlite3_backup_init((*to)->handle(), "main", (*from)->handle(), "main");
  if (backup == nullptr) {
    return (*to)->failure(sqlite3_extended_errcode((*to)->handle()), "copy");
  }
  // All pages in one step are one read transaction, which a writer of the log never waits for.
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped == SQLITE_DONE && finished == SQLITE_OK) return make_one_file(target);
  // The failure is kept in the target's connection, whichever of both it was that failed.
  Error error = (*to)->failure(finished == SQLITE_OK ? stepped : finished, "copy");
  return error.during("copy " + source.string());
}

}  // namespace cauce::sql

// One open SQLite connection, and how its failures become errors. Inside this room only.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cauce::sql {

// How long a statement waits for another connection's lock before it answers `unavailable`.
constexpr int busy_timeout_ms = 5000;

// Shared by a Database and its statements, so that either may be destroyed first.
class Connection {
 public:
  // `flags` are those of sqlite3_open_v2.
  static Result<std::shared_ptr<Connection>> open(const std::string& file, int flags);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  sqlite3* handle() const { return handle_; }
  const std::string& file() const { return file_; }

  // The error of the call that just answered `code`, while it ran `sql`.
  Error failure(int code, std::string_view sql);
  // `corrupt` after a failed write or sync: nothing more is run on this connection, because the
  // kernel may have dropped the pages that it could not write (PostgreSQL, 2018).
  Result<void> usable() const;

  Result<void> execute(std::string_view sql);

 private:
  Connection(sqlite3* handle, std::string file) : handle_(handle), file_(std::move(file)) {}

  sqlite3* handle_;
  std::string file_;
  bool disk_failed_ = false;
};

// "INSERT INTO jobs(shard, facts)…": enough of a statement to find it.
std::string first_words(std::string_view sql);

}  // namespace cauce::sql

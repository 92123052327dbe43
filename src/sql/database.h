// The one thin layer over SQL. Rooms write their SQL as text and bind values to `?`; nothing else
// in the program sees SQLite's header. A Database and its statements belong to one thread.
//
//   Result<Statement> insert = database.prepare("INSERT INTO jobs(shard, facts) VALUES(?, ?)");
//   if (!insert) return insert.error();
//   insert->bind(1, shard).bind(2, Blob{facts});
//   if (auto done = insert->run(); !done) return done.error();
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace cauce::sql {

struct Blob {
  BytesView bytes;
};

// A prepared statement. Bind all, step through the rows, reset, use again.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();

  // Parameters count from 1.
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view value);
  Statement& bind(int parameter, Blob value);
  Statement& bind_null(int parameter);

  // True when there is a row to read; false at the end.
  Result<bool> step();
  // Runs a statement that gives no rows, and resets it. Answers how many rows it changed.
  Result<std::int64_t> run();
  void reset();

  // Of the current row; columns count from 0. The views live until the next step or reset.
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  BytesView blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  struct State;
  explicit Statement(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

enum class Durability {
  synced,    // a committed transaction survives a power cut (WAL, synchronous=FULL)
  unsynced,  // survives kill -9; a power cut may lose the last ones, never consistency
};

class Database {
 public:
  // Opens or creates the file in WAL mode; ":memory:" gives a private one.
  static Result<Database> open(const std::filesystem::path& file, Durability durability);
  // For another process's file: reads only; not_found when it does not exist yet.
  static Result<Database> open_read_only(const std::filesystem::path& file);

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // Statements without parameters or rows, separated by ';'.
  Result<void> execute(std::string_view sql);
  Result<Statement> prepare(std::string_view sql);

  // A number that changes when another connection commits (PRAGMA data_version).
  Result<std::int64_t> data_version();

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Copies the database as it is at one moment, also while another process writes to it, to a new
// file that nobody has open; writers do not wait. not_found when there is none yet. The copy is
// private to its owner, and not synced.
Result<void> copy_database(const std::filesystem::path& source,
                           const std::filesystem::path& target);

// BEGIN IMMEDIATE … COMMIT; rolls back when destroyed without commit().
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

// BEGIN … for reading: until it is destroyed, every statement sees the database as it was at the
// first one. Finish or reset the statements before. Keep it short: it holds the log's space.
class Snapshot {
 public:
  static Result<Snapshot> begin(Database& database);
  Snapshot(Snapshot&& other) noexcept;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

 private:
  explicit Snapshot(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace cauce::sql

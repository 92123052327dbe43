#include "sql/database.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace cauce::sql {
namespace {

namespace fs = std::filesystem;

struct Scratch {
  fs::path directory;
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "cauce-sql-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    directory = pattern;
  }
  ~Scratch() { fs::remove_all(directory); }
  fs::path file() const { return directory / "test.db"; }
};

Database opened(const fs::path& file) {
  auto database = Database::open(file, Durability::synced);
  REQUIRE(database);
  return std::move(*database);
}

void must(const Result<void>& result) {
  if (!result) FAIL(result.error().message);
}

std::int64_t count_of(Database& database, std::string_view table) {
  auto statement = database.prepare("SELECT count(*) FROM " + std::string(table));
  REQUIRE(statement);
  auto row = statement->step();
  REQUIRE(row);
  REQUIRE(*row);
  return statement->integer(0);
}

// Runs `work` in another process that then dies as by kill -9.
template <class Work>
void in_killed_process(Work work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("every type of value is read back as it was bound") {
  Database database = opened(":memory:");
  must(database.execute("CREATE TABLE t(a INTEGER, b REAL, c TEXT, d BLOB, e TEXT) STRICT"));
  auto insert = database.prepare("INSERT INTO t VALUES(?, ?, ?, ?, ?)");
  REQUIRE(insert);
  const Bytes bytes{"\0\xff\0", 3};
  insert->bind(1, std::int64_t{INT64_MIN}).bind(2, 21.5).bind(3, "mañana").bind(4, Blob{bytes});
  insert->bind_null(5);
  auto changed = insert->run();
  REQUIRE(changed);
  CHECK(*changed == 1);
  insert->bind(1, std::int64_t{0}).bind(2, 0.0).bind(3, std::string_view{}).bind(4, Blob{});
  REQUIRE(insert->run());

  auto select = database.prepare("SELECT a, b, c, d, e FROM t ORDER BY a");
  REQUIRE(select);
  REQUIRE(*select->step());
  CHECK(select->integer(0) == INT64_MIN);
  CHECK(select->real(1) == 21.5);
  CHECK(select->text(2) == "mañana");
  CHECK(select->blob(3) == bytes);
  CHECK(select->is_null(4));
  REQUIRE(*select->step());
  CHECK(select->text(2).empty());
  CHECK_FALSE(select->is_null(2));
  CHECK(select->blob(3).empty());
  CHECK_FALSE(select->is_null(3));
  CHECK_FALSE(*select->step());
}

TEST_CASE("a file is readable by its owner alone, and so are its companions") {
  Scratch scratch;
  Database database = opened(scratch.file());
  must(database.execute("CREATE TABLE t(a)"));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    CAPTURE(suffix);
    struct stat status{};
    REQUIRE(::stat((scratch.file().string() + suffix).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("what a killed writer had committed is there, and nothing else") {
  Scratch scratch;
  in_killed_process([&] {
    Database database = opened(scratch.file());
    must(database.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
    auto transaction = Transaction::begin(database);
    must(database.execute("INSERT INTO t VALUES(2)"));
    must(transaction->commit());
    auto open_end = Transaction::begin(database);
    must(database.execute("INSERT INTO t VALUES(3)"));
    ::raise(SIGKILL);
  });
  SUBCASE("for a reader that comes first") {
    auto reader = Database::open_read_only(scratch.file());
    REQUIRE(reader);
    CHECK(count_of(*reader, "t") == 2);
  }
  SUBCASE("for the next writer, and for a reader beside it") {
    Database writer = opened(scratch.file());
    CHECK(count_of(writer, "t") == 2);
    auto reader = Database::open_read_only(scratch.file());
    REQUIRE(reader);
    must(writer.execute("INSERT INTO t VALUES(4)"));
    CHECK(count_of(*reader, "t") == 3);
  }
}

TEST_CASE("a reader opens a file that its writer closed in peace") {
  Scratch scratch;
  must(opened(scratch.file()).execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
  CHECK_FALSE(fs::exists(scratch.file().string() + "-wal"));
  auto reader = Database::open_read_only(scratch.file());
  REQUIRE(reader);
  CHECK(count_of(*reader, "t") == 1);
  Database writer = opened(scratch.file());
  must(writer.execute("INSERT INTO t VALUES(2)"));
  CHECK(count_of(*reader, "t") == 2);
}

TEST_CASE("a reader of a missing file is told so and creates nothing") {
  Scratch scratch;
  auto reader = Database::open_read_only(scratch.file());
  REQUIRE_FALSE(reader);
  CHECK(reader.error().outcome == Outcome::not_found);
  CHECK(reader.error().message.find(scratch.file().string()) != std::string::npos);
  CHECK_FALSE(fs::exists(scratch.file()));
}

TEST_CASE("a reader cannot write") {
  Scratch scratch;
  must(opened(scratch.file()).execute("CREATE TABLE t(a)"));
  auto reader = Database::open_read_only(scratch.file());
  REQUIRE(reader);
  auto written = reader->execute("INSERT INTO t VALUES(1)");
  REQUIRE_FALSE(written);
  CHECK(written.error().outcome == Outcome::denied);
}

TEST_CASE("the data version moves with another connection's commits and not without") {
  Scratch scratch;
  Database writer = opened(scratch.file());
  must(writer.execute("CREATE TABLE t(a)"));
  auto reader = Database::open_read_only(scratch.file());
  REQUIRE(reader);
  const std::int64_t before = *reader->data_version();
  CHECK(*reader->data_version() == before);
  must(writer.execute("INSERT INTO t VALUES(1)"));
  CHECK(*reader->data_version() != before);
}

TEST_CASE("a transaction that is not committed leaves nothing") {
  Database database = opened(":memory:");
  must(database.execute("CREATE TABLE t(a)"));
  {
    auto transaction = Transaction::begin(database);
    REQUIRE(transaction);
    must(database.execute("INSERT INTO t VALUES(1)"));
  }
  CHECK(count_of(database, "t") == 0);
  auto transaction = Transaction::begin(database);
  REQUIRE(transaction);
  must(database.execute("INSERT INTO t VALUES(1)"));
  must(transaction->commit());
  CHECK(count_of(database, "t") == 1);
}

TEST_CASE("a broken constraint is a conflict and a statement can be used again after it") {
  Database database = opened(":memory:");
  must(
      database.execute("CREATE TABLE parent(a INTEGER PRIMARY KEY);"
                       "CREATE TABLE child(a INTEGER REFERENCES parent(a))"));
  auto insert = database.prepare("INSERT INTO   parent\n VALUES(?)");
  REQUIRE(insert);
  REQUIRE(insert->bind(1, std::int64_t{7}).run());
  const auto again = insert->run();
  REQUIRE_FALSE(again);
  CHECK(again.error().outcome == Outcome::conflict);
  CHECK(again.error().message.find("INSERT INTO parent VALUES(?)") != std::string::npos);
  CHECK(insert->bind(1, std::int64_t{8}).run());
  const auto orphan = database.execute("INSERT INTO child VALUES(9)");
  REQUIRE_FALSE(orphan);
  CHECK(orphan.error().outcome == Outcome::conflict);
}

TEST_CASE("run counts the rows of its own statement") {
  Database database = opened(":memory:");
  must(database.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1), (2), (3)"));
  auto create = database.prepare("CREATE TABLE u(a)");
  REQUIRE(create);
  CHECK(*create->run() == 0);
  CHECK(*database.prepare("DELETE FROM t WHERE a > 1")->run() == 2);
  CHECK(*database.prepare("DELETE FROM t WHERE a > 1")->run() == 0);
}

TEST_CASE("a full database is exhausted and goes on when there is room") {
  Scratch scratch;
  Database database = opened(scratch.file());
  must(database.execute("CREATE TABLE t(a); PRAGMA max_page_count=3"));
  const auto full = database.execute("INSERT INTO t VALUES(zeroblob(100000))");
  REQUIRE_FALSE(full);
  CHECK(full.error().outcome == Outcome::exhausted);
  must(database.execute("PRAGMA max_page_count=100; INSERT INTO t VALUES(zeroblob(100000))"));
}

TEST_CASE("what is not a database is corrupt and stays untouched") {
  Scratch scratch;
  const std::string foreign(8192, 'x');
  std::ofstream{scratch.file()} << foreign;
  const auto writer = Database::open(scratch.file(), Durability::synced);
  REQUIRE_FALSE(writer);
  CHECK(writer.error().outcome == Outcome::corrupt);
  auto reader = Database::open_read_only(scratch.file());
  REQUIRE(reader);
  CHECK(reader->prepare("SELECT * FROM t").error().outcome == Outcome::corrupt);
  CHECK(fs::file_size(scratch.file()) == foreign.size());
}

TEST_CASE("a file in a missing directory is not found") {
  Scratch scratch;
  const auto database = Database::open(scratch.directory / "absent" / "a.db", Durability::unsynced);
  REQUIRE_FALSE(database);
  CHECK(database.error().outcome == Outcome::not_found);
}

TEST_CASE("an error shows the first words of a long statement only") {
  Database database = opened(":memory:");
  const auto failed = database.execute("SELECT " + std::string(5000, 'x'));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().outcome == Outcome::invalid);
  CHECK(failed.error().message.size() < 500);
}

TEST_CASE("prepare takes exactly one statement") {
  Database database = opened(":memory:");
  CHECK(database.prepare("SELECT 1; "));
  CHECK(database.prepare("SELECT 1; SELECT 2").error().outcome == Outcome::invalid);
  CHECK(database.prepare("  ").error().outcome == Outcome::invalid);
}

TEST_CASE("a statement may outlive its database") {
  auto statement = opened(":memory:").prepare("SELECT 42");
  REQUIRE(statement);
  REQUIRE(*statement->step());
  CHECK(statement->integer(0) == 42);
}

TEST_CASE("a lock that is not given back in time is unavailable") {
  Scratch scratch;
  Database holder = opened(scratch.file());
  Database waiter = opened(scratch.file());
  must(waiter.execute("PRAGMA busy_timeout=0"));
  auto held = Transaction::begin(holder);
  REQUIRE(held);
  const auto refused = Transaction::begin(waiter);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().outcome == Outcome::unavailable);
  must(held->commit());
  CHECK(Transaction::begin(waiter));
}

TEST_CASE("a snapshot stays as it was while others write") {
  Scratch scratch;
  Database writer = opened(scratch.file());
  must(writer.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
  auto reader = Database::open_read_only(scratch.file());
  REQUIRE(reader);
  {
    auto snapshot = Snapshot::begin(*reader);
    REQUIRE(snapshot);
    CHECK(count_of(*reader, "t") == 1);
    must(writer.execute("INSERT INTO t VALUES(2)"));
    CHECK(count_of(*reader, "t") == 1);
  }
  CHECK(count_of(*reader, "t") == 2);
}

TEST_CASE("a database keeps what it promises about syncing") {
  Scratch scratch;
  for (const auto& [durability, level] :
       {std::pair{Durability::synced, 2}, std::pair{Durability::unsynced, 1}}) {
    auto database = Database::open(scratch.file(), durability);
    REQUIRE(database);
    auto synchronous = database->prepare("PRAGMA synchronous");
    REQUIRE(*synchronous->step());
    CHECK(synchronous->integer(0) == level);
    auto mode = database->prepare("PRAGMA journal_mode");
    REQUIRE(*mode->step());
    CHECK(mode->text(0) == "wal");
  }
}

}  // namespace cauce::sql

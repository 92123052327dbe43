#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "sql/check.h"
#include "sql/database.h"

namespace cauce::sql {
namespace {

namespace fs = std::filesystem;

struct Scratch {
  fs::path path;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "cauce-copy-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() { fs::remove_all(path); }
  fs::path file() const { return path / "source.db"; }
  fs::path copy() const { return path / "copy.db"; }
};

void must(const Result<void>& result) {
  if (!result) FAIL(result.error().message);
}

std::int64_t rows_in(const fs::path& file) {
  auto database = Database::open_read_only(file);
  REQUIRE(database);
  auto count = database->prepare("SELECT count(*) FROM t");
  REQUIRE(count);
  REQUIRE(*count->step());
  return count->integer(0);
}

}  // namespace

TEST_CASE("a copy has what was committed when it was taken, also while a transaction is open") {
  const Scratch scratch;
  auto database = *Database::open(scratch.file(), Durability::synced);
  must(database.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1), (2)"));
  {
    auto transaction = Transaction::begin(database);
    REQUIRE(transaction);
    must(database.execute("INSERT INTO t VALUES(3)"));
    must(copy_database(scratch.file(), scratch.copy()));
    must(transaction->commit());
  }
  CHECK(rows_in(scratch.copy()) == 2);
  CHECK(rows_in(scratch.file()) == 3);
}

TEST_CASE("a copy is one file that its owner alone can read, and becomes a database again") {
  const Scratch scratch;
  {
    auto database = *Database::open(scratch.file(), Durability::synced);
    must(database.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
    must(copy_database(scratch.file(), scratch.copy()));
  }
  struct stat status{};
  REQUIRE(::stat(scratch.copy().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(rows_in(scratch.copy()) == 1);
  CHECK_FALSE(fs::exists(scratch.copy().string() + "-wal"));
  auto database = *Database::open(scratch.copy(), Durability::synced);
  must(database.execute("INSERT INTO t VALUES(2)"));
  CHECK(rows_in(scratch.copy()) == 2);
}

TEST_CASE("a copy replaces nothing, and what is not there is not copied") {
  const Scratch scratch;
  CHECK(copy_database(scratch.file(), scratch.copy()).error().outcome == Outcome::not_found);
  CHECK_FALSE(fs::exists(scratch.copy()));
  {
    auto database = *Database::open(scratch.file(), Durability::synced);
    must(database.execute("CREATE TABLE t(a)"));
  }
  std::ofstream{scratch.copy()} << "mine";
  CHECK_FALSE(copy_database(scratch.file(), scratch.copy()));
  CHECK(fs::file_size(scratch.copy()) == 4);
}

TEST_CASE("a check reads what the log holds, and a path that looks like an address") {
  const Scratch scratch;
  fs::create_directory(scratch.path / "a?b#c%20");
  const fs::path file = scratch.path / "a?b#c%20" / "source.db";
  {
    auto database = *Database::open(file, Durability::synced);
    must(database.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
    must(check_database(file));
  }
  must(check_database(file));
}

TEST_CASE("a damaged database is found by a check that changes nothing") {
  const Scratch scratch;
  CHECK(check_database(scratch.file()).error().outcome == Outcome::not_found);
  {
    auto database = *Database::open(scratch.file(), Durability::synced);
    must(database.execute("CREATE TABLE t(a); CREATE INDEX i ON t(a)"));
    for (int number = 0; number < 500; ++number)
      must(database.execute("INSERT INTO t VALUES(randomblob(100))"));
  }
  must(check_database(scratch.file()));
  CHECK(std::distance(fs::directory_iterator(scratch.path), {}) == 1);
  {
    std::fstream file{scratch.file(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(3 * 4096);
    file << std::string(2000, '\xff');
  }
  const auto checked = check_database(scratch.file());
  REQUIRE_FALSE(checked);
  CHECK(checked.error().outcome == Outcome::corrupt);
  CHECK(checked.error().message.find("source.db") != std::string::npos);
}

}  // namespace cauce::sql

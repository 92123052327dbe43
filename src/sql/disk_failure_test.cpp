// What happens when the disk under a database fails: SQLite's own file layer with a switch in it.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <new>

#include "sql/database.h"

namespace cauce::sql {
namespace {

namespace fs = std::filesystem;

struct Disk {
  sqlite3_vfs* real = nullptr;
  bool sync_fails = false;
  bool write_fails = false;
  bool is_full = false;
  int syncs = 0;
};
Disk disk;

// A file of the failing disk; the real one lies behind it in the same allocation.
struct FailingFile {
  sqlite3_file base;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<FailingFile*>(file)->real();
}

template <auto Method, class... Arguments>
int forward(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* real = real_of(file);
  return (real->pMethods->*Method)(real, arguments...);
}

int write_or_fail(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  if (disk.write_fails) return SQLITE_IOERR_WRITE;
  if (disk.is_full) return SQLITE_FULL;
  return forward<&sqlite3_io_methods::xWrite>(file, bytes, count, offset);
}

int sync_or_fail(sqlite3_file* file, int flags) {
  ++disk.syncs;
  if (disk.sync_fails) return SQLITE_IOERR_FSYNC;
  return forward<&sqlite3_io_methods::xSync>(file, flags);
}

void barrier(sqlite3_file* file) {
  sqlite3_file* real = real_of(file);
  real->pMethods->xShmBarrier(real);
}

const sqlite3_io_methods methods{
    2,
    forward<&sqlite3_io_methods::xClose>,
    forward<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    write_or_fail,
    forward<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    sync_or_fail,
    forward<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    forward<&sqlite3_io_methods::xLock, int>,
    forward<&sqlite3_io_methods::xUnlock, int>,
    forward<&sqlite3_io_methods::xCheckReservedLock, int*>,
    forward<&sqlite3_io_methods::xFileControl, int, void*>,
    forward<&sqlite3_io_methods::xSectorSize>,
    forward<&sqlite3_io_methods::xDeviceCharacteristics>,
    forward<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
    forward<&sqlite3_io_methods::xShmLock, int, int, int>,
    barrier,
    forward<&sqlite3_io_methods::xShmUnmap, int>,
    nullptr,
    nullptr,
};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  const int code = disk.real->xOpen(disk.real, name, real_of(file), flags, flags_out);
  if (code == SQLITE_OK) file->pMethods = &methods;
  return code;
}

// Makes every database opened in its scope use the failing disk.
struct FailingDisk {
  sqlite3_vfs vfs;
  fs::path directory;

  FailingDisk() {
    disk = Disk{};
    disk.real = sqlite3_vfs_find(nullptr);
    vfs = *disk.real;
    vfs.zName = "failing";
    vfs.szOsFile = int(sizeof(FailingFile)) + disk.real->szOsFile;
    vfs.xOpen = open_file;
    REQUIRE(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
    std::string pattern = (fs::temp_directory_path() / "cauce-sql-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    directory = pattern;
  }
  ~FailingDisk() {
    sqlite3_vfs_unregister(&vfs);
    fs::remove_all(directory);
  }

  Database open(Durability durability = Durability::synced) const {
    auto database = Database::open(directory / "test.db", durability);
    REQUIRE(database);
    REQUIRE(database->execute("CREATE TABLE IF NOT EXISTS t(a)"));
    return std::move(*database);
  }
};

}  // namespace

TEST_CASE("a failed sync ends the use of the connection, although the next would succeed") {
  FailingDisk failing;
  Database database = failing.open();
  auto insert = database.prepare("INSERT INTO t VALUES(1)");
  REQUIRE(insert);
  disk.sync_fails = true;
  const auto failed = insert->run();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().outcome == Outcome::corrupt);
  CHECK(failed.error().message.find("must stop") != std::string::npos);
  disk.sync_fails = false;
  for (const auto& refused :
       {database.execute("INSERT INTO t VALUES(2)"), database.execute("SELECT 1")}) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().outcome == Outcome::corrupt);
    CHECK(refused.error().message.find("must stop") != std::string::npos);
  }
  CHECK_FALSE(insert->run());
}

TEST_CASE("a commit that can't be synced is not reported as committed") {
  FailingDisk failing;
  Database database = failing.open();
  auto transaction = Transaction::begin(database);
  REQUIRE(transaction);
  REQUIRE(database.execute("INSERT INTO t VALUES(1)"));
  disk.sync_fails = true;
  const auto committed = transaction->commit();
  REQUIRE_FALSE(committed);
  CHECK(committed.error().outcome == Outcome::corrupt);
}

TEST_CASE("a failed write ends the use of the connection") {
  FailingDisk failing;
  Database database = failing.open();
  disk.write_fails = true;
  const auto failed = database.execute("INSERT INTO t VALUES(1)");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().outcome == Outcome::corrupt);
  disk.write_fails = false;
  CHECK_FALSE(database.execute("INSERT INTO t VALUES(1)"));
}

TEST_CASE("a full disk is exhausted, and the connection goes on when there is room") {
  FailingDisk failing;
  Database database = failing.open();
  disk.is_full = true;
  const auto full = database.execute("INSERT INTO t VALUES(1)");
  REQUIRE_FALSE(full);
  CHECK(full.error().outcome == Outcome::exhausted);
  disk.is_full = false;
  CHECK(database.execute("INSERT INTO t VALUES(1)"));
}

TEST_CASE("every synced commit is a sync of the log, an unsynced one is none") {
  FailingDisk failing;
  {
    Database database = failing.open(Durability::synced);
    const int before = disk.syncs;
    REQUIRE(database.execute("INSERT INTO t VALUES(1)"));
    CHECK(disk.syncs > before);
  }
  Database database = failing.open(Durability::unsynced);
  REQUIRE(database.execute("INSERT INTO t VALUES(1)"));  // a new log syncs its header
  const int before = disk.syncs;
  REQUIRE(database.execute("INSERT INTO t VALUES(2)"));
  REQUIRE(database.execute("INSERT INTO t VALUES(3)"));
  CHECK(disk.syncs == before);
}

}  // namespace cauce::sql

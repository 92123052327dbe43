#include "disk/memory/memory.h"

#include <doctest/doctest.h>

#include <set>

namespace cauce::disk {
namespace {

struct Disk {
  MemoryDisk disk;
  std::unique_ptr<Directory> root = disk.root();
  std::unique_ptr<File> file = *root->open("x", Open::create);
};

}  // namespace

TEST_CASE("what was synced survives every power cut, what was not has many fates") {
  std::set<Bytes> fates;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Disk test;
    REQUIRE(test.file->write_at(0, Bytes(6000, 'a')));
    REQUIRE(test.file->sync());
    REQUIRE(test.root->sync());
    REQUIRE(test.file->write_at(6000, Bytes(10000, 'b')));
    test.disk.cut_power(seed);
    const Bytes left = test.disk.bytes_of("x");
    CHECK(left.substr(0, 6000) == Bytes(6000, 'a'));
    fates.insert(left);
  }
  CHECK(fates.size() > 20);
  CHECK(fates.contains(Bytes(6000, 'a')));
}

TEST_CASE("a name is lost or kept until its directory is synced") {
  std::set<std::size_t> fates;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Disk test;
    test.disk.cut_power(seed);
    fates.insert(test.disk.files().size());
  }
  CHECK(fates == std::set<std::size_t>{0, 1});
}

TEST_CASE("after a kill the bytes are there and the handles are dead") {
  Disk test;
  const auto lock = *test.root->lock("lock", "one", Duration{0});
  CHECK(test.root->lock("lock", "two", Duration{0}).error().outcome == Outcome::conflict);
  REQUIRE(test.file->write_at(0, "abc"));
  test.disk.kill();
  CHECK(test.disk.bytes_of("x") == "abc");
  CHECK(test.file->write_at(0, "def").error().outcome == Outcome::unavailable);
  CHECK(test.file->sync().error().outcome == Outcome::unavailable);
  CHECK(test.disk.root()->lock("lock", "two", Duration{0}));
}

TEST_CASE("a failed sync loses its pages although they can be read") {
  Disk test;
  REQUIRE(test.root->sync());
  test.disk.fail_sync(2);
  REQUIRE(test.file->write_at(0, Bytes(4096, 'a')));
  REQUIRE(test.file->sync());
  REQUIRE(test.file->write_at(0, Bytes(4096, 'b')));
  CHECK(test.file->sync().error().outcome == Outcome::unavailable);
  CHECK(test.disk.bytes_of("x") == Bytes(4096, 'b'));
  CHECK(test.file->sync());
  test.disk.cut_power(1);
  CHECK(test.disk.bytes_of("x") == Bytes(4096, 'a'));
}

TEST_CASE("a full disk writes what fits and says so") {
  Disk test;
  test.disk.set_room(10);
  REQUIRE(test.file->write_at(0, Bytes(10, 'a')));
  CHECK(test.file->write_at(5, Bytes(6, 'b')).error().outcome == Outcome::exhausted);
  CHECK(test.disk.size_of("x") == 10);
  CHECK(test.file->reserve(11).error().outcome == Outcome::exhausted);
  test.disk.set_room(12);
  REQUIRE(test.file->reserve(12));
  CHECK((*test.root->open("y", Open::create))->write_at(0, "a").error().outcome ==
        Outcome::exhausted);
  CHECK(test.file->write_at(10, "bb"));
}

}  // namespace cauce::disk

#include "objects/files/files.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "objects/objects_contract.h"
#include "objects/scratch.h"

namespace cauce::objects {
namespace {

std::size_t files_below(const std::filesystem::path& directory) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    count += entry.is_regular_file() ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("objects in files keep the contract") {
  const Scratch scratch;
  auto objects = file_objects(scratch.path / "deep" / "store");
  contract::check(*objects, scratch.path);
}

TEST_CASE("another process sees the objects and reading makes nothing") {
  const Scratch scratch;
  auto reader = file_objects(scratch.path / "store");
  CHECK(contract::keys_of(*reader, "").empty());
  CHECK(reader->get("a").error().outcome == Outcome::not_found);
  CHECK_FALSE(std::filesystem::exists(scratch.path / "store"));
  auto writer = file_objects(scratch.path / "store");
  REQUIRE(writer->put("a/b", "x"));
  CHECK(*reader->get("a/b") == "x");
  CHECK(contract::keys_of(*reader, "") == std::vector<std::string>{"a/b"});
}

TEST_CASE("exactly one of many processes creates an object, and it is whole") {
  const Scratch scratch;
  constexpr int processes = 6;
  constexpr int rounds = 30;
  std::vector<pid_t> children;
  for (int process = 0; process < processes; ++process) {
    const pid_t child = fork();
    if (child == 0) {
      auto objects = file_objects(scratch.path / "store");
      int wins = 0;
      for (int round = 0; round < rounds; ++round) {
        const Bytes bytes(100'000, static_cast<char>('a' + process));
        auto created = objects->create("log/" + std::to_string(round), bytes);
        if (created) ++wins;
        if (!created && created.error().outcome != Outcome::conflict) _exit(255);
      }
      _exit(wins);
    }
    children.push_back(child);
  }
  int wins = 0;
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) != 255);
    wins += WEXITSTATUS(status);
  }
  CHECK(wins == rounds);
  auto objects = file_objects(scratch.path / "store");
  for (int round = 0; round < rounds; ++round) {
    const auto bytes = objects->get("log/" + std::to_string(round));
    REQUIRE(bytes);
    CHECK(*bytes == Bytes(100'000, bytes->front()));
  }
}

TEST_CASE("what a dead process left half written is no object and is swept") {
  const Scratch scratch;
  const std::filesystem::path store = scratch.path / "store";
  const pid_t child = fork();
  if (child == 0) {
    auto objects = file_objects(store);
    if (!objects->put("a", "x")) _exit(1);
    // Left as a kill in the middle of a write leaves it.
    for (const auto& entry : std::filesystem::directory_iterator(store / ".tmp")) {
      std::ofstream(entry.path() / "99") << "half";
    }
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(files_below(store / ".tmp") == 1);

  auto alive = file_objects(store);
  REQUIRE(alive->put("b", "x"));
  CHECK(files_below(store / ".tmp") == 0);
  CHECK(std::distance(std::filesystem::directory_iterator(store / ".tmp"), {}) == 1);
  auto second = file_objects(store);
  REQUIRE(second->put("c", "x"));
  CHECK(std::distance(std::filesystem::directory_iterator(store / ".tmp"), {}) == 2);
  REQUIRE(alive->put("d", "x"));
  CHECK(contract::keys_of(*alive, "") == std::vector<std::string>{"a", "b", "c", "d"});
  alive.reset();
  second.reset();
  CHECK(std::distance(std::filesystem::directory_iterator(store / ".tmp"), {}) == 0);
}

TEST_CASE("a full disk is exhausted, changes nothing and is no longer so once there is room") {
  const Scratch scratch;
  const SmallDisk disk(scratch.path / "small", "size=1m");
  if (!disk.mounted) {
    MESSAGE("skipped: mounting a small file system needs root");
    return;
  }
  auto objects = file_objects(disk.path / "store");
  REQUIRE(objects->put("kept", Bytes(300'000, 'k')));
  const Bytes large(800'000, 'l');
  const std::filesystem::path file = scratch.path / "file";
  std::ofstream(file) << large;
  CHECK(objects->put("large", large).error().outcome == Outcome::exhausted);
  CHECK(objects->create("large", large).error().outcome == Outcome::exhausted);
  CHECK(objects->put_file("large", file).error().outcome == Outcome::exhausted);
  CHECK(std::filesystem::exists(file));
  CHECK(contract::keys_of(*objects, "") == std::vector<std::string>{"kept"});
  CHECK(files_below(disk.path / "store" / ".tmp") == 0);
  REQUIRE(objects->remove("kept"));
  // Another file system than the file's: it is copied.
  CHECK(objects->put_file("large", file).has_value());
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK(*objects->get("large") == large);
}

TEST_CASE("bytes over the limit are refused by name and limit, a file may be larger") {
  const Scratch scratch;
  auto objects = file_objects(scratch.path / "store");
  const std::size_t count = object_bytes_max + 1;
  void* room = mmap(nullptr, count, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(room != MAP_FAILED);
  auto refused = objects->put("huge", BytesView(static_cast<const char*>(room), count));
  munmap(room, count);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().outcome == Outcome::invalid);
  CHECK(refused.error().message.find("huge") != std::string::npos);

  const std::filesystem::path file = scratch.path / "file";
  std::ofstream(file) << "";
  std::filesystem::resize_file(file, count);
  REQUIRE(objects->put_file("huge", file));
  CHECK(std::filesystem::file_size(*objects->local_copy("huge")) == count);
  CHECK(objects->list("")->at(0).bytes == count);
  const auto got = objects->get("huge");
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().outcome == Outcome::invalid);
}

}  // namespace cauce::objects

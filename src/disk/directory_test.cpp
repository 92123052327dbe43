#include "disk/directory.h"

#include <doctest/doctest.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "disk/free_space.h"
#include "disk/futex.h"
#include "disk/memory/memory.h"
#include "disk/posix.h"

namespace cauce::disk {
namespace {

// A directory of the real disk that goes away with the test.
struct Scratch {
  std::filesystem::path path;
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "disk_test_XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Scratch() { std::filesystem::remove_all(path); }
};

Bytes content(File& file) {
  Bytes bytes(std::size_t(*file.size()), '\0');
  REQUIRE(*file.read_at(0, bytes.data(), bytes.size()) == bytes.size());
  return bytes;
}

void check_directory(Directory& root) {
  auto deep = root.directory("a")->directory("b");
  CHECK(deep->list().error().outcome == Outcome::not_found);
  CHECK(deep->open("x", Open::create).error().outcome == Outcome::not_found);
  REQUIRE(deep->make());
  REQUIRE(deep->make());
  CHECK(deep->open("x", Open::read).error().outcome == Outcome::not_found);
  CHECK(deep->open("x", Open::write).error().outcome == Outcome::not_found);

  auto file = *deep->open("x", Open::create);
  REQUIRE(file->reserve(10000));
  CHECK(*file->size() == 0);
  REQUIRE(file->write_at(3, "def"));
  REQUIRE(file->write_at(0, "abc"));
  REQUIRE(file->sync());
  CHECK(content(*file) == "abcdef");
  std::array<char, 8> target{};
  CHECK(*file->read_at(4, target.data(), target.size()) == 2);
  CHECK(*file->read_at(60, target.data(), target.size()) == 0);
  REQUIRE(file->truncate(2));
  CHECK(content(*file) == "ab");

  REQUIRE(deep->rename("x", "y"));
  CHECK(*deep->list() == std::vector<std::string>{"y"});
  REQUIRE(deep->sync());
  CHECK(deep->rename("x", "z").error().outcome == Outcome::not_found);
  CHECK(content(**deep->open("y", Open::read)) == "ab");
  REQUIRE(deep->remove("y"));
  CHECK(deep->remove("y").error().outcome == Outcome::not_found);
  CHECK(deep->list()->empty());
  CHECK(*root.list() == std::vector<std::string>{"a"});
}

void check_page(Directory& root) {
  CHECK(root.map("head", Open::read).error().outcome == Outcome::not_found);
  REQUIRE((*root.open("head", Open::create))->write_at(0, "short"));
  CHECK(root.map("head", Open::read).error().outcome == Outcome::not_found);
  auto writer = *root.map("head", Open::create);
  auto reader = *root.map("head", Open::read);
  CHECK(BytesView(reader->bytes(), 5) == "short");
  writer->bytes()[page_bytes - 1] = 'x';
  CHECK(reader->bytes()[page_bytes - 1] == 'x');
  CHECK(writer->sync());
}

}  // namespace

TEST_CASE("the real and the memory disk do the same") {
  const Scratch scratch;
  check_directory(*posix_directory(scratch.path));
  MemoryDisk disk;
  check_directory(*disk.root());
}

TEST_CASE("a page is shared by all who map it") {
  const Scratch scratch;
  check_page(*posix_directory(scratch.path));
  MemoryDisk disk;
  check_page(*disk.root());
}

TEST_CASE("a lock has one holder, and the next one reads who it is") {
  const Scratch scratch;
  auto root = posix_directory(scratch.path);
  auto held = root->lock("lock", "cauce gateway", Duration{0});
  REQUIRE(held);
  const auto refused = root->lock("lock", "cauce flow", std::chrono::milliseconds{20});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().outcome == Outcome::conflict);
  CHECK(refused.error().message.find("cauce gateway (pid " + std::to_string(getpid()) + ")") !=
        std::string::npos);
  held->reset();
  CHECK(root->lock("lock", "cauce flow", Duration{0}));
}

TEST_CASE("who waits for a lock gets it when its holder dies") {
  const Scratch scratch;
  auto root = posix_directory(scratch.path);
  std::array<int, 2> started{};
  std::array<int, 2> finish{};
  REQUIRE(pipe(started.data()) == 0);
  REQUIRE(pipe(finish.data()) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto held = root->lock("lock", "holder", Duration{0});
    char byte = held ? 'y' : 'n';
    if (write(started[1], &byte, 1) == 1 && read(finish[0], &byte, 1) == 1) _exit(0);
    _exit(1);
  }
  char byte = 'n';
  REQUIRE(read(started[0], &byte, 1) == 1);
  CHECK(byte == 'y');
  CHECK_FALSE(root->lock("lock", "waiter", Duration{0}));
  REQUIRE(write(finish[1], &byte, 1) == 1);
  CHECK(root->lock("lock", "waiter", std::chrono::seconds{30}));
  waitpid(child, nullptr, 0);
  for (const int end : {started[0], started[1], finish[0], finish[1]})
    close(end);
}

TEST_CASE("a sleeper on a word is woken across its value's change") {
  std::uint32_t word = 1;
  wait_while(word, 2, std::chrono::hours{1});  // returns at once: the word is not 2
  wait_while(word, 1, Duration{1000});         // returns when the span is over
  std::thread sleeper{[&word] { wait_while(word, 1, std::chrono::seconds{30}); }};
  std::atomic_ref{word}.store(2);
  wake_all(word);
  sleeper.join();
}

TEST_CASE("free space is measured and compared with a percentage") {
  const auto space = free_space_of("/")->measure();
  REQUIRE(space);
  CHECK(space->bytes_total > 0);
  CHECK(space->bytes_free <= space->bytes_total);
  struct statvfs state{};
  REQUIRE(statvfs("/", &state) == 0);
  const double reserved = double(state.f_bfree - state.f_bavail) * double(state.f_frsize);
  const double all = double(state.f_blocks) * double(state.f_frsize);
  CHECK(double(space->bytes_total) == doctest::Approx(all - reserved));
  CHECK(free_space_of("/nowhere/at/all")->measure().error().outcome == Outcome::not_found);
  CHECK_FALSE(Space{.bytes_total = 1000, .bytes_free = 150}.below_percent(15));
  CHECK(Space{.bytes_total = 1000, .bytes_free = 149}.below_percent(15));
}

}  // namespace cauce::disk

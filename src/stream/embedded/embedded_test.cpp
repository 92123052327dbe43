#include "stream/embedded/embedded.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "disk/memory/memory.h"
#include "disk/posix.h"
#include "stream/stream_contract.h"

namespace cauce::stream::embedded {
namespace {

const Options contract_options{.partitions = 2,
                               .bytes_in_flight_max = contract_bytes_in_flight_max,
                               .segment_bytes_max = 4096,
                               .lock_span_max = Duration{0}};

class MemoryDiskFixture final : public ContractFixture {
 public:
  MemoryDiskFixture() { reopen(); }
  void reopen() override {
    disk_.kill();
    root_ = disk_.root();
    topic_ = make_topic(*root_, "raw", contract_options, clock());
  }
  Topic& topic() override { return *topic_; }

 private:
  disk::MemoryDisk disk_;
  std::unique_ptr<disk::Directory> root_;
  std::unique_ptr<Topic> topic_;
};

class RealDiskFixture final : public ContractFixture {
 public:
  RealDiskFixture() {
    std::string name = (std::filesystem::temp_directory_path() / "stream_test_XXXXXX").string();
    path_ = mkdtemp(name.data());
    reopen();
  }
  ~RealDiskFixture() override { std::filesystem::remove_all(path_); }
  void reopen() override {
    root_ = disk::posix_directory(path_);
    topic_ = make_topic(*root_, "raw", contract_options, clock());
  }
  Topic& topic() override { return *topic_; }

 private:
  std::filesystem::path path_;
  std::unique_ptr<disk::Directory> root_;
  std::unique_ptr<Topic> topic_;
};

// Another process, which runs `body` and ends with its answer.
template <class Body>
pid_t start_process(Body body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  return child;
}

// Appends a numbered record at a time for ever, and tells each acknowledge to `told`.
int write_until_killed(Topic& topic, int told) {
  auto writer = topic.open_writer();
  if (!writer) return 1;
  for (std::uint64_t number = 0;; ++number) {
    Bytes record;
    put_u64(record, number);
    const auto taken = (*writer)->append({}, {record}, [told](Result<Position> first) {
      if (!first || write(told, &first->number, sizeof first->number) < 0) _exit(2);
    });
    if (!taken || !(*writer)->worker().step()) return 3;
  }
}

}  // namespace

TEST_CASE("the embedded engine keeps the contract of the stream on a memory disk") {
  check_contract([] { return std::make_unique<MemoryDiskFixture>(); });
}

TEST_CASE("the embedded engine keeps the contract of the stream on a real disk") {
  check_contract([] { return std::make_unique<RealDiskFixture>(); });
}

TEST_CASE("a reader in another process, there before the topic, sees every record") {
  RealDiskFixture fixture;
  const pid_t child = start_process([&fixture] {
    const auto reader = *fixture.topic().open_reader();
    std::uint64_t seen = 0;
    while (seen < 200) {
      const auto batch = reader->read({}, {seen}, 1000);
      if (!batch) return 1;
      for (const BytesView record : batch->records) {
        if (record != std::to_string(seen++)) return 2;
      }
      if (batch->records.empty()) reader->wait({}, {seen}, std::chrono::seconds{30});
    }
    return 0;
  });
  const auto writer = *fixture.topic().open_writer();
  for (int number = 0; number < 200; ++number) {
    REQUIRE(writer->append({}, {std::to_string(number)}, nullptr));
    REQUIRE(writer->worker().step());
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a writer killed at work loses nothing that it acknowledged") {
  for (std::uint64_t acknowledged = 1; acknowledged < 200; acknowledged += 37) {
    RealDiskFixture fixture;
    std::array<int, 2> told{};
    REQUIRE(pipe(told.data()) == 0);
    const pid_t child = start_process([&] { return write_until_killed(fixture.topic(), told[1]); });
    close(told[1]);
    std::uint64_t last = 0;
    for (std::uint64_t count = 0; count < acknowledged; ++count) {
      REQUIRE(read(told[0], &last, sizeof last) == sizeof last);
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    // What it still told before it died counts too.
    while (read(told[0], &last, sizeof last) == sizeof last)
      continue;
    close(told[0]);
    const auto writer = fixture.topic().open_writer();
    REQUIRE(writer);
    const auto reader = *fixture.topic().open_reader();
    const std::uint64_t end = reader->end({})->number;
    CHECK(end > last);
    for (std::uint64_t number = 0; number < end;) {
      const auto batch = reader->read({}, {number}, 1000);
      REQUIRE(batch);
      for (const BytesView record : batch->records)
        CHECK(ByteReader{record}.u64() == number++);
    }
  }
}

}  // namespace cauce::stream::embedded

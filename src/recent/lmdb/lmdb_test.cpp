#include "recent/lmdb/lmdb.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>

#include "recent/recent_contract.h"

namespace cauce::recent::lmdb {
namespace {

using contract::at;
using contract::boiler;
using contract::point;

// A directory of its own for each test, removed with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "recent-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Options small() {
  Options options;
  options.month_bytes_max = 64 << 20;
  return options;
}

Change minute_of(const char* start) {
  return {{{boiler, at(start), {point(start, 1.0)}}}, {}, {}};
}

// A reader in another process, which answers how many points it sees each time it is asked.
class OtherProcess {
 public:
  explicit OtherProcess(const std::filesystem::path& directory) {
    REQUIRE(::pipe(questions_.data()) == 0);
    REQUIRE(::pipe(answers_.data()) == 0);
    child_ = ::fork();
    if (child_ == 0) serve(directory);
    ::close(questions_[0]);
    ::close(answers_[1]);
  }
  ~OtherProcess() {
    ::close(questions_[1]);
    ::close(answers_[0]);
    ::waitpid(child_, nullptr, 0);
  }

  std::uint64_t count_points() {
    char question = '?';
    std::uint64_t count = 0;
    REQUIRE(::write(questions_[1], &question, 1) == 1);
    REQUIRE(::read(answers_[0], &count, sizeof count) == sizeof count);
    return count;
  }

 private:
  [[noreturn]] void serve(const std::filesystem::path& directory) {
    ::close(questions_[1]);
    auto reader = open_reader(directory);
    char question = 0;
    while (reader && ::read(questions_[0], &question, 1) == 1) {
      const auto points = (*reader)->points(boiler, time_min, time_max, 99);
      const std::uint64_t count = points ? points->size() : UINT64_MAX;
      if (::write(answers_[1], &count, sizeof count) != sizeof count) break;
    }
    ::_exit(0);
  }

  std::array<int, 2> questions_{};
  std::array<int, 2> answers_{};
  pid_t child_ = -1;
};

}  // namespace

TEST_CASE("the store on LMDB keeps the contract of the recent store") {
  std::vector<std::unique_ptr<TemporaryDirectory>> directories;
  contract::check([&](const Clock& clock, Limits limits, std::uint64_t month_bytes_max) {
    directories.push_back(std::make_unique<TemporaryDirectory>());
    auto writer =
        open_writer(directories.back()->path(), clock, {limits, month_bytes_max, "the test"});
    REQUIRE(writer);
    return std::move(*writer);
  });
}

TEST_CASE("what was committed is there after the store is opened again") {
  const TemporaryDirectory directory;
  const VirtualClock clock{at("2026-11-21T12:00:00Z")};
  for (std::size_t round = 0; round < 3; ++round) {
    auto writer = open_writer(directory.path() / "recent", clock, small());
    REQUIRE(writer);
    CHECK((*writer)->reader().points(boiler, time_min, time_max, 9)->size() == round);
    const Time start = at("2026-10-31T23:59:00Z") + std::chrono::minutes{round};
    Point moved = point("2026-10-31T23:59:00Z", 1.0);
    moved.time = start;
    REQUIRE((*writer)->commit({{{boiler, start, {moved}}}, {}, {}}));
  }
}

TEST_CASE("a reader in another process sees months come and go") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "recent";
  OtherProcess other{path};
  CHECK(other.count_points() == 0);  // before the directory exists
  const VirtualClock clock{at("2026-11-21T12:00:00Z")};
  auto writer = open_writer(path, clock, small());
  REQUIRE(writer);
  CHECK(other.count_points() == 0);
  REQUIRE((*writer)->commit(minute_of("2026-10-31T23:59:00Z")));
  CHECK(other.count_points() == 1);
  REQUIRE((*writer)->commit(minute_of("2026-11-01T00:00:00Z")));
  REQUIRE((*writer)->commit(minute_of("2026-11-02T00:00:00Z")));
  CHECK(other.count_points() == 3);
  CHECK(*(*writer)->expire(at("2027-01-30T00:00:00Z")) == 1);
  CHECK(other.count_points() == 2);
  // The same month anew is another file.
  REQUIRE((*writer)->commit(minute_of("2026-10-15T00:00:00Z")));
  CHECK(other.count_points() == 3);
}

TEST_CASE("a reader follows a writer that was given a larger size limit") {
  const TemporaryDirectory directory;
  const VirtualClock clock{at("2026-11-21T12:00:00Z")};
  OtherProcess other{directory.path()};
  Options options = small();
  options.month_bytes_max = 1 << 20;
  auto writer = open_writer(directory.path(), clock, options);
  REQUIRE(writer);
  REQUIRE((*writer)->commit(minute_of("2026-11-01T00:00:00Z")));
  CHECK(other.count_points() == 1);
  writer->reset();
  writer = open_writer(directory.path(), clock, small());
  REQUIRE(writer);
  const Time start = at("2026-11-02T00:00:00Z");
  Change large{{{boiler, start, {}}}, {}, {}};
  for (int index = 0; index < 1000; ++index) {
    large.minutes[0].points.push_back(
        {start + Duration{index}, std::string(4096, 'x'), record::Quality::good, {}});
  }
  REQUIRE((*writer)->commit(large));
  CHECK(other.count_points() == 99);
}

TEST_CASE("a second writer is refused and told who the first one is") {
  const TemporaryDirectory directory;
  const VirtualClock clock{at("2026-11-21T12:00:00Z")};
  Options options = small();
  options.program = "cauce flow";
  options.lock_wait_max = Duration{0};
  const auto first = open_writer(directory.path(), clock, options);
  REQUIRE(first);
  const auto second = open_writer(directory.path(), clock, options);
  REQUIRE_FALSE(second);
  CHECK(second.error().outcome == Outcome::conflict);
  CHECK(second.error().message.find("cauce flow") != std::string::npos);
}

TEST_CASE("what a crash left half made or half removed is swept") {
  const TemporaryDirectory directory;
  const VirtualClock clock{at("2026-11-21T12:00:00Z")};
  std::filesystem::create_directories(directory.path() / ".2026-11.new");
  std::ofstream{directory.path() / ".2026-11.new/data.mdb"} << "half";
  std::filesystem::create_directories(directory.path() / ".2026-01.expired");
  auto writer = open_writer(directory.path(), clock, small());
  REQUIRE(writer);
  REQUIRE((*writer)->commit(minute_of("2026-11-01T00:00:00Z")));
  CHECK_FALSE(std::filesystem::exists(directory.path() / ".2026-11.new"));
  CHECK_FALSE(std::filesystem::exists(directory.path() / ".2026-01.expired"));
  CHECK((*writer)->reader().points(boiler, time_min, time_max, 9)->size() == 1);
}

TEST_CASE("a damaged file is corrupt, not empty") {
  const TemporaryDirectory directory;
  const VirtualClock clock{at("2026-11-21T12:00:00Z")};
  std::filesystem::create_directories(directory.path() / "2026-11");
  std::ofstream{directory.path() / "2026-11/data.mdb"} << std::string(8192, 'x');
  auto reader = open_reader(directory.path());
  REQUIRE(reader);
  const auto points = (*reader)->points(boiler, time_min, time_max, 9);
  REQUIRE_FALSE(points);
  CHECK(points.error().outcome == Outcome::corrupt);
  CHECK(points.error().message.find("2026-11") != std::string::npos);
}

TEST_CASE("many threads read while one writes, and each sees whole commits") {
  const TemporaryDirectory directory;
  const VirtualClock clock{at("2026-11-21T12:00:00Z")};
  auto writer = open_writer(directory.path(), clock, small());
  REQUIRE(writer);
  const Time start = at("2026-11-01T00:00:00Z");
  std::atomic<bool> done{false};
  std::atomic<int> torn{0};
  std::vector<std::thread> readers;
  for (int index = 0; index < 3; ++index) {
    readers.emplace_back([&] {
      while (!done) {
        const auto points = (*writer)->reader().points(boiler, time_min, time_max, 99);
        // Each commit writes two minutes of as many points.
        if (!points || points->size() % 2 != 0) ++torn;
      }
    });
  }
  for (int count = 1; count <= 20; ++count) {
    Change change;
    for (const Time minute : {start, start + std::chrono::minutes{1}}) {
      MinutePoints& points = change.minutes.emplace_back(MinutePoints{boiler, minute, {}});
      for (int index = 0; index < count; ++index) {
        points.points.push_back({minute + Duration{index}, 1.0, record::Quality::good, {}});
      }
    }
    REQUIRE((*writer)->commit(change));
  }
  done = true;
  for (std::thread& reader : readers)
    reader.join();
  CHECK(torn == 0);
}

}  // namespace cauce::recent::lmdb

#include "jobs/sqlite/sqlite.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "jobs/jobs_contract.h"

namespace cauce::jobs::sqlite {
namespace {

using contract::job;
using contract::lease_span;
using contract::noon;
using contract::range;

// A directory of its own for each test, removed with it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "jobs-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path file() const { return path_ / "jobs.db"; }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("the queue in SQLite keeps the contract of the queue") {
  std::vector<std::unique_ptr<TemporaryDirectory>> directories;
  contract::check([&](const Clock& clock, Limits limits) {
    directories.push_back(std::make_unique<TemporaryDirectory>());
    auto jobs = open(directories.back()->file(), clock, {.limits = limits, .program = "a test"});
    REQUIRE(jobs);
    return std::move(*jobs);
  });
}

TEST_CASE("jobs and cursor are there after the queue is opened again, and leases are not") {
  const TemporaryDirectory directory;
  const VirtualClock clock{noon};
  auto jobs = open(directory.file(), clock, {});
  REQUIRE(jobs);
  REQUIRE((*jobs)->add({job("acme/a/m", "1"), job("acme/a/m", "2")}, range(0, 5)));
  const Lease held = *(*jobs)->lease("before", noon, lease_span, 1);
  REQUIRE(held.jobs.size() == 1);
  jobs->reset();

  jobs = open(directory.file(), clock, {});
  REQUIRE(jobs);
  CHECK(*(*jobs)->cursor(stream::Partition{0}) == stream::Position{5});
  CHECK((*jobs)->depth()->jobs == 2);
  const auto late = (*jobs)->finish(held, noon);
  REQUIRE_FALSE(late);
  CHECK(late.error().outcome == Outcome::conflict);
  const Lease again = *(*jobs)->lease("after", noon, lease_span, 256);
  REQUIRE(again.jobs.size() == 2);
  CHECK(again.jobs[0].id == held.jobs[0].id);
  REQUIRE((*jobs)->add({job("acme/a/m", "3")}, range(5, 6)));
  REQUIRE((*jobs)->finish(again, noon));
  const Lease last = *(*jobs)->lease("after", noon, lease_span, 256);
  REQUIRE(last.jobs.size() == 1);
  CHECK(last.jobs[0].facts == "3");
}

TEST_CASE("a second process is refused and told who the first one is") {
  const TemporaryDirectory directory;
  const VirtualClock clock{noon};
  const Options options{.limits = {}, .program = "cauce flow", .lock_wait_max = Duration{0}};
  const auto first = open(directory.file(), clock, options);
  REQUIRE(first);
  const auto second = open(directory.file(), clock, options);
  REQUIRE_FALSE(second);
  CHECK(second.error().outcome == Outcome::conflict);
  CHECK(second.error().message.find("cauce flow") != std::string::npos);
}

}  // namespace cauce::jobs::sqlite

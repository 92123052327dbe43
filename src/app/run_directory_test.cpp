#include "app/run_directory.h"

#include <doctest/doctest.h>

#include <fstream>

#include "objects/scratch.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;

struct Run {
  objects::Scratch scratch;
  RunDirectory directory{scratch.path};

  Run() { REQUIRE(directory.create()); }
  void holds(const char* file, std::string_view content) const {
    std::ofstream{scratch.path / "run" / file} << content;
  }
};

}  // namespace

TEST_CASE("what a running cauce writes about itself is read again") {
  const Run run;
  CHECK(run.directory.read_processes()->empty());
  REQUIRE(run.directory.write({{"mqtt", {"127.0.0.1", 1883}}}));
  REQUIRE(run.directory.write(7, {{"gateway", 8, "running", 2, "killed by signal 9", Time{}}}));
  CHECK(run.directory.read_addresses()->at("mqtt").port == 1883);
  const auto processes = run.directory.read_processes();
  REQUIRE(processes);
  REQUIRE(processes->size() == 1);
  CHECK(processes->front().pid == 8);
  CHECK(processes->front().restarts == 2);
}

TEST_CASE("a file of another shape is an error that names it, and ends no process") {
  const Run run;
  for (const char* strange : {"", "[]", R"({"mqtt":1})", R"({"mqtt":{"host":1,"port":2}})",
                              R"({"mqtt":{"host":"a","port":65536}})"}) {
    CAPTURE(strange);
    run.holds("addresses.json", strange);
    const auto addresses = run.directory.read_addresses();
    REQUIRE_FALSE(addresses);
    CHECK(addresses.error().outcome == Outcome::corrupt);
    CHECK(addresses.error().message.find("addresses.json") != std::string::npos);
  }
  for (const char* strange :
       {"{}", R"({"processes":[1]})",
        R"({"processes":[{"name":"gateway","pid":1e99,"state":"","restarts":0,"last_exit":"",)"
        R"("since":""}]})"}) {
    CAPTURE(strange);
    run.holds("processes.json", strange);
    const auto processes = run.directory.read_processes();
    REQUIRE_FALSE(processes);
    CHECK(processes.error().outcome == Outcome::corrupt);
  }
}

}  // namespace cauce::app

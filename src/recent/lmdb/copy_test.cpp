#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>

#include "recent/lmdb/lmdb.h"
#include "recent/recent_contract.h"

namespace cauce::recent::lmdb {
namespace {

using contract::at;
using contract::boiler;
using contract::point;
namespace fs = std::filesystem;

struct Scratch {
  fs::path path;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "recent-copy-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() { fs::remove_all(path); }
};

Change minute_of(const char* start) {
  return {{{boiler, at(start), {point(start, 1.0)}}}, {}, {}};
}

}  // namespace

TEST_CASE("a copy has every month as it was, and is a store again") {
  const Scratch scratch;
  VirtualClock clock{at("2026-11-21T12:00:00Z")};
  const auto writer = *open_writer(scratch.path / "recent", clock, {});
  REQUIRE(writer->commit(minute_of("2026-10-31T23:59:00Z")));
  REQUIRE(writer->commit(minute_of("2026-11-21T10:00:00Z")));
  REQUIRE(copy_months(scratch.path / "recent", scratch.path / "copy"));
  REQUIRE(writer->commit(minute_of("2026-11-21T11:00:00Z")));

  CHECK(fs::file_size(scratch.path / "copy" / "2026-11" / "data.mdb") > 0);
  CHECK_FALSE(fs::exists(scratch.path / "copy" / "2026-11" / "lock.mdb"));
  const auto copy = *open_writer(scratch.path / "copy", clock, {});
  CHECK(copy->reader().minute(boiler, at("2026-10-31T23:59:00Z"))->size() == 1);
  CHECK(copy->reader().minute(boiler, at("2026-11-21T10:00:00Z"))->size() == 1);
  CHECK(copy->reader().minute(boiler, at("2026-11-21T11:00:00Z"))->empty());
  CHECK(copy->commit(minute_of("2026-11-21T11:00:00Z")));
}

TEST_CASE("a store that was never written gives an empty copy") {
  const Scratch scratch;
  REQUIRE(copy_months(scratch.path / "recent", scratch.path / "copy"));
  CHECK(fs::is_empty(scratch.path / "copy"));
  CHECK(*check_months(scratch.path / "recent") == 0);
}

TEST_CASE("a month that is no store is found by a check") {
  const Scratch scratch;
  VirtualClock clock{at("2026-11-21T12:00:00Z")};
  {
    const auto writer = *open_writer(scratch.path / "recent", clock, {});
    REQUIRE(writer->commit(minute_of("2026-11-21T10:00:00Z")));
  }
  CHECK(*check_months(scratch.path / "recent") == 1);
  fs::resize_file(scratch.path / "recent" / "2026-11" / "data.mdb", 100);
  const auto checked = check_months(scratch.path / "recent");
  REQUIRE_FALSE(checked);
  CHECK(checked.error().message.find("2026-11") != std::string::npos);
}

}  // namespace cauce::recent::lmdb

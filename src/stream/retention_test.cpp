#include "stream/retention.h"

#include <doctest/doctest.h>

#include "disk/memory/memory.h"
#include "stream/embedded/embedded.h"

namespace cauce::stream {
namespace {

constexpr std::uint64_t disk_bytes = 1'000'000;
constexpr std::uint64_t record_bytes = 1000;

// A disk of which the test says how much others use; the rest is what the stream's files leave.
class TestSpace final : public disk::FreeSpace {
 public:
  explicit TestSpace(const disk::MemoryDisk& disk) : disk_(disk) {}
  Result<disk::Space> measure() override {
    if (broken) return Error{Outcome::unavailable, "cannot measure"};
    std::uint64_t used = others;
    for (const std::string& path : disk_.files())
      used += disk_.size_of(path);
    return disk::Space{.bytes_total = disk_bytes, .bytes_free = disk_bytes - used};
  }
  std::uint64_t others = 0;
  bool broken = false;

 private:
  const disk::MemoryDisk& disk_;
};

struct Story {
  VirtualClock clock{from_microseconds(1'700'000'000'000'000)};
  disk::MemoryDisk disk;
  std::unique_ptr<disk::Directory> root = disk.root();
  std::unique_ptr<Topic> topic =
      embedded::make_topic(*root, "raw", {.segment_bytes_max = 10'000}, clock);
  std::unique_ptr<Writer> writer = *topic->open_writer();
  std::unique_ptr<Reader> reader = *topic->open_reader();
  std::unique_ptr<Cursors> cursors = *topic->open_cursors();
  TestSpace space{disk};
  std::unique_ptr<work::Worker> retention = retention_for({"lake"});

  std::unique_ptr<work::Worker> retention_for(std::vector<std::string> groups) {
    return retain(*writer, *topic->open_reader(), *topic->open_cursors(), space, clock,
                  RetentionOptions{.groups = std::move(groups)});
  }

  // One record an hour, each segment holds nine.
  void append_hours(int hours) {
    for (int hour = 0; hour < hours; ++hour) {
      REQUIRE(writer->append({}, {Bytes(record_bytes, 'x')}, nullptr));
      REQUIRE(writer->worker().step());
      clock.advance(std::chrono::hours{1});
    }
  }

  void look() { CHECK(*retention->step() == work::Progress::worked); }
  std::uint64_t first() { return reader->first({})->number; }
};

}  // namespace

TEST_CASE("old segments go when the lake has passed them, and not before") {
  Story story;
  story.append_hours(60);
  story.look();
  CHECK(story.first() == 0);
  CHECK(*story.retention->step() == work::Progress::idle);

  REQUIRE(story.cursors->commit("other", {}, {60}));
  story.clock.advance(std::chrono::seconds{10});
  story.look();
  CHECK(story.first() == 0);

  REQUIRE(story.cursors->commit("lake", {}, {20}));
  story.clock.advance(std::chrono::seconds{10});
  story.look();
  CHECK(story.first() == 18);

  REQUIRE(story.cursors->commit("lake", {}, {60}));
  story.clock.advance(std::chrono::seconds{10});
  story.look();
  // Records 0 to 35 are older than 24 hours: four whole segments.
  CHECK(story.first() == 36);
}

TEST_CASE("of several groups the slowest holds what it has not passed") {
  for (const auto& groups : {std::vector<std::string>{"lake", "decode"}, {"decode", "lake"}}) {
    Story story;
    story.retention = story.retention_for(groups);
    story.append_hours(60);
    REQUIRE(story.cursors->commit("decode", {}, {60}));
    story.look();
    CHECK(story.first() == 0);

    REQUIRE(story.cursors->commit("lake", {}, {20}));
    story.clock.advance(std::chrono::seconds{10});
    story.look();
    CHECK(story.first() == 18);
  }
}

TEST_CASE("a full disk takes the oldest that the lake has passed, and no more than it needs") {
  Story story;
  story.append_hours(0);
  for (int count = 0; count < 90; ++count) {
    REQUIRE(story.writer->append({}, {Bytes(record_bytes, 'x')}, nullptr));
    REQUIRE(story.writer->worker().step());
  }
  REQUIRE(story.cursors->commit("lake", {}, {80}));
  story.look();
  CHECK(story.first() == 0);

  // 30 kB less than 15 % are free.
  std::uint64_t used = disk_bytes - story.space.measure()->bytes_free;
  story.space.others = 850'000 + 30'000 - used;
  story.clock.advance(std::chrono::seconds{10});
  story.look();
  CHECK_FALSE(story.space.measure()->below_percent(15));
  CHECK(story.first() >= 27);
  CHECK(story.first() <= 45);

  story.space.others = 900'000;
  story.clock.advance(std::chrono::seconds{10});
  story.look();
  // Not even a full disk takes what the lake has not passed.
  CHECK(story.first() == 72);
}

TEST_CASE("retention that can't measure keeps everything and goes on") {
  Story story;
  story.append_hours(30);
  REQUIRE(story.cursors->commit("lake", {}, {3}));
  story.space.broken = true;
  story.look();
  CHECK(story.first() == 0);
}

TEST_CASE("intake is refused below 5 % of free disk") {
  const disk::MemoryDisk disk;
  TestSpace space{disk};
  space.others = disk_bytes / 100 * 95;
  CHECK_FALSE(*must_refuse_intake(space));
  ++space.others;
  CHECK(*must_refuse_intake(space));
  space.broken = true;
  CHECK_FALSE(must_refuse_intake(space));
}

}  // namespace cauce::stream

#include "stream/embedded/writer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "stream/embedded/fault_story.h"
#include "stream/embedded/format.h"
#include "stream/embedded/head.h"

namespace cauce::stream::embedded {
namespace {

constexpr Duration interval = std::chrono::milliseconds{50};

}  // namespace

TEST_CASE("all that waits becomes durable by one write and one sync") {
  FaultStory story{Options{}};
  story.append(1, 100);
  REQUIRE(story.step());
  const std::uint64_t syncs = story.disk().syncs();
  for (int times = 0; times < 500; ++times)
    story.append(2, 100);
  CHECK(*story.step() == work::Progress::worked);
  CHECK(story.disk().syncs() == syncs + 1);
  CHECK(story.acknowledged() == 1001);
  CHECK(*story.step() == work::Progress::idle);
}

TEST_CASE("a group carries no more than its limit, and an append may span groups") {
  FaultStory story{Options{.group_bytes_max = 1000}};
  story.append(std::vector<Bytes>(10, Bytes(400, 'x')));
  int steps = 0;
  while (*story.step() == work::Progress::worked) {
    ++steps;
    CHECK(story.acknowledged() == (steps == 4 ? 10 : 0));
  }
  CHECK(steps == 4);
  CHECK(*story.read_all() == story.sent());
}

TEST_CASE("a topic with a sync interval writes at once and shows records only once synced") {
  FaultStory story{Options{.sync_interval_min = interval}};
  const auto derive = [&story](std::uint64_t number) {
    REQUIRE(story.writer().append_derived({}, {"x"}, {{}, {number}, {number + 1}}));
    return *story.step();
  };
  CHECK(derive(0) == work::Progress::worked);
  CHECK(story.reader().end({})->number == 1);
  const std::uint64_t syncs = story.disk().syncs();
  const std::string path = partition_path + segment_name({});
  const Bytes bytes = story.disk().bytes_of(path);
  for (std::uint64_t number = 1; number < 10; ++number) {
    story.clock().advance(interval / 10);
    CHECK(derive(number) == work::Progress::worked);
    CHECK(*story.step() == work::Progress::idle);
  }
  CHECK(story.disk().bytes_of(path) != bytes);
  CHECK(story.disk().syncs() == syncs);
  CHECK(story.reader().end({})->number == 1);
  CHECK(story.reader().derived_end({}, {})->number == 1);
  story.clock().advance(interval / 10);
  CHECK(*story.step() == work::Progress::worked);
  CHECK(story.disk().syncs() == syncs + 1);
  CHECK(story.reader().end({})->number == 10);
  CHECK(story.reader().derived_end({}, {})->number == 10);
}

TEST_CASE("several unsynced frames torn by a power cut are cut off, not taken for damage") {
  std::size_t cuts = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    FaultStory story{Options{.segment_bytes_max = 30'000, .sync_interval_min = interval}};
    story.reseed(seed);
    std::uint64_t next = 0;
    const auto derive = [&] {
      std::vector<Bytes> records(story.random().below(3), Bytes(3000, char('a' + next % 26)));
      REQUIRE(story.writer().append_derived({}, std::move(records), {{}, {next}, {next + 1}}));
      REQUIRE(story.step());
      ++next;
    };
    for (int count = 0; count < 8; ++count)
      derive();
    story.clock().advance(interval);
    REQUIRE(story.step());
    const Position synced = *story.reader().end({});
    const Position derived = *story.reader().derived_end({}, {});
    REQUIRE(derived.number == next);
    for (int count = 0; count < 5; ++count)
      derive();
    story.disk().cut_power(seed);
    REQUIRE(story.open());
    CHECK(*story.reader().end({}) >= synced);
    const Position left = story.writer().derived_end({}, {});
    CHECK(left >= derived);
    CHECK(left.number <= next);
    CHECK(left == *story.reader().derived_end({}, {}));
    CHECK(story.read_all());
    if (left.number < next) ++cuts;
  }
  CHECK(cuts > 300);
}

TEST_CASE("small groups overwrite zeros that are there; a large one makes the file longer") {
  constexpr std::uint64_t step_bytes = 256 << 10;
  FaultStory story{Options{}};
  const std::string path = partition_path + segment_name({});
  for (int group = 0; group < 700; ++group) {
    story.append({Bytes(900, 'x')});
    REQUIRE(story.step());
    CHECK(story.disk().size_of(path) == (story.bytes_synced(path) / step_bytes + 1) * step_bytes);
  }
  CHECK(story.disk().size_of(path) == 3 * step_bytes);
  story.append({Bytes(400'000, 'y')});
  REQUIRE(story.step());
  CHECK(story.disk().size_of(path) == story.bytes_synced(path));
  story.append({"z"});
  REQUIRE(story.step());
  CHECK(story.disk().size_of(path) == 5 * step_bytes);
  CHECK(*story.read_all() == story.sent());
  story.close();
  CHECK(story.disk().size_of(path) == story.bytes_synced(path));
}

TEST_CASE("zeros that a killed process laid out are used by the next one") {
  FaultStory story{Options{}};
  const std::string path = partition_path + segment_name({});
  for (int life = 0; life < 5; ++life) {
    story.append(3, 900);
    REQUIRE(story.step());
    const std::uint64_t bytes = story.disk().size_of(path);
    CHECK(bytes > story.bytes_synced(path));
    story.disk().kill();
    REQUIRE(story.open());
    CHECK(story.disk().size_of(path) == bytes);
    story.check_nothing_lost();
  }
  CHECK(*story.read_all() == story.sent());
  story.close();
  CHECK(story.disk().size_of(path) == story.bytes_synced(path));
}

TEST_CASE("room for a whole segment is set aside again after a stop") {
  FaultStory story{Options{.segment_bytes_max = 100'000}};
  story.append({"first"});
  REQUIRE(story.step());
  REQUIRE(story.open());
  story.disk().set_room(0);
  for (int group = 0; group < 90; ++group) {
    story.append({Bytes(900, 'x')});
    CHECK(*story.step() == work::Progress::worked);
  }
  CHECK(*story.read_all() == story.sent());
}

TEST_CASE("a stale or flipped head is only a hint") {
  FaultStory story{Options{}};
  story.append(5, 100);
  REQUIRE(story.step());
  const Bytes old_head = story.disk().bytes_of(partition_path + "head");
  story.append(5, 100);
  REQUIRE(story.step());
  for (int fate = 0; fate < 3; ++fate) {
    story.close();
    if (fate == 0) story.disk().put(partition_path + "head", old_head);
    if (fate == 1) story.disk().erase(partition_path + "head");
    if (fate == 2) story.disk().put(partition_path + "head", Bytes(disk::page_bytes, '\xff'));
    REQUIRE(story.open());
    CHECK(story.reader().end({})->number == 10);
    CHECK(*story.read_all() == story.sent());
  }
}

TEST_CASE("a reader opened before the topic exists sees it appear") {
  disk::MemoryDisk disk;
  const auto root = disk.root();
  const VirtualClock clock{time_min};
  const auto topic = make_topic(*root, "raw", {}, clock);
  const auto reader = *topic->open_reader();
  CHECK(reader->first({})->number == 0);
  CHECK(reader->end({})->number == 0);
  CHECK(reader->read({}, {}, 100)->records.empty());
  CHECK(reader->position_at({}, time_min)->number == 0);
  CHECK(reader->derived_end({}, {})->number == 0);
  CHECK(reader->end({partitions_max}).error().outcome == Outcome::invalid);
  reader->wake();
  reader->wait({}, {0}, std::chrono::seconds{30});
  const auto writer = *topic->open_writer();
  REQUIRE(writer->append({}, {"x"}, nullptr));
  REQUIRE(writer->worker().step());
  reader->wait({}, {0}, std::chrono::seconds{30});
  CHECK(reader->read({}, {}, 100)->records == std::vector<Bytes>{"x"});
}

TEST_CASE("a reader that stands in a segment that is deleted is told so") {
  FaultStory story{Options{.segment_bytes_max = 4000}};
  for (int count = 0; count < 30; ++count) {
    story.append(1, 900);
    REQUIRE(story.step());
  }
  CHECK(story.reader().read({}, {0}, 1)->records.size() == 1);
  REQUIRE(story.writer().trim({}, {20}));
  const auto gone = story.reader().read({}, {1}, 1);
  CHECK(gone.error().outcome == Outcome::not_found);
  const Position first = *story.reader().first({});
  CHECK(gone.error().message.find(std::to_string(first.number)) != std::string::npos);
  CHECK(story.reader().read({}, first, 1)->records.front() == story.sent()[first.number]);
}

TEST_CASE("a segment that somebody deleted by hand does not keep those after it") {
  FaultStory story{Options{.segment_bytes_max = 4000}};
  for (int count = 0; count < 30; ++count) {
    story.append(1, 900);
    REQUIRE(story.step());
  }
  story.disk().erase(story.segments().front());
  CHECK(story.writer().trim({}, {20}));
  REQUIRE(story.open());
  CHECK(*story.reader().first({}) > Position{0});
  CHECK(story.read_all());
}

TEST_CASE("a trim that failed half way leaves no hole behind the next one") {
  FaultStory story{Options{.segment_bytes_max = 4000}};
  for (int count = 0; count < 30; ++count) {
    story.append(1, 900);
    REQUIRE(story.step());
  }
  story.disk().fail_sync(1);
  CHECK_FALSE(story.writer().trim({}, {10}));
  const Position first = *story.reader().first({});
  REQUIRE(story.writer().trim({}, {5}));
  CHECK(*story.reader().first({}) == first);
  REQUIRE(story.writer().trim({}, {20}));
  CHECK(*story.reader().first({}) > first);
  REQUIRE(story.open());
  CHECK(*story.reader().first({}) > first);
  CHECK(story.read_all());
}

TEST_CASE("a position by time is the one that reading all of it finds") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    FaultStory story{Options{.segment_bytes_max = 300'000}};
    story.reseed(seed);
    const Time start = story.clock().now();
    for (int group = 0; group < 60; ++group) {
      // Some share a time, some frames are longer than what lies between two marks of the index.
      if (story.random().below(3) > 0) story.clock().advance(Duration{100});
      story.append(1 + story.random().below(30), story.random().below(8) == 0 ? 9000 : 900);
      REQUIRE(story.step());
    }
    if (seed % 2 == 0) REQUIRE(story.writer().trim({}, {story.sent().size() / 3}));
    const Position first = *story.reader().first({});
    std::vector<Time> times;
    for (Position from = first;; from = {first.number + times.size()}) {
      const auto batch = *story.reader().read({}, from, 50'000);
      if (batch.records.empty()) break;
      times.insert(times.end(), batch.appended_at.begin(), batch.appended_at.end());
    }
    for (int times_asked = 0; times_asked < 300; ++times_asked) {
      const Time time = start + Duration{std::int64_t(story.random().below(6200))};
      const auto found = std::lower_bound(times.begin(), times.end(), time) - times.begin();
      CHECK(story.reader().position_at({}, time)->number == first.number + std::uint64_t(found));
    }
  }
}

TEST_CASE("a position by time opens few segments of many") {
  FaultStory story{Options{.segment_bytes_max = 1000}};
  const Time start = story.clock().now();
  for (int count = 0; count < 500; ++count) {
    story.clock().advance(Duration{100});
    story.append({Bytes(900, 'x')});
    REQUIRE(story.step());
  }
  REQUIRE(story.segments().size() == 500);
  for (const std::uint64_t number : {0, 1, 77, 250, 499}) {
    const std::uint64_t opens = story.disk().opens();
    const Time time = start + Duration{100 * std::int64_t(number + 1)};
    CHECK(story.reader().position_at({}, time)->number == number);
    // Nine to find it among 500, one to look into it.
    CHECK(story.disk().opens() - opens <= 10);
  }
}

TEST_CASE("a restarted writer serves readers that stayed open") {
  FaultStory story{Options{}};
  story.append(3, 100);
  REQUIRE(story.step());
  story.close();
  disk::MemoryDisk& disk = story.disk();
  const auto root = disk.root();
  const auto topic = make_topic(*root, "raw", {}, story.clock());
  const auto reader = *topic->open_reader();
  CHECK(reader->read({}, {}, 1 << 20)->to.number == 3);
  for (int life = 0; life < 3; ++life) {
    const auto writer = *topic->open_writer();
    CHECK(reader->end({})->number == 3 + std::uint64_t(life));
    REQUIRE(writer->append({}, {"x"}, nullptr));
    REQUIRE(writer->worker().step());
    CHECK(reader->read({}, {3 + std::uint64_t(life)}, 10)->records == std::vector<Bytes>{"x"});
  }
}

TEST_CASE("producers, the writer and readers on threads of their own agree") {
  constexpr std::size_t producers = 3;
  constexpr std::uint64_t appends = 2000;
  disk::MemoryDisk disk;
  const auto root = disk.root();
  const SystemClock clock;
  const auto topic =
      make_topic(*root, "raw", {.bytes_in_flight_max = 10'000, .segment_bytes_max = 20'000}, clock);
  const auto writer = *topic->open_writer();
  std::atomic<std::uint64_t> acknowledged{0};
  std::atomic<bool> finished{false};
  std::thread syncing{[&] {
    while (!finished) {
      auto progress = writer->worker().step();
      if (!progress) return;
      if (*progress == work::Progress::idle) writer->worker().wait(std::chrono::seconds{1});
    }
  }};
  std::vector<std::thread> threads;
  for (std::size_t producer = 0; producer < producers; ++producer) {
    threads.emplace_back([&] {
      for (std::uint64_t number = 0; number < appends;) {
        Bytes record;
        put_u64(record, number);
        if (writer->append({}, {record}, [&](auto) { ++acknowledged; })) {
          ++number;
        } else {
          std::this_thread::yield();
        }
      }
    });
  }
  std::uint64_t seen = 0;
  threads.emplace_back([&] {
    const auto reader = *topic->open_reader();
    while (seen < producers * appends) {
      const auto batch = reader->read({}, {seen}, 3000);
      if (!batch) return;
      seen = batch->to.number;
      if (batch->records.empty()) reader->wait({}, {seen}, std::chrono::seconds{30});
    }
  });
  for (std::thread& thread : threads)
    thread.join();
  finished = true;
  writer->worker().wake();
  syncing.join();
  CHECK(seen == producers * appends);
  CHECK(acknowledged == producers * appends);
}

}  // namespace cauce::stream::embedded

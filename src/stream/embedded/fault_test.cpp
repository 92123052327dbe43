#include <doctest/doctest.h>

#include <algorithm>

#include "stream/embedded/fault_story.h"
#include "stream/embedded/format.h"

namespace cauce::stream::embedded {
namespace {

constexpr std::uint64_t seeds = 1000;
const Options small_segments{.segment_bytes_max = 40'000};
const Options packed_segments{.segment_bytes_max = 40'000, .pack = true};

// A few groups, the last of them perhaps written and not synced.
void live_a_little(FaultStory& story) {
  const std::uint64_t groups = 1 + story.random().below(8);
  for (std::uint64_t group = 0; group < groups; ++group) {
    story.append(1 + story.random().below(20), 900);
    if (story.random().below(3) == 0) story.append(1, 20'000);
    story.clock().advance(Duration{100});
    REQUIRE(story.step());
  }
}

// Writes a group whose sync does not come back: the process dies in it.
void die_in_sync(FaultStory& story) {
  story.append(1 + story.random().below(20), 900);
  story.disk().fail_sync(1);
  CHECK_FALSE(story.step());
}

}  // namespace

TEST_CASE("a torn tail loses no acknowledged record") {
  std::size_t cuts = 0;
  std::size_t survived = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    FaultStory story{seed % 2 == 0 ? small_segments : packed_segments};
    story.reseed(seed);
    for (int life = 0; life < 3; ++life) {
      live_a_little(story);
      const std::size_t before = story.acknowledged();
      // Not by a failed sync, which would drop the pages: the power goes between write and sync.
      story.append(1 + story.random().below(20), 900);
      story.disk().cut_power_in_sync(seed * 3 + std::uint64_t(life));
      CHECK_FALSE(story.step());
      REQUIRE(story.open());
      CHECK(story.acknowledged() == before);
      story.check_nothing_lost();
      (story.acknowledged() == before ? cuts : survived) += 1;
    }
    live_a_little(story);
    CHECK(story.read_all());
    CHECK(*story.read_all() == story.sent());
  }
  // Both fates of the last group were met, or this proves nothing.
  CHECK(cuts > seeds / 4);
  CHECK(survived > seeds / 4);
}

TEST_CASE("a process killed between write and sync loses nothing and repeats nothing") {
  for (const Options& options : {small_segments, packed_segments}) {
    FaultStory story{options};
    for (int life = 0; life < 20; ++life) {
      live_a_little(story);
      die_in_sync(story);
      story.disk().kill();
      REQUIRE(story.open());
      story.check_nothing_lost();
      CHECK(*story.read_all() == story.sent());
    }
  }
}

TEST_CASE("after a failed sync nothing is acknowledged any more and the writer stops") {
  for (std::uint64_t number = 1; number <= 200; ++number) {
    CAPTURE(number);
    FaultStory story{Options{.segment_bytes_max = 4000}};
    story.disk().fail_sync(number);
    bool failed = false;
    for (int group = 0; group < 250 && !failed; ++group) {
      story.append(2, 900);
      failed = !story.step();
    }
    REQUIRE(failed);
    const std::size_t acknowledged = story.acknowledged();
    const std::uint64_t syncs = story.disk().syncs();
    CHECK(story.refused() == 1);
    CHECK(acknowledged < story.sent().size());
    CHECK(story.writer().append({}, {"more"}, nullptr).error().outcome == Outcome::unavailable);
    CHECK_FALSE(story.step());
    CHECK_FALSE(story.step());
    CHECK(story.disk().syncs() == syncs);
    CHECK(story.acknowledged() == acknowledged);
    CHECK(story.reader().end({})->number == acknowledged);
    story.disk().cut_power(number);
    REQUIRE(story.open());
    story.check_nothing_lost();
  }
}

TEST_CASE("a full disk loses nothing, refuses at the limit and recovers unaided") {
  for (std::uint64_t room = 4096 + 100; room < 24'000; room += 777) {
    CAPTURE(room);
    FaultStory story{Options{.bytes_in_flight_max = 10'000, .segment_bytes_max = 4000}};
    story.disk().set_room(room);
    std::size_t taken = 0;
    while (story.writer().append({}, {Bytes(500, 'x')}, nullptr)) {
      ++taken;
      const auto progress = story.step();
      REQUIRE(progress);
    }
    const auto refused = story.writer().append({}, {Bytes(500, 'x')}, nullptr);
    CHECK(refused.error().outcome == Outcome::exhausted);
    CHECK(*story.step() == work::Progress::idle);
    const std::uint64_t durable = story.reader().end({})->number;
    CHECK(durable < taken);
    CHECK(story.read_all()->size() == durable);

    story.disk().set_room(UINT64_MAX);
    while (*story.step() == work::Progress::worked)
      continue;
    CHECK(story.reader().end({})->number == taken);
    CHECK(story.writer().append({}, {Bytes(500, 'x')}, nullptr));
    CHECK(*story.step() == work::Progress::worked);
    CHECK(*story.read_all() == std::vector<Bytes>(taken + 1, Bytes(500, 'x')));
    story.disk().cut_power(room);
    REQUIRE(story.open());
    CHECK(*story.read_all() == std::vector<Bytes>(taken + 1, Bytes(500, 'x')));
  }
}

TEST_CASE("a full disk and then a power cut lose no acknowledged record") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    FaultStory story{Options{.segment_bytes_max = 30'000}};
    story.reseed(seed);
    story.disk().set_room(4096 + 2000 + story.random().below(40'000));
    for (int group = 0; group < 20; ++group) {
      story.append(3, 900);
      REQUIRE(story.step());
    }
    story.disk().cut_power(seed);
    REQUIRE(story.open());
    story.check_nothing_lost();
  }
}

TEST_CASE("a flipped bit or a shortened file is noticed and never served") {
  std::size_t refused_at_start = 0;
  std::size_t refused_at_read = 0;
  std::size_t harmless = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    FaultStory story{seed % 2 == 0 ? small_segments : packed_segments};
    story.reseed(seed);
    for (int times = 0; times < 4; ++times)
      live_a_little(story);
    story.close();
    const std::vector<std::string> paths = story.disk().files();
    const std::string path = paths[story.random().below(paths.size())];
    CAPTURE(path);
    const std::uint64_t bytes = story.disk().size_of(path);
    if (bytes == 0) continue;
    if (story.random().below(4) == 0) {
      story.disk().shorten(path, story.random().below(bytes));
    } else {
      story.disk().flip_bit(path, story.random().below(bytes * 8));
    }
    story.disk().kill();
    const auto opened = story.open();
    if (!opened) {
      const Outcome outcome = opened.error().outcome;
      CHECK((outcome == Outcome::corrupt || outcome == Outcome::unsupported));
      CHECK(opened.error().message.find(".seg") != std::string::npos);
      ++refused_at_start;
      continue;
    }
    const auto records = story.read_all();
    if (!records) {
      CHECK(records.error().outcome == Outcome::corrupt);
      CHECK(records.error().message.find(".seg") != std::string::npos);
      ++refused_at_read;
      continue;
    }
    // Only damage to the head or the lock leaves everything readable.
    CHECK(!path.ends_with(".seg"));
    CHECK(*records == story.sent());
    ++harmless;
  }
  CHECK(refused_at_start > seeds / 10);
  CHECK(refused_at_read > seeds / 10);
  CHECK(harmless > 0);
}

TEST_CASE("damage is told from a torn write also when the head is lost") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    FaultStory story{Options{}};
    story.reseed(seed);
    for (int group = 0; group < 3; ++group) {
      story.append(5, 300);
      REQUIRE(story.step());
    }
    const std::string path = partition_path + segment_name({});
    const std::uint64_t end_of_second = story.bytes_synced(path);
    story.append(5, 300);
    REQUIRE(story.step());
    story.close();
    story.disk().erase(partition_path + "head");
    story.disk().flip_bit(path, story.random().below(end_of_second * 8));
    const auto opened = story.open();
    REQUIRE_FALSE(opened);
    CHECK((opened.error().outcome == Outcome::corrupt ||
           opened.error().outcome == Outcome::unsupported));
  }
}

TEST_CASE("a missing segment is noticed, first, middle or last") {
  for (std::size_t index = 0; index < 3; ++index) {
    CAPTURE(index);
    FaultStory story{Options{.segment_bytes_max = 4000}};
    while (story.segments().size() < 3) {
      story.append(1, 900);
      REQUIRE(story.step());
    }
    story.append(1, 900);
    REQUIRE(story.step());
    story.close();
    const auto segments = story.segments();
    story.disk().erase(segments[index]);
    const auto opened = story.open();
    if (index == 2) {
      REQUIRE_FALSE(opened);
      CHECK(opened.error().outcome == Outcome::corrupt);
    }
    if (index == 1) CHECK(story.read_all().error().outcome == Outcome::corrupt);
    // As after a trim: nobody can tell, and nothing else is served in its place.
    if (index == 0) CHECK(story.reader().first({})->number > 0);
  }
}

TEST_CASE("bytes of a message that look like a frame are not taken for one") {
  FaultStory story{Options{}};
  story.append({"first"});
  REQUIRE(story.step());
  story.append({"second"});
  REQUIRE(story.step());
  const std::string path = partition_path + segment_name({});
  // What a hostile device could send: frames copied from another segment of the same topic. The
  // second says that more was synced before it than this segment holds, as a witness of damage
  // does.
  FaultStory other{Options{}};
  other.clock().advance(Duration{1});
  other.append({Bytes(1000, 'x')});
  REQUIRE(other.step());
  other.append({"second"});
  REQUIRE(other.step());
  const Bytes forged = other.disk().bytes_of(path).substr(segment_header_bytes);
  story.append({forged});
  story.disk().cut_power_in_sync(1);
  CHECK_FALSE(story.step());
  // The worst tear: the new frame's header is lost, all of its payload is there.
  Bytes torn = story.disk().bytes_of(path);
  torn.resize(segment_header_bytes + 2 * frame_header_bytes + 4 + 5 + 4 + 6);
  torn += Bytes(frame_header_bytes + 4, '\0') + forged;
  story.disk().put(path, torn);
  REQUIRE(story.open());
  CHECK(*story.read_all() == std::vector<Bytes>{"first", "second"});
}

}  // namespace cauce::stream::embedded

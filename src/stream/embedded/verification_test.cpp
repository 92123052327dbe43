#include "stream/embedded/verification.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>

#include "disk/crc32c.h"
#include "stream/embedded/fault_story.h"
#include "stream/embedded/format.h"

namespace cauce::stream::embedded {
namespace {

const Options small_segments{.segment_bytes_max = 20'000};
const Options packed_segments{.segment_bytes_max = 10'000, .pack = true};

std::string sentence_of(const Damage& damage) {
  return damage.what + "; " + tell_lost(damage.from, damage.to);
}

// What is told of the topic, and what is found in its partition 0.
struct Verdict {
  VerifiedPartition found;
  std::vector<std::string> told;
  std::vector<DeclaredGap> gaps;

  bool says(std::string_view part) const {
    return std::any_of(told.begin(), told.end(), [part](const std::string& sentence) {
      return sentence.find(part) != std::string::npos;
    });
  }
};

Verdict verify(disk::MemoryDisk& disk) {
  Verdict verdict;
  const auto root = disk.root();
  const auto found = verify_topic(
      *root, "raw",
      {.damage = [&](const Damage& damage) { verdict.told.push_back(sentence_of(damage)); },
       .gap = [&](const DeclaredGap& gap) { verdict.gaps.push_back(gap); }});
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  verdict.found = found->front();
  return verdict;
}

// `groups` frames of ten records each.
void write_frames(FaultStory& story, int groups) {
  for (int group = 0; group < groups; ++group) {
    story.append(10, 300);
    story.clock().advance(Duration{100});
    REQUIRE(story.step());
  }
}

// Frames made by hand, with right checksums: what a program with a mistake would write.
class Segment {
 public:
  explicit Segment(Position base, Time created_at = from_microseconds(1))
      : bytes_(encode(SegmentHeader{
            .topic = "raw", .partition = {}, .base = base, .created_at = created_at})),
        base_(base),
        end_(base) {}

  Segment& plain(Time appended_at, std::uint32_t records) {
    FrameHeader header;
    header.record_count = records;
    header.appended_at = appended_at;
    return add(header);
  }
  Segment& derived(Time appended_at, Source source) {
    FrameHeader header;
    header.kind = Kind::derived;
    header.appended_at = appended_at;
    header.source = source;
    return add(header);
  }
  Segment& skip(std::uint64_t positions) {
    end_.number += positions;
    return *this;
  }
  void put_on(disk::MemoryDisk& disk) const {
    disk.put(partition_path + segment_name(base_), bytes_);
  }

 private:
  Segment& add(FrameHeader header) {
    Bytes body;
    for (std::uint32_t record = 0; record < header.record_count; ++record)
      put_sized(body, "x");
    header.body_bytes = std::uint32_t(body.size());
    header.body_crc = disk::crc32c(body);
    header.base = end_;
    const std::size_t offset = bytes_.size();
    bytes_.resize(offset + frame_header_bytes);
    encode(header, salt_of(bytes_), bytes_.data() + offset);
    bytes_ += body;
    end_.number += header.record_count;
    return *this;
  }

  Bytes bytes_;
  const Position base_;
  Position end_;
};

}  // namespace

TEST_CASE("nothing is told of a sound topic, beside its writer or without it, and it is counted") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    FaultStory story{seed % 2 == 0 ? small_segments : packed_segments};
    story.reseed(seed);
    write_frames(story, 1 + int(story.random().below(40)));
    for (const bool has_writer : {true, false}) {
      if (!has_writer) story.close();
      const Verdict verdict = verify(story.disk());
      CHECK(verdict.told.empty());
      CHECK(verdict.found.damages == 0);
      CHECK(verdict.found.first.number == 0);
      CHECK(verdict.found.end.number == story.sent().size());
      CHECK(verdict.found.frames == story.sent().size() / 10);
      CHECK(verdict.found.segments == story.segments().size());
      std::uint64_t bytes = 0;
      for (const std::string& path : story.segments())
        bytes += story.bytes_synced(path);
      CHECK(verdict.found.bytes == bytes);
      CHECK(verdict.found.unfinished_bytes == 0);
    }
  }
}

TEST_CASE("a topic that was never written has no partition") {
  disk::MemoryDisk disk;
  const auto root = disk.root();
  const auto found = verify_topic(*root, "raw",
                                  {.damage = [](const Damage&) { FAIL("told"); },
                                   .gap = [](const DeclaredGap&) { FAIL("told"); }});
  REQUIRE(found);
  CHECK(found->empty());
}

TEST_CASE("damage to a frame's records is told by file, offset and positions, all others go on") {
  FaultStory story{small_segments};
  write_frames(story, 40);
  REQUIRE(story.segments().size() > 3);
  const std::string path = story.segments()[1];
  const Bytes bytes = story.disk().bytes_of(path);
  const auto first = decode_frame(BytesView{bytes}.substr(segment_header_bytes), salt_of(bytes));
  REQUIRE(first);
  const std::uint64_t offset = segment_header_bytes + frame_header_bytes + first->body_bytes;
  const std::uint64_t base = first->base.number + 10;
  SUBCASE("in its records") {
    story.disk().flip_bit(path, (offset + frame_header_bytes + 5) * 8);
    CHECK(verify(story.disk()).says("its records do not match their checksum"));
  }
  SUBCASE("in its header") {
    story.disk().flip_bit(path, (offset + 30) * 8);
    CHECK(verify(story.disk()).says("its header does not match its checksum"));
  }
  for (const bool has_writer : {true, false}) {
    if (!has_writer) story.close();
    const Verdict verdict = verify(story.disk());
    REQUIRE(verdict.told.size() == 1);
    CHECK(verdict.says(path));
    CHECK(verdict.says(fmt::format("offset {}", offset)));
    CHECK(verdict.says(fmt::format("positions {} to {} are lost", base, base + 9)));
    CHECK(verdict.gaps.empty());
    CHECK(verdict.found.damages == 1);
    CHECK(verdict.found.positions_lost == 10);
    CHECK(verdict.found.end.number == story.sent().size());
  }
}

TEST_CASE("each flipped bit and each cut of a segment is told, and no more is lost than is there") {
  constexpr std::uint64_t seeds = 1000;
  std::size_t in_one_frame = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    FaultStory story{seed % 2 == 0 ? small_segments : packed_segments};
    story.reseed(seed);
    write_frames(story, 25);
    story.close();
    const auto segments = story.segments();
    const std::string path = segments[story.random().below(segments.size())];
    CAPTURE(path);
    const std::uint64_t bytes = story.disk().size_of(path);
    const bool is_cut = story.random().below(4) == 0;
    if (is_cut) {
      story.disk().shorten(path, story.random().below(bytes));
    } else {
      story.disk().flip_bit(path, story.random().below(bytes * 8));
    }
    const auto root = story.disk().root();
    std::size_t told = 0;
    const auto found = verify_topic(
        *root, "raw",
        {.damage = [&told](const Damage&) { ++told; }, .gap = [](const DeclaredGap&) {}});
    if (!found) {
      // A bit of the version: who wrote that is newer than we are, if the checksum says so too.
      CHECK(found.error().outcome == Outcome::unsupported);
      continue;
    }
    const VerifiedPartition& partition = found->front();
    CHECK(told == partition.damages);
    CHECK(told >= 1);
    CHECK(partition.end.number + partition.positions_lost >= story.sent().size());
    CHECK(partition.positions_lost <= story.sent().size());
    if (!is_cut && partition.positions_lost == 10) ++in_one_frame;
  }
  CHECK(in_one_frame > seeds / 2);
}

TEST_CASE("a torn write that nobody was told about is no damage") {
  std::size_t torn = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    FaultStory story{Options{.pack = seed % 2 == 1}};
    story.reseed(seed);
    write_frames(story, 5);
    story.append(100, 900);
    story.disk().cut_power_in_sync(seed);
    CHECK_FALSE(story.step());
    const Verdict verdict = verify(story.disk());
    CHECK(verdict.told.empty());
    CHECK(verdict.found.end.number >= 50);
    if (verdict.found.unfinished_bytes > 0) ++torn;
    REQUIRE(story.open());
    CHECK(*story.reader().end({}) == verdict.found.end);
    CHECK(verify(story.disk()).found.unfinished_bytes == 0);
  }
  CHECK(torn > 100);
}

TEST_CASE("what is written and not synced is left to the writer beside us") {
  FaultStory story{Options{.sync_interval_min = std::chrono::seconds{1}}};
  write_frames(story, 1);
  story.append(10, 300);
  REQUIRE(story.step());
  const std::string path = story.segments().front();
  story.disk().shorten(path, story.disk().bytes_of(path).find_last_not_of('\0') - 3);
  const Verdict verdict = verify(story.disk());
  CHECK(verdict.told.empty());
  CHECK(verdict.found.end.number == 10);
  CHECK(verdict.found.unfinished_bytes > 0);
}

TEST_CASE("zeros are no damage behind the last frame of all, and damage behind that of a segment") {
  FaultStory story{small_segments};
  write_frames(story, 40);
  REQUIRE(story.segments().size() > 3);
  story.close();
  for (const bool is_last : {true, false}) {
    CAPTURE(is_last);
    const std::string path = is_last ? story.segments().back() : story.segments()[1];
    const Bytes sound = story.disk().bytes_of(path);
    story.disk().put(path, sound + Bytes(3000, '\0'));
    const Verdict verdict = verify(story.disk());
    CHECK(verdict.told.empty() == is_last);
    CHECK(verdict.found.damages == (is_last ? 0 : 1));
    CHECK(verdict.found.positions_lost == 0);
    CHECK(verdict.found.unfinished_bytes == 0);
    CHECK(verdict.found.end.number == story.sent().size());
    if (!is_last) CHECK(verdict.says(path));
    story.disk().put(path, sound);
  }
}

TEST_CASE("unfinished bytes are those of the write, without the zeros behind them") {
  FaultStory story{Options{}};
  write_frames(story, 2);
  const std::string path = story.segments().front();
  const std::uint64_t end = story.bytes_synced(path);
  story.disk().kill();
  Bytes torn = story.disk().bytes_of(path);
  REQUIRE(torn.size() > end + 5000);
  torn[end + 100] = 'x';
  story.disk().put(path, torn);
  CHECK(verify(story.disk()).found.unfinished_bytes == 101);
  CHECK(verify(story.disk()).found.bytes == end + 101);
  REQUIRE(story.open());
  CHECK(story.disk().size_of(path) == end);
  CHECK(*story.read_all() == story.sent());
}

TEST_CASE("a segment that is missing is told with its positions, first, middle or last") {
  for (std::size_t index = 0; index < 3; ++index) {
    CAPTURE(index);
    FaultStory story{small_segments};
    while (story.segments().size() < 3)
      write_frames(story, 1);
    story.close();
    const auto segments = story.segments();
    std::vector<std::uint64_t> bases;
    for (const std::string& path : segments)
      bases.push_back(parse_segment_name(path.substr(partition_path.size()))->number);
    bases.push_back(story.sent().size());
    story.disk().erase(segments[index]);
    const Verdict verdict = verify(story.disk());
    REQUIRE(verdict.told.size() == 1);
    CHECK(verdict.says(
        fmt::format("positions {} to {} are lost", bases[index], bases[index + 1] - 1)));
    CHECK(verdict.found.positions_lost == bases[index + 1] - bases[index]);
  }
}

TEST_CASE("segments that retention deleted are not missed, also while they are walked") {
  FaultStory story{small_segments};
  write_frames(story, 40);
  REQUIRE(story.writer().trim({}, {150}));
  Verdict verdict = verify(story.disk());
  CHECK(verdict.told.empty());
  CHECK(verdict.found.first == *story.reader().first({}));
  CHECK(verdict.found.end.number == story.sent().size());
}

TEST_CASE("a lost head is no damage: the next start makes it again") {
  FaultStory story{small_segments};
  write_frames(story, 3);
  story.close();
  story.disk().put(partition_path + "head", Bytes(disk::page_bytes, '\xff'));
  const Verdict verdict = verify(story.disk());
  CHECK(verdict.told.empty());
  CHECK(verdict.found.end.number == 30);
}

TEST_CASE("a cursor beyond the end is told, one at the end is not") {
  FaultStory story{small_segments};
  write_frames(story, 3);
  const auto root = story.disk().root();
  const auto topic = make_topic(*root, "raw", {}, story.clock());
  const auto cursors = *topic->open_cursors();
  REQUIRE(cursors->commit("lake", {}, {30}));
  CHECK(verify(story.disk()).told.empty());
  REQUIRE(cursors->commit("lake", {}, {31}));
  const Verdict verdict = verify(story.disk());
  REQUIRE(verdict.told.size() == 1);
  CHECK(verdict.says("ends at position 30, but group lake has read up to position 31"));
  CHECK(verdict.says("position 30 is lost"));
  CHECK(verdict.found.damages == 1);
}

TEST_CASE("what no checksum tells is told: times, positions and sources that do not go on") {
  const auto at = [](std::int64_t microseconds) { return from_microseconds(microseconds); };
  const auto told_of = [](const std::vector<Segment>& segments) {
    disk::MemoryDisk disk;
    for (const Segment& segment : segments)
      segment.put_on(disk);
    return verify(disk);
  };
  const auto derived = [](std::uint64_t from, std::uint64_t to) {
    return Source{.partition = {3}, .from = {from}, .to = {to}};
  };

  CHECK(told_of({Segment{{0}}.plain(at(5), 2).plain(at(5), 2)}).told.empty());
  Verdict verdict = told_of({Segment{{0}}.plain(at(5), 2).plain(at(4), 2).plain(at(4), 1)});
  CHECK(verdict.told.size() == 1);
  CHECK(verdict.says("its time runs backwards; no position is lost"));
  CHECK(verdict.found.end.number == 5);
  verdict = told_of({Segment{{0}}.plain(at(5), 2).skip(3).plain(at(6), 2)});
  CHECK(verdict.told.size() == 1);
  CHECK(verdict.says("positions 2 to 4 are lost"));
  CHECK(verdict.found.end.number == 7);
  Segment gap{{0}};
  gap.derived(at(5), derived(0, 7)).derived(at(5), derived(8, 9)).derived(at(5), derived(9, 9));
  verdict = told_of({gap});
  CHECK(verdict.told.size() == 1);
  CHECK(verdict.says("its source does not go on"));

  const Segment first = Segment{{0}}.plain(at(5), 2).derived(at(6), derived(0, 7));
  const auto restated = [&](Time created_at, std::uint64_t end) {
    return Segment{{2}, created_at}.derived(created_at, derived(end, end)).plain(at(9), 1);
  };
  CHECK(told_of({first, restated(at(6), 7)}).told.empty());
  CHECK(told_of({first, restated(at(5), 7)}).says("its time runs backwards"));
  CHECK(told_of({first, restated(at(6), 8)}).says("does not go on at position 7"));
  verdict = told_of({first, Segment{{2}, at(6)}.plain(at(9), 1)});
  CHECK(verdict.says("does not go on at position 7 of partition 3"));
}

}  // namespace cauce::stream::embedded

// Bytes that were written once and must be read for ever: contract/golden/segment_*.hex.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cctype>
#include <fstream>
#include <iterator>

#include "disk/crc32c.h"
#include "stream/embedded/fault_story.h"
#include "stream/embedded/format.h"
#include "stream/embedded/repair.h"
#include "stream/embedded/verification.h"

namespace cauce::stream::embedded {
namespace {

const std::string first_segment = partition_path + segment_name({});

Bytes golden(const std::string& name) {
  std::ifstream file{fmt::format("{}/{}.hex", GOLDEN_DIRECTORY, name)};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  std::erase_if(text, [](char letter) { return std::isspace(letter) != 0; });
  Bytes bytes;
  REQUIRE(from_hex(text, bytes));
  return bytes;
}

// What the golden segments hold: a plain frame of two records, one derived from partition 3, and a
// plain one of 40 that repeat each other.
std::vector<Bytes> golden_records() {
  std::vector<Bytes> records{"first", "", "third"};
  for (int number = 0; number < 40; ++number)
    records.push_back(fmt::format("freezer-7 temperature -18.{} Cel", number));
  return records;
}

void write_golden_records(FaultStory& story) {
  const std::vector<Bytes> records = golden_records();
  const auto append = [&](std::size_t from, std::size_t to) {
    story.append(std::vector<Bytes>{records.begin() + std::ptrdiff_t(from),
                                    records.begin() + std::ptrdiff_t(to)});
    REQUIRE(story.step());
    story.clock().advance(std::chrono::seconds{1});
  };
  append(0, 2);
  REQUIRE(story.writer().append_derived({}, {records[2]}, {{3}, {0}, {7}}));
  REQUIRE(story.step());
  story.clock().advance(std::chrono::seconds{1});
  const std::vector<Bytes> rest{records.begin() + 3, records.end()};
  REQUIRE(story.writer().append({}, rest, nullptr));
  REQUIRE(story.step());
}

std::vector<std::string> damages(disk::MemoryDisk& disk) {
  std::vector<std::string> told;
  const auto root = disk.root();
  REQUIRE(verify_topic(*root, "raw",
                       {.damage = [&told](const Damage& damage) { told.push_back(damage.what); },
                        .gap = [](const DeclaredGap&) {}}));
  return told;
}

}  // namespace

TEST_CASE("what is not packed is written as in the golden segment") {
  FaultStory story{Options{}};
  write_golden_records(story);
  story.close();
  CHECK(to_hex(story.disk().bytes_of(first_segment)) == to_hex(golden("segment_1")));
}

TEST_CASE("golden segments of each version are read, appended to and read again") {
  for (const std::uint32_t version : {version_plain, version_packed}) {
    for (const bool pack : {false, true}) {
      CAPTURE(version);
      CAPTURE(pack);
      FaultStory story{Options{.segment_bytes_max = 6000, .pack = pack}};
      story.close();
      for (const std::string& path : story.disk().files())
        story.disk().erase(path);
      story.disk().put(first_segment, golden(version == version_plain ? "segment_1" : "segment_2"));
      REQUIRE(story.open());
      CHECK(*story.read_all() == golden_records());
      CHECK(story.reader().derived_end({}, {3})->number == 7);
      std::vector<Bytes> records = golden_records();
      while (story.segments().size() < 3) {
        const std::vector<Bytes> more(20, Bytes(90, char('a' + records.size() % 26)));
        REQUIRE(story.writer().append({}, more, nullptr));
        REQUIRE(story.step());
        records.insert(records.end(), more.begin(), more.end());
        REQUIRE(records.size() < 10'000);
      }
      CHECK(*story.read_all() == records);
      // What a segment was begun as it stays; the next one is as the writer wants it.
      const auto version_of = [&](std::size_t index) {
        const std::string path = story.segments()[index];
        return decode_segment(story.disk().bytes_of(path), path)->version;
      };
      CHECK(version_of(0) == version);
      CHECK(version_of(1) == (pack ? version_packed : version_plain));
      CHECK(damages(story.disk()).empty());
      story.disk().cut_power(1);
      REQUIRE(story.open());
      CHECK(*story.read_all() == records);
      CHECK(story.reader().derived_end({}, {3})->number == 7);
    }
  }
}

TEST_CASE("a golden segment with a gap is read, appended to and read again") {
  FaultStory story{Options{.pack = true}};
  story.close();
  for (const std::string& path : story.disk().files())
    story.disk().erase(path);
  const Bytes mended = golden("segment_3");
  story.disk().put(first_segment, mended);
  REQUIRE(story.open());
  const std::vector<Bytes> records = golden_records();
  const auto read = [&](std::uint64_t from) { return *story.reader().read({}, {from}, 100'000); };
  CHECK(read(0).records == std::vector<Bytes>{records[0], records[1]});
  CHECK(read(2).is_lost());
  CHECK(read(2).to.number == 3);
  CHECK(read(3).records == std::vector<Bytes>{records.begin() + 3, records.end()});
  CHECK(story.reader().end({})->number == records.size());
  REQUIRE(story.writer().append({}, {"more"}, nullptr));
  REQUIRE(story.step());
  CHECK(read(records.size()).records.front() == "more");
  CHECK(damages(story.disk()).empty());
}

TEST_CASE("a repair of the golden segment makes the one with a gap") {
  FaultStory story{Options{}};
  story.close();
  for (const std::string& path : story.disk().files())
    story.disk().erase(path);
  Bytes damaged = golden("segment_1");
  damaged[damaged.find("third")] ^= 1;
  story.disk().put(first_segment, damaged);
  const auto root = story.disk().root();
  REQUIRE(repair_topic(*root, "raw", {.apply = true}, story.clock()));
  CHECK(to_hex(story.disk().bytes_of(first_segment)) == to_hex(golden("segment_3")));
}

TEST_CASE("packed frames are shorter, and read as they were appended") {
  FaultStory story{Options{.pack = true}};
  story.append(std::vector<Bytes>(1000, "freezer-7 temperature -18.5 Cel"));
  REQUIRE(story.step());
  CHECK(story.bytes_synced(first_segment) < 1000);
  CHECK(*story.read_all() == story.sent());
  CHECK(story.reader().read({}, {500}, 1)->records.front() == story.sent()[500]);
}

TEST_CASE("a segment of a version to come is refused in one sentence and not touched") {
  Bytes newer = golden("segment_2");
  newer[8] = 4;
  newer.resize(segment_header_bytes - 4);
  put_u32(newer, disk::crc32c(newer));
  FaultStory story{Options{}};
  story.close();
  for (const std::string& path : story.disk().files())
    story.disk().erase(path);
  story.disk().put(first_segment, newer);
  const auto opened = story.open();
  REQUIRE(!opened);
  CHECK(opened.error().outcome == Outcome::unsupported);
  CHECK(opened.error().message.find("has format version 4; this program reads versions up to 3") !=
        std::string::npos);
  CHECK(story.disk().bytes_of(first_segment) == newer);
}

}  // namespace cauce::stream::embedded

#include "stream/embedded/snapshot.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "disk/posix.h"
#include "stream/embedded/embedded.h"
#include "stream/embedded/format.h"

namespace cauce::stream::embedded {
namespace {

namespace fs = std::filesystem;

constexpr Position everything{UINT64_MAX};

// A topic on a real disk with small segments, its writer, and a place for copies.
class Story {
 public:
  Story() {
    std::string name = (fs::temp_directory_path() / "snapshot_test_XXXXXX").string();
    path_ = mkdtemp(name.data());
    root_ = disk::posix_directory(path_ / "stream");
    topic_ = make_topic(*root_, "raw", {.segment_bytes_max = 2000}, clock_);
    start();
  }
  ~Story() {
    writer_.reset();
    fs::remove_all(path_);
  }

  void start() {
    auto writer = topic_->open_writer();
    REQUIRE(writer);
    writer_ = std::move(*writer);
  }
  void stop() { writer_.reset(); }
  void append(int times) {
    for (int count = 0; count < times; ++count) {
      REQUIRE(writer_->append({}, {Bytes(300, char('a' + next_++ % 26))}, nullptr));
      step();
    }
  }
  void derive(std::uint64_t from, std::uint64_t to) {
    REQUIRE(writer_->append_derived({}, std::vector<Bytes>(to - from, Bytes(300, 'd')),
                                    {{}, {from}, {to}}));
    step();
  }
  void step() { REQUIRE(writer_->worker().step()); }
  void trim(std::uint64_t before) { REQUIRE(writer_->trim({}, {before})); }

  std::unique_ptr<Snapshot> pin() {
    auto pinned = pin_topic(*root_, "raw");
    REQUIRE(pinned);
    return std::move(*pinned);
  }
  Result<CopiedPartition> copy(Snapshot& snapshot, Position source_max = everything) {
    fs::remove_all(copy_path());
    auto copied = snapshot.copy_to(copy_path() / "raw", source_max);
    if (!copied) return copied.error();
    return copied->empty() ? CopiedPartition{} : copied->front();
  }
  // What a cauce that starts on the copy finds: the number of records and how far it is derived.
  Position end_of_copy() {
    const auto root = disk::posix_directory(copy_path());
    const auto topic = make_topic(*root, "raw", {}, clock_);
    const auto writer = topic->open_writer();
    REQUIRE(writer);
    derived_ = (*writer)->derived_end({}, {});
    const auto reader = *topic->open_reader();
    const Position end = *reader->end({});
    for (Position position = *reader->first({}); position < end;) {
      const auto batch = reader->read({}, position, 1 << 20);
      REQUIRE(batch);
      position = batch->to;
    }
    return end;
  }
  Position derived_end_of_copy() {
    end_of_copy();
    return derived_;
  }
  fs::path partition() const { return path_ / "stream" / "raw" / "0"; }
  std::vector<fs::path> segments() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(partition())) {
      if (entry.path().extension() == ".seg") found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  void flip(const fs::path& file, std::uint64_t offset) const {
    const auto opened = *disk::posix_directory(file.parent_path())
                             ->open(file.filename().string(), disk::Open::write);
    char byte = 0;
    REQUIRE(opened->read_at(offset, &byte, 1));
    byte = char(byte ^ 1);
    REQUIRE(opened->write_at(offset, {&byte, 1}));
  }

 private:
  fs::path copy_path() const { return path_ / "copy"; }

  fs::path path_;
  VirtualClock clock_{from_microseconds(1'800'000'000'000'000)};
  std::unique_ptr<disk::Directory> root_;
  std::unique_ptr<Topic> topic_;
  std::unique_ptr<Writer> writer_;
  Position derived_;
  int next_ = 0;
};

}  // namespace

TEST_CASE("a copy holds what was there when it was pinned and what came since") {
  Story story;
  story.append(20);
  const auto snapshot = story.pin();
  story.append(20);
  const auto copied = story.copy(*snapshot);
  REQUIRE(copied);
  CHECK(copied->first == Position{0});
  CHECK(copied->end == Position{40});
  CHECK(story.end_of_copy() == Position{40});
}

TEST_CASE("what retention takes after the pin is in the copy") {
  Story story;
  story.append(20);
  const auto snapshot = story.pin();
  story.append(20);
  story.trim(18);
  const auto copied = story.copy(*snapshot);
  REQUIRE(copied);
  CHECK(copied->first == Position{0});
  CHECK(story.end_of_copy() == Position{40});
}

TEST_CASE("a segment that came and went between pin and copy is missed aloud") {
  Story story;
  story.append(5);
  const auto snapshot = story.pin();
  story.append(40);
  story.trim(40);
  const auto copied = story.copy(*snapshot);
  REQUIRE_FALSE(copied);
  CHECK(copied.error().outcome == Outcome::unavailable);
  CHECK(copied.error().message.find("are missing") != std::string::npos);
}

TEST_CASE("what was synced is copied although the head was lost with the power") {
  Story story;
  story.append(20);
  story.stop();
  fs::remove(story.partition() / "head");
  const auto snapshot = story.pin();
  REQUIRE(story.copy(*snapshot));
  CHECK(story.end_of_copy() == Position{20});
}

TEST_CASE("a torn tail is left out of the copy") {
  Story story;
  story.append(3);
  story.stop();
  fs::remove(story.partition() / "head");
  const fs::path last = story.segments().back();
  fs::resize_file(last, fs::file_size(last) - 1);
  const auto snapshot = story.pin();
  REQUIRE(story.copy(*snapshot));
  CHECK(story.end_of_copy() == Position{2});
}

TEST_CASE("damage in any segment is refused by name and never copied") {
  for (const bool is_last : {false, true}) {
    CAPTURE(is_last);
    Story story;
    story.append(20);
    REQUIRE(story.segments().size() > 2);
    const fs::path damaged = is_last ? story.segments().back() : story.segments()[1];
    story.flip(damaged, segment_header_bytes + frame_header_bytes + 100);
    const auto snapshot = story.pin();
    const auto copied = story.copy(*snapshot);
    REQUIRE_FALSE(copied);
    CHECK(copied.error().outcome == Outcome::corrupt);
    CHECK(copied.error().message.find(damaged.string()) != std::string::npos);
  }
}

TEST_CASE(
    "zeros behind the last frame of all are no damage and are not copied; elsewhere they are") {
  for (const bool is_last : {true, false}) {
    CAPTURE(is_last);
    Story story;
    story.append(20);
    REQUIRE(story.segments().size() > 2);
    story.stop();
    const fs::path longer = is_last ? story.segments().back() : story.segments()[1];
    fs::resize_file(longer, fs::file_size(longer) + 3000);
    const auto snapshot = story.pin();
    const auto copied = story.copy(*snapshot);
    CHECK(copied.has_value() == is_last);
    if (is_last) CHECK(story.end_of_copy() == Position{20});
    if (!is_last) CHECK(copied.error().message.find(longer.string()) != std::string::npos);
  }
}

TEST_CASE("a missing segment is refused") {
  Story story;
  story.append(20);
  fs::remove(story.segments()[1]);
  const auto snapshot = story.pin();
  CHECK_FALSE(story.copy(*snapshot));
  fs::remove(story.segments().back());
  const auto shortened = story.pin();
  CHECK_FALSE(story.copy(*shortened));
}

TEST_CASE("only what was derived up to the bound is copied, in whole frames") {
  Story story;
  story.derive(0, 3);
  story.derive(3, 5);
  story.derive(5, 9);
  const auto snapshot = story.pin();
  for (const auto& [bound, end] : {std::pair{9, 9}, {8, 5}, {5, 5}, {4, 3}, {2, 0}, {0, 0}}) {
    CAPTURE(bound);
    const auto copied = story.copy(*snapshot, Position{std::uint64_t(bound)});
    REQUIRE(copied);
    CHECK(copied->end == Position{std::uint64_t(end)});
    CHECK(story.end_of_copy() == Position{std::uint64_t(end)});
    CHECK(story.derived_end_of_copy() == Position{std::uint64_t(end)});
  }
}

TEST_CASE("a bound before the last segments leaves them out whole") {
  Story story;
  for (std::uint64_t from = 0; from < 40; from += 2)
    story.derive(from, from + 2);
  REQUIRE(story.segments().size() > 3);
  const auto snapshot = story.pin();
  for (std::uint64_t bound = 0; bound <= 40; ++bound) {
    CAPTURE(bound);
    REQUIRE(story.copy(*snapshot, Position{bound}));
    CHECK(story.derived_end_of_copy() == Position{bound / 2 * 2});
  }
}

TEST_CASE("a topic that was never written gives an empty copy") {
  std::string name = (fs::temp_directory_path() / "snapshot_test_XXXXXX").string();
  const fs::path path = mkdtemp(name.data());
  const auto root = disk::posix_directory(path);
  auto snapshot = pin_topic(*root, "raw");
  REQUIRE(snapshot);
  CHECK((*snapshot)->copy_to(path / "copy", std::nullopt)->empty());
  fs::remove_all(path);
}

}  // namespace cauce::stream::embedded

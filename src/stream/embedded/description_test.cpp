#include "stream/embedded/description.h"

#include <doctest/doctest.h>

#include "stream/embedded/fault_story.h"
#include "stream/embedded/format.h"

namespace cauce::stream::embedded {
namespace {

DescribedPartition describe(FaultStory& story) {
  const auto root = story.disk().root();
  const auto found = describe_topic(*root, "raw");
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  return found->front();
}

}  // namespace

TEST_CASE("a topic is described by its positions, times, bytes, segments and groups") {
  FaultStory story{Options{.segment_bytes_max = 4000}};
  DescribedPartition described = describe(story);
  CHECK(described.end.number == 0);
  CHECK(!described.first_at);
  CHECK(described.segments == 0);

  const Time start = story.clock().now();
  for (int count = 0; count < 30; ++count) {
    story.append(1, 900);
    REQUIRE(story.step());
    story.clock().advance(std::chrono::seconds{1});
  }
  REQUIRE(story.writer().trim({}, {10}));
  const auto root = story.disk().root();
  const auto topic = make_topic(*root, "raw", {}, story.clock());
  const auto cursors = *topic->open_cursors();
  REQUIRE(cursors->commit("lake", {}, {28}));
  REQUIRE(cursors->commit("decode", {}, {40}));
  REQUIRE(cursors->commit("elsewhere", {7}, {1}));

  described = describe(story);
  CHECK(described.first == *story.reader().first({}));
  CHECK(described.first.number > 0);
  CHECK(described.end.number == 30);
  CHECK(*described.first_at == start + std::chrono::seconds{std::int64_t(described.first.number)});
  CHECK(*described.last_at == start + std::chrono::seconds{29});
  CHECK(described.segments == story.segments().size());
  std::uint64_t bytes = 0;
  for (const std::string& path : story.segments())
    bytes += story.bytes_synced(path);
  CHECK(described.bytes == bytes);
  CHECK(described.format_versions == std::vector<std::uint32_t>{1});
  REQUIRE(described.groups.size() == 2);
  CHECK(described.groups[0].name == "decode");
  CHECK(described.groups[0].lag == 0);
  CHECK(described.groups[1].name == "lake");
  CHECK(described.groups[1].position.number == 28);
  CHECK(described.groups[1].lag == 2);
}

TEST_CASE("a damaged topic is described as far as it can be") {
  FaultStory story{Options{}};
  story.append({"x"});
  REQUIRE(story.step());
  story.disk().flip_bit(story.segments().front(), 8 * (segment_header_bytes + 10));
  const DescribedPartition described = describe(story);
  CHECK(described.end.number == 1);
  CHECK(!described.first_at);
  CHECK(described.segments == 1);
}

}  // namespace cauce::stream::embedded

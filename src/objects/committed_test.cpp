#include "objects/committed.h"

#include <doctest/doctest.h>

#include "objects/memory/memory.h"
#include "objects/scratch.h"

namespace cauce::objects {
namespace {

ManifestEntry entry(std::uint64_t from, std::uint64_t to, const std::string& key) {
  return {.epoch = 0,
          .partition = 0,
          .from = from,
          .to = to,
          .committed_at = time_min,
          .objects = {{.key = key, .rows = 1, .bytes = 1, .labels = {}}}};
}

}  // namespace

TEST_CASE("what is committed is every entry and what the entries name, and nothing else") {
  const Scratch scratch;
  const auto objects = memory_objects(scratch.path);
  CHECK(read_committed(*objects, "lake")->entries.empty());
  Manifest manifest{*objects, "lake"};
  REQUIRE(manifest.open(time_min));
  REQUIRE(objects->put("lake/a", "1"));
  REQUIRE(objects->put("lake/orphan", "2"));
  REQUIRE(manifest.commit(entry(0, 5, "lake/a")));
  const auto committed = read_committed(*objects, "lake");
  REQUIRE(committed);
  CHECK(committed->entries == std::vector<std::string>{"lake/_log/00000000000000000000.json",
                                                       "lake/_log/00000000000000000001.json"});
  REQUIRE(committed->objects.size() == 1);
  CHECK(committed->objects[0].key == "lake/a");
}

TEST_CASE("every set that was begun is found, however deep it lies") {
  const Scratch scratch;
  const auto objects = memory_objects(scratch.path);
  CHECK(manifest_prefixes(*objects)->empty());
  for (const char* prefix : {"lake", "facts", "tables/sites"}) {
    Manifest manifest{*objects, prefix};
    REQUIRE(manifest.open(time_min));
    REQUIRE(manifest.commit(entry(0, 5, std::string(prefix) + "/a")));
  }
  REQUIRE(objects->put("charts/picture.png", "3"));
  CHECK(*manifest_prefixes(*objects) == std::vector<std::string>{"facts", "lake", "tables/sites"});
}

}  // namespace cauce::objects

#include "objects/manifest.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "disk/crc32c.h"
#include "objects/files/files.h"
#include "objects/manifest_json.h"
#include "objects/memory/memory.h"
#include "objects/scratch.h"

namespace cauce::objects {
namespace {

const Time noon = *parse_time("2026-11-21T12:00:00.000001Z");

struct Store {
  Scratch scratch;
  std::unique_ptr<Objects> objects = memory_objects(scratch.path);
};

ManifestEntry entry_of(std::uint64_t from, std::uint64_t to, std::vector<std::string> keys = {}) {
  ManifestEntry entry{
      .epoch = 0, .partition = 0, .from = from, .to = to, .committed_at = noon, .objects = {}};
  for (const std::string& key : keys) {
    entry.objects.push_back({.key = key,
                             .rows = to - from,
                             .bytes = 7,
                             .labels = {{"company", "acme"}, {"day", "2026-11-21"}}});
  }
  return entry;
}

std::vector<std::string> committed_keys(const Manifest& manifest) {
  std::vector<std::string> keys;
  for (const ManifestObject& object : manifest.committed()) {
    keys.push_back(object.key);
  }
  return keys;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("an entry comes back from its text as it was") {
  const ManifestEntry entry{
      .epoch = 3,
      .partition = 7,
      .from = 10,
      .to = std::uint64_t{1} << 60,
      .committed_at = noon,
      .objects = {{"lake/a.parquet", 5, 6, {{"day", "2026-11-21"}}}, {"lake/b.parquet", 0, 0, {}}}};
  auto read = from_json(to_json(entry));
  REQUIRE(read);
  CHECK(*read == entry);
}

TEST_CASE("an entry's text is the one that docs/formats/manifest.md shows") {
  ManifestEntry entry{.epoch = 3,
                      .partition = 0,
                      .from = 1200,
                      .to = 1450,
                      .committed_at = *parse_time("2026-11-21T23:48:40.25Z"),
                      .objects = {}};
  entry.objects.push_back({.key = "lake/company=acme/day=2026-11-21/0-1200-1450-3.parquet",
                           .rows = 248,
                           .bytes = 20311,
                           .labels = {{"company", "acme"}, {"day", "2026-11-21"}}});
  // The checksum was computed by another program.
  CHECK(to_json(entry) ==
        "{\"crc32c\":\"0dd353ce\",\"entry\":{\"version\":1,\"epoch\":3,\"partition\":0,"
        "\"from\":1200,\"to\":1450,\"committed_at\":\"2026-11-21T23:48:40.250000Z\","
        "\"objects\":[{\"key\":\"lake/company=acme/day=2026-11-21/0-1200-1450-3.parquet\","
        "\"rows\":248,\"bytes\":20311,"
        "\"labels\":{\"company\":\"acme\",\"day\":\"2026-11-21\"}}]}}");
}

TEST_CASE("every flipped bit and every cut of an entry is found") {
  const Bytes bytes = to_json(entry_of(0, 10, {"lake/a.parquet"}));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    if (from_json(damaged).has_value()) FAIL_CHECK("bit ", bit, " was not missed");
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    auto cut = from_json(BytesView(bytes).substr(0, size));
    REQUIRE_FALSE(cut.has_value());
    CHECK(cut.error().outcome == Outcome::corrupt);
  }
}

TEST_CASE("an entry that no program wrote is found although its checksum is right") {
  const Bytes written = to_json(entry_of(0, 10, {"lake/a.parquet"}));
  const auto body_at = written.find("{\"version\"");
  const std::string body = written.substr(body_at, written.size() - body_at - 1);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = body;
    changed.replace(changed.find(from), from.size(), to);
    return fmt::format("{{\"crc32c\":\"{:08x}\",\"entry\":{}}}", disk::crc32c(changed), changed);
  };
  CHECK(from_json(with("\"bytes\":7", "\"bytes\":7")).has_value());
  CHECK_FALSE(from_json(with("\"bytes\":7", "\"bytes\":7.3")).has_value());
  CHECK_FALSE(from_json(with("\"bytes\":7", "\"bytes\":-7")).has_value());
  CHECK_FALSE(from_json(with("\"bytes\":7", "\"bytes\":7e300")).has_value());
  CHECK_FALSE(from_json(with("\"version\":1", "\"version\":1e300")).has_value());
  CHECK_FALSE(from_json(with("\"bytes\":7", "\"bytes\":7,\"colour\":1")).has_value());
  CHECK_FALSE(from_json(with("\"bytes\":7", "\"bytes\": 7")).has_value());
}

TEST_CASE("an entry committed under a clock that is decades wrong can be read again") {
  ManifestEntry entry = entry_of(0, 1);
  entry.committed_at = from_microseconds(-1);
  CHECK(from_json(to_json(entry)).has_value());
  entry.committed_at = time_max;
  CHECK(from_json(to_json(entry)).has_value());
}

TEST_CASE("the cursor is where the last entry ends, for each partition, also after a restart") {
  Store store;
  {
    Manifest manifest(*store.objects, "lake");
    REQUIRE(manifest.open(noon));
    CHECK(manifest.cursor(0) == 0);
    REQUIRE(manifest.commit(entry_of(0, 10, {"lake/a"})));
    ManifestEntry other = entry_of(0, 4, {"lake/b"});
    other.partition = 1;
    REQUIRE(manifest.commit(other));
    REQUIRE(manifest.commit(entry_of(10, 10)));
    REQUIRE(manifest.commit(entry_of(10, 12, {"lake/c"})));
  }
  Manifest again(*store.objects, "lake");
  REQUIRE(again.open(noon));
  CHECK(again.cursor(0) == 12);
  CHECK(again.cursor(1) == 4);
  CHECK(again.epoch() == 2);
  CHECK(committed_keys(again) == Keys{"lake/a", "lake/b", "lake/c"});
  CHECK(again.committed()[0] == entry_of(0, 10, {"lake/a"}).objects[0]);
  CHECK(again.commit(entry_of(11, 13)).error().outcome == Outcome::conflict);
  CHECK(again.commit(entry_of(13, 14)).error().outcome == Outcome::conflict);
  CHECK(again.commit(entry_of(12, 14)).has_value());
}

TEST_CASE("of two writers the later one goes on and the earlier one gets a conflict") {
  Store store;
  Manifest first(*store.objects, "lake");
  REQUIRE(first.open(noon));
  REQUIRE(first.commit(entry_of(0, 10, {"lake/a"})));
  Manifest second(*store.objects, "lake");
  REQUIRE(second.open(noon));
  CHECK(second.epoch() > first.epoch());
  auto refused = first.commit(entry_of(10, 20, {"lake/zombie"}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().outcome == Outcome::conflict);
  REQUIRE(second.commit(entry_of(10, 15, {"lake/b"})));
  CHECK(first.commit(entry_of(10, 20, {"lake/zombie"})).error().outcome == Outcome::conflict);
  Manifest reader(*store.objects, "lake");
  REQUIRE(reader.refresh());
  CHECK(committed_keys(reader) == Keys{"lake/a", "lake/b"});
}

TEST_CASE("a reader sees what was committed since, and reads only that") {
  Store store;
  Manifest writer(*store.objects, "lake");
  Manifest reader(*store.objects, "lake");
  REQUIRE(reader.refresh());
  CHECK(reader.committed().empty());
  REQUIRE(writer.open(noon));
  REQUIRE(writer.commit(entry_of(0, 10, {"lake/a"})));
  REQUIRE(reader.refresh());
  CHECK(committed_keys(reader) == Keys{"lake/a"});
  // Were old entries read again, their absence would be noticed.
  REQUIRE(store.objects->remove("lake/_log/00000000000000000000.json"));
  REQUIRE(writer.commit(entry_of(10, 20, {"lake/b"})));
  REQUIRE(reader.refresh());
  CHECK(committed_keys(reader) == Keys{"lake/a", "lake/b"});
}

TEST_CASE("a sweep removes what no entry names and nothing else") {
  Store store;
  for (const char* key :
       {"lake/company=a/named", "lake/company=a/orphan", "facts/other", "lakes"}) {
    REQUIRE(store.objects->put(key, "x"));
  }
  Manifest manifest(*store.objects, "lake");
  REQUIRE(manifest.open(noon));
  REQUIRE(manifest.commit(entry_of(0, 1, {"lake/company=a/named"})));
  auto removed = manifest.sweep();
  REQUIRE(removed);
  CHECK(*removed == 1);
  CHECK(store.objects->get("lake/company=a/orphan").error().outcome == Outcome::not_found);
  for (const char* key : {"lake/company=a/named", "facts/other", "lakes"}) {
    CHECK(store.objects->get(key).has_value());
  }
  Manifest again(*store.objects, "lake");
  CHECK(again.open(noon).has_value());
}

TEST_CASE("a gap and a damaged entry are corrupt and named") {
  Store store;
  Manifest manifest(*store.objects, "lake");
  REQUIRE(manifest.open(noon));
  REQUIRE(manifest.commit(entry_of(0, 10, {"lake/a"})));
  REQUIRE(manifest.commit(entry_of(10, 20, {"lake/b"})));
  const std::string second = "lake/_log/00000000000000000001.json";
  const Bytes bytes = *store.objects->get(second);
  SUBCASE("gap") {
    REQUIRE(store.objects->remove(second));
  }
  SUBCASE("damage") {
    REQUIRE(store.objects->put(second, bytes.substr(0, bytes.size() / 2)));
  }
  SUBCASE("an entry in another one's place") {
    REQUIRE(store.objects->put(second, *store.objects->get("lake/_log/00000000000000000002.json")));
  }
  SUBCASE("an older epoch after a newer one") {
    ManifestEntry entry = entry_of(0, 10, {"lake/a"});
    REQUIRE(store.objects->put(second, to_json(entry)));
  }
  Manifest reader(*store.objects, "lake");
  auto read = reader.refresh();
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().outcome == Outcome::corrupt);
  CHECK(read.error().message.find(second) != std::string::npos);
  Manifest writer(*store.objects, "lake");
  CHECK(writer.open(noon).error().outcome == Outcome::corrupt);
}

TEST_CASE("one entry names at most entry_objects_max objects") {
  Store store;
  Manifest manifest(*store.objects, "lake");
  REQUIRE(manifest.open(noon));
  ManifestEntry entry = entry_of(0, 1);
  entry.objects.resize(entry_objects_max, {.key = "lake/x", .rows = 1, .bytes = 1, .labels = {}});
  ManifestEntry larger = entry;
  larger.objects.push_back(larger.objects.back());
  CHECK(manifest.commit(larger).error().outcome == Outcome::invalid);
  CHECK(manifest.commit(entry).has_value());
}

TEST_CASE("a hundred thousand entries are read at start, and one more costs one more") {
  Store store;
  constexpr std::uint64_t count = 100'000;
  Manifest writer(*store.objects, "lake");
  REQUIRE(writer.open(noon));
  for (std::uint64_t number = 0; number < count; ++number) {
    REQUIRE(writer.commit(entry_of(number, number + 1, {fmt::format("lake/{}", number)})));
  }
  Manifest reader(*store.objects, "lake");
  REQUIRE(reader.refresh());
  CHECK(reader.committed().size() == count);
  CHECK(reader.cursor(0) == count);
  REQUIRE(writer.commit(entry_of(count, count + 1, {"lake/last"})));
  REQUIRE(reader.refresh());
  CHECK(reader.committed().size() == count + 1);
}

TEST_CASE("a manifest over files goes on after a restart") {
  const Scratch scratch;
  for (std::uint64_t round = 0; round < 3; ++round) {
    auto objects = file_objects(scratch.path / "store");
    Manifest manifest(*objects, "lake");
    REQUIRE(manifest.open(noon));
    CHECK(manifest.cursor(0) == round * 10);
    REQUIRE(objects->put(fmt::format("lake/{}", round), "x"));
    REQUIRE(
        manifest.commit(entry_of(round * 10, round * 10 + 10, {fmt::format("lake/{}", round)})));
    CHECK(*manifest.sweep() == 0);
    CHECK(manifest.committed().size() == round + 1);
  }
}

}  // namespace cauce::objects

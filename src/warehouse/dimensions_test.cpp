#include "warehouse/dimensions.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "business/sqlite/sqlite.h"
#include "crypto/crypto.h"
#include "objects/memory/memory.h"
#include "objects/objects_contract.h"
#include "objects/scratch.h"
#include "warehouse/query.h"

namespace cauce::warehouse {
namespace {

using Rows = std::vector<std::vector<std::string>>;

const Time noon = *parse_time("2026-11-21T12:00:00Z");

struct Fixture {
  objects::Scratch scratch;
  std::unique_ptr<objects::Objects> store = objects::memory_objects(scratch.path);
  VirtualClock clock{noon};
  SeededRandom random{1};
  std::unique_ptr<business::Store> data;
  std::unique_ptr<business::Business> business;
  std::unique_ptr<business::Registry> registry;

  Fixture() {
    std::filesystem::create_directories(scratch.path / "business");
    data = business::make_sqlite_store(scratch.path / "business", random);
    business = *data->open_writer();
    registry = *data->open_registry();
  }

  std::unique_ptr<Dimensions> open() {
    auto made = std::make_unique<Dimensions>(
        *store, *registry, clock, DimensionsOptions{.scratch_directory = scratch.path / "dim"});
    REQUIRE(made->open());
    return made;
  }

  void fill() {
    REQUIRE(business->create(business::Company{"acme", "Acme"}));
    REQUIRE(business->create(business::Site{"acme", "plant", "Plant", "Europe/Madrid"}));
    business::DeviceType type;
    type.company = "acme";
    type.name = "motor";
    type.encryption = business::Encryption::aes256gcm;
    type.metrics.push_back({"t", "temperature", "Cel", 1, 0});
    REQUIRE(business->create(type));
    business::Device device;
    device.company = "acme";
    device.name = "pump-1";
    device.type = "motor";
    device.site = "plant";
    device.area = "hall";
    device.token_hash = crypto::sha256("pump-1-token");
    device.keys = {{1, Bytes(crypto::key_bytes, 'k')}};
    device.created_at = noon;
    REQUIRE(business->create(device));
  }

  Rows ask(std::string_view sql) {
    auto engine = open_query(*store, {});
    REQUIRE(engine);
    auto answer = (*engine)->query(sql, 1000);
    if (!answer) FAIL(answer.error().message);
    return answer->rows;
  }
};

}  // namespace

TEST_CASE("the four tables are what the business data are, without secrets") {
  Fixture fixture;
  fixture.fill();
  CHECK(*fixture.open()->follow());
  CHECK(fixture.ask("SELECT * FROM companies") == Rows{{"acme", "Acme"}});
  CHECK(fixture.ask("SELECT * FROM sites") == Rows{{"acme", "plant", "Plant", "Europe/Madrid"}});
  CHECK(fixture.ask("SELECT * FROM device_types") == Rows{{"acme", "motor", "true", "1"}});
  CHECK(fixture.ask("SELECT * FROM devices") ==
        Rows{{"acme", "pump-1", "motor", "plant", "hall", "true", "2026-11-21T12:00:00Z"}});
}

TEST_CASE("before the first snapshot the views are there and empty") {
  Fixture fixture;
  for (const Dimension& dimension : dimensions()) {
    CHECK(fixture.ask("SELECT * FROM " + std::string(dimension.table)).empty());
  }
}

TEST_CASE("a snapshot is made when the tables change, not before, and not more often than it may") {
  Fixture fixture;
  fixture.fill();
  const auto dimensions = fixture.open();
  CHECK(*dimensions->follow());
  fixture.clock.advance(std::chrono::minutes{1});
  CHECK_FALSE(*dimensions->follow());
  REQUIRE(fixture.business->create(business::Site{"acme", "yard", "Yard", "UTC"}));
  CHECK_FALSE(*dimensions->follow());  // it has just looked
  CHECK(fixture.ask("SELECT site FROM sites") == Rows{{"plant"}});
  fixture.clock.advance(std::chrono::seconds{5});
  CHECK(*dimensions->follow());
  CHECK(fixture.ask("SELECT site FROM sites ORDER BY site") == Rows{{"plant"}, {"yard"}});
  CHECK(fixture.ask("SELECT count(*) FROM devices") == Rows{{"1"}});
}

TEST_CASE("a writer that starts again makes no snapshot of what it has written already") {
  Fixture fixture;
  fixture.fill();
  CHECK(*fixture.open()->follow());
  CHECK_FALSE(*fixture.open()->follow());
  REQUIRE(fixture.business->create(business::Company{"globex", "Globex"}));
  CHECK(*fixture.open()->follow());
  CHECK(fixture.ask("SELECT company FROM companies ORDER BY company") ==
        Rows{{"acme"}, {"globex"}});
}

TEST_CASE("a writer that was replaced changes nothing and stops") {
  Fixture fixture;
  fixture.fill();
  const auto old = fixture.open();
  CHECK(*fixture.open()->follow());
  REQUIRE(fixture.business->create(business::Company{"globex", "Globex"}));
  const auto written = old->follow();
  REQUIRE_FALSE(written);
  CHECK(written.error().outcome == Outcome::conflict);
  CHECK(fixture.ask("SELECT company FROM companies") == Rows{{"acme"}});
  const auto worker = follow_business(*old);
  fixture.clock.advance(std::chrono::minutes{1});
  CHECK_FALSE(worker->step());
}

TEST_CASE("a snapshot with a missing object is corrupt, not old") {
  Fixture fixture;
  fixture.fill();
  CHECK(*fixture.open()->follow());
  for (const std::string& key : objects::contract::keys_of(*fixture.store, "dimensions/0")) {
    if (key.ends_with("/sites.parquet")) REQUIRE(fixture.store->remove(key));
  }
  const auto engine = open_query(*fixture.store, {});
  REQUIRE_FALSE(engine);
  CHECK(engine.error().outcome == Outcome::corrupt);
}

}  // namespace cauce::warehouse

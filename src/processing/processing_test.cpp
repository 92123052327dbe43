#include "processing/processing.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>

#include "base/random.h"
#include "business/sqlite/sqlite.h"
#include "delivery/refusing_writer.h"
#include "stream/memory/memory.h"

namespace cauce::processing {
namespace {

using record::Fact;
using record::Quality;
using record::Reading;

const Time noon = *parse_time("2026-11-21T12:00:00Z");

struct Directory {
  std::filesystem::path path;

  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "processing.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
};

Reading reading(std::string device, std::string metric, record::Value value,
                std::uint64_t position = 0) {
  return {.company = "acme",
          .device = std::move(device),
          .metric = std::move(metric),
          .time = noon - std::chrono::seconds{3},
          .received_at = noon,
          .value = std::move(value),
          .unit = "raw",
          .quality = Quality::uncertain,
          .origin = {.partition = 1, .position = position, .index = 2, .replay = 3}};
}

struct Fixture {
  Directory directory;
  SeededRandom random{7};
  std::unique_ptr<business::Store> store = business::make_sqlite_store(directory.path, random);
  std::unique_ptr<business::Business> people = *store->open_writer();
  std::unique_ptr<business::Registry> registry = *store->open_registry();
  VirtualClock clock{noon};
  std::unique_ptr<stream::Topic> topic = stream::memory::make_topic("facts", {}, clock);
  std::unique_ptr<stream::Writer> writer = *topic->open_writer();
  Processing processing{*registry, *writer, {.source = {0}, .target = {0}}};

  Fixture() {
    REQUIRE(people->create(business::Company{"acme", "Acme"}));
    REQUIRE(people->create(business::Site{"acme", "north", "North", "Europe/Madrid"}));
    business::DeviceType type;
    type.company = "acme";
    type.name = "tower";
    type.metrics = {{"t", "temperature", "Cel", 0.1, -40}, {"big", "flow", "m3", 1e300, 0}};
    REQUIRE(people->create(type));
    add_device("mote");
    REQUIRE(registry->refresh());
  }

  void add_device(const std::string& name) {
    business::Device device;
    device.company = "acme";
    device.name = name;
    device.type = "tower";
    device.site = "north";
    device.area = "cold room 2";
    device.token_hash = Bytes(32, name.front());
    device.created_at = noon;
    REQUIRE(people->create(device));
  }

  static stream::Batch batch(std::uint64_t from, std::vector<Bytes> records) {
    stream::Batch made;
    made.from = {from};
    made.to = {from + records.size()};
    made.appended_at.assign(records.size(), noon);
    made.records = std::move(records);
    return made;
  }

  std::vector<Fact> facts() {
    while (*writer->worker().step() == work::Progress::worked) {
    }
    auto reader = *topic->open_reader();
    std::vector<Fact> all;
    stream::Position at;
    for (;;) {
      const auto read = reader->read({0}, at, 1 << 20);
      REQUIRE(read);
      if (read->records.empty()) return all;
      for (const BytesView record : read->records)
        all.push_back(*record::decode_fact(record));
      at = read->to;
    }
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a reading becomes a fact in the type's words and units") {
  const Fact expected{.company = "acme",
                      .site = "north",
                      .area = "cold room 2",
                      .device = "mote",
                      .device_type = "tower",
                      .metric = "temperature",
                      .time = noon - std::chrono::seconds{3},
                      .received_at = noon,
                      .value = 615.0 * 0.1 - 40,
                      .unit = "Cel",
                      .quality = Quality::uncertain,
                      .origin = {1, 0, 2, 3}};
  CHECK(make_fact(reading("mote", "t", 615.0), *registry) == expected);
}

TEST_CASE_FIXTURE(Fixture, "what the type does not list keeps its name, value and unit") {
  const Fact fact = make_fact(reading("mote", "h", 40.0), *registry);
  CHECK(fact.metric == "h");
  CHECK(fact.value == record::Value{40.0});
  CHECK(fact.unit == "raw");
  CHECK(fact.site == "north");
  CHECK(make_fact(reading("mote", "t", true), *registry).value == record::Value{true});
  CHECK(make_fact(reading("mote", "t", "off"), *registry).unit == "Cel");
}

TEST_CASE_FIXTURE(Fixture, "a reading of an unknown device is not lost") {
  const Fact fact = make_fact(reading("nobody", "t", 615.0), *registry);
  CHECK(fact.company == "acme");
  CHECK(fact.device == "nobody");
  CHECK(fact.metric == "t");
  CHECK(fact.value == record::Value{615.0});
  CHECK(fact.site.empty());
  CHECK(fact.area.empty());
  CHECK(fact.device_type.empty());
  CHECK(fact.quality == Quality::uncertain);
}

TEST_CASE_FIXTURE(Fixture, "a number beyond a double stays as it was, marked bad") {
  const Fact fact = make_fact(reading("mote", "big", 1e200), *registry);
  CHECK(fact.metric == "big");
  CHECK(fact.value == record::Value{1e200});
  CHECK(fact.unit == "raw");
  CHECK(fact.quality == Quality::bad);
  CHECK(make_fact(reading("mote", "big", 1.0), *registry).metric == "flow");
}

TEST_CASE_FIXTURE(Fixture, "readings give facts, the rest gives none, all of it is covered") {
  const record::Undecodable undecodable{"acme", "mote", noon, {}, "parse", "no JSON"};
  REQUIRE(processing.deliver(
      batch(0, {record::encode(reading("mote", "t", 615.0)), record::encode(record::Tick{noon}),
                record::encode(undecodable), record::encode(reading("mote", "h", 1.0))})));
  REQUIRE(facts().size() == 2);
  CHECK(facts()[0].metric == "temperature");
  CHECK(facts()[1].metric == "h");
  CHECK(processing.resume_at()->number == 4);
  REQUIRE(processing.deliver(batch(4, {record::encode(record::Tick{noon})})));
  CHECK(facts().size() == 2);
  CHECK(processing.resume_at()->number == 5);
}

TEST_CASE_FIXTURE(Fixture, "a batch that comes again, to this process or the next, counts once") {
  const stream::Batch first = batch(0, {record::encode(reading("mote", "t", 1.0, 1)),
                                        record::encode(reading("mote", "t", 2.0, 2))});
  REQUIRE(processing.deliver(first));
  REQUIRE(processing.deliver(first));
  Processing next{*registry, *writer, {.source = {0}, .target = {0}}};
  REQUIRE(next.deliver(first));
  CHECK(facts().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a full stream holds the batch") {
  delivery::RefusingWriter refusing{*writer};
  Processing held{*registry, refusing, {.source = {0}, .target = {0}}};
  refusing.refuse_with = Outcome::exhausted;
  const stream::Batch first = batch(0, {record::encode(reading("mote", "t", 1.0))});
  CHECK(held.deliver(first).error().outcome == Outcome::exhausted);
  CHECK(facts().empty());
  refusing.refuse_with.reset();
  REQUIRE(held.deliver(first));
  CHECK(facts().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a batch sees the business data of its time") {
  add_device("new");
  REQUIRE(processing.deliver(batch(0, {record::encode(reading("new", "t", 615.0))})));
  CHECK(facts().at(0).site == "north");
  CHECK(facts().at(0).metric == "temperature");
}

TEST_CASE_FIXTURE(Fixture, "a record of another version stops processing") {
  const auto stopped = processing.deliver(batch(0, {"\xFFgarbage"}));
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().outcome == Outcome::corrupt);
  CHECK(stopped.error().message.find("position 0 of readings, partition 0") == 0);
  CHECK(processing.resume_at()->number == 0);
}

}  // namespace cauce::processing

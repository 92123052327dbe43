#include "alarms/outbox.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "alarms/alarms_fixture.h"
#include "base/clock.h"
#include "stream/memory/memory.h"

namespace cauce::alarms {
namespace {

using std::chrono::seconds;

constexpr stream::Partition zero{0};

// Alarms whose outbox goes to a topic in memory. The topic outlives the outbox, as a disk does.
struct Posted : Plant {
  Posted() : clock(fixture_start), topic(stream::memory::make_topic("events", {}, clock)) {
    add_device("acme", "mote-1");
    add_threshold("acme", "humidity", 85, 80);
    open_topic();
  }
  void open_topic() {
    writer.reset();
    auto opened = topic->open_writer();
    REQUIRE(opened.has_value());
    writer = std::move(*opened);
  }
  // `count` events: raised, cleared, raised …
  void events(int count) {
    for (int event = 0; event < count; ++event) {
      reading("acme", "mote-1", "humidity", seconds{at++}, raised ? 70 : 90);
      raised = !raised;
    }
    deliver();
  }
  Outbox& outbox() {
    if (!outbox_) {
      auto reader = topic->open_reader();
      REQUIRE(reader.has_value());
      auto opened = Outbox::open(directory.database(), *writer, std::move(*reader), outbox_options);
      REQUIRE(opened.has_value());
      outbox_ = std::move(*opened);
    }
    return *outbox_;
  }
  // The process dies: the outbox and what the topic had not made durable.
  void kill_outbox() {
    outbox_.reset();
    open_topic();
  }
  void sync() {
    while (true) {
      const auto progress = writer->worker().step();
      REQUIRE(progress.has_value());
      if (*progress == work::Progress::idle) return;
    }
  }
  void settle() {
    for (int round = 0; round < 100; ++round) {
      const auto progress = outbox().step();
      REQUIRE(progress.has_value());
      sync();
    }
  }
  std::vector<std::uint64_t> sequences() {
    auto reader = topic->open_reader();
    REQUIRE(reader.has_value());
    std::vector<std::uint64_t> found;
    stream::Position from{0};
    while (true) {
      const auto batch = (*reader)->read(zero, from, 1 << 20);
      REQUIRE(batch.has_value());
      if (batch->from == batch->to) return found;
      for (const BytesView record : batch->records) {
        found.push_back(nlohmann::json::parse(record).at("sequence").get<std::uint64_t>());
      }
      from = batch->to;
    }
  }
  std::int64_t rows() {
    auto database = sql::Database::open_read_only(directory.database());
    REQUIRE(database.has_value());
    auto count = database->prepare("SELECT count(*) FROM outbox");
    REQUIRE(count.has_value());
    REQUIRE(*count->step());
    return count->integer(0);
  }

  VirtualClock clock;
  std::unique_ptr<stream::Topic> topic;
  std::unique_ptr<stream::Writer> writer;
  Outbox::Options outbox_options;
  int at = 0;
  bool raised = false;

 private:
  std::unique_ptr<Outbox> outbox_;
};

std::vector<std::uint64_t> numbers_below(std::uint64_t end) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t number = 0; number < end; ++number)
    numbers.push_back(number);
  return numbers;
}

}  // namespace

TEST_CASE("every event reaches the topic once, in order, and the outbox empties") {
  Posted posted;
  posted.events(5);
  CHECK(posted.rows() == 5);
  posted.settle();
  CHECK(posted.sequences() == numbers_below(5));
  CHECK(posted.rows() == 0);
  posted.events(2);
  posted.settle();
  CHECK(posted.sequences() == numbers_below(7));
  CHECK(posted.rows() == 0);
}

TEST_CASE("rows stay until the topic has them durably") {
  Posted posted;
  posted.events(3);
  REQUIRE(posted.outbox().step().has_value());
  REQUIRE(posted.outbox().step().has_value());
  CHECK(posted.rows() == 3);
  posted.sync();
  REQUIRE(posted.outbox().step().has_value());
  CHECK(posted.rows() == 0);
}

TEST_CASE("killed before the append is durable, the outbox appends it again, once") {
  Posted posted;
  posted.events(3);
  REQUIRE(posted.outbox().step().has_value());
  // Once more, as it does while it waits: it must not take the append for durable.
  REQUIRE(posted.outbox().step().has_value());
  posted.kill_outbox();
  posted.settle();
  CHECK(posted.sequences() == numbers_below(3));
  CHECK(posted.rows() == 0);
}

TEST_CASE("killed between the durable append and the delete, the outbox only deletes") {
  Posted posted;
  posted.events(3);
  REQUIRE(posted.outbox().step().has_value());
  posted.sync();
  posted.kill_outbox();
  CHECK(posted.rows() == 3);
  posted.events(1);
  posted.settle();
  CHECK(posted.sequences() == numbers_below(4));
  CHECK(posted.rows() == 0);
}

TEST_CASE("an append takes at most events_max events and about bytes_max bytes") {
  for (const bool by_bytes : {false, true}) {
    Posted posted;
    if (by_bytes) posted.outbox_options.bytes_max = 1;
    if (!by_bytes) posted.outbox_options.events_max = 2;
    posted.events(5);
    REQUIRE(posted.outbox().step().has_value());
    posted.sync();
    CHECK(posted.sequences().size() == (by_bytes ? 1 : 2));
    posted.settle();
    CHECK(posted.sequences() == numbers_below(5));
  }
}

TEST_CASE("alarms.db lost: events go on behind those that the topic has") {
  Posted posted;
  posted.events(4);
  posted.settle();
  Posted fresh;  // its alarms.db knows nothing
  fresh.writer.reset();
  posted.kill_outbox();
  posted.writer.reset();
  fresh.topic = std::move(posted.topic);
  fresh.open_topic();
  fresh.events_end = fresh.writer->derived_end(zero, zero);
  fresh.events(2);
  fresh.settle();
  CHECK(fresh.sequences() == numbers_below(6));
  CHECK(fresh.rows() == 0);
}

TEST_CASE("an event says everything about its alarm in both languages") {
  Posted posted;
  posted.events(2);
  posted.settle();
  auto reader = posted.topic->open_reader();
  REQUIRE(reader.has_value());
  const auto batch = (*reader)->read(zero, stream::Position{0}, 1 << 20);
  REQUIRE(batch.has_value());
  REQUIRE(batch->records.size() == 2);
  CHECK(batch->records[0] ==
        R"({"type":"alarm.raised","version":1,"sequence":0,"at":"2026-11-21T23:48:40Z",)"
        R"("message":{"en":"humidity 90, above 85 since 2026-11-21T23:48:40Z",)"
        R"("es":"humidity 90, por encima de 85 desde 2026-11-21T23:48:40Z"},)"
        R"("alarm":{"id":1,"company":"acme","rule":"high-humidity","kind":"threshold",)"
        R"("severity":"warning","device":"mote-1","metric":"humidity","direction":"above",)"
        R"("limit":85.0,"raised_at":"2026-11-21T23:48:40Z","since":"2026-11-21T23:48:40Z",)"
        R"("raised_value_time":"2026-11-21T23:48:40Z","value":90.0,"peak":90.0,"last":90.0,)"
        R"("unit":"","value_metric":"humidity"}})");
  const auto cleared = nlohmann::json::parse(batch->records[1]);
  CHECK(cleared["type"] == "alarm.cleared");
  CHECK(cleared["alarm"]["cleared_at"] == "2026-11-21T23:48:41Z");
  CHECK(cleared["alarm"]["clear_reason"] == "recovered");
  CHECK(cleared["message"]["en"] ==
        "humidity up to 90, above 85 from 2026-11-21T23:48:40Z to 2026-11-21T23:48:41Z");
}

}  // namespace cauce::alarms

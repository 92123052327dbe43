#include "decode/decode.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "base/random.h"
#include "business/sqlite/sqlite.h"
#include "crypto/compact.h"
#include "decode/dead_letter_reader.h"
#include "delivery/refusing_writer.h"
#include "sql/database.h"
#include "stream/memory/memory.h"

namespace cauce::decode {
namespace {

using record::Message;
using record::Reading;
using record::ReadingRecord;
using record::Tick;
using record::Undecodable;

const Time noon = *parse_time("2026-11-21T12:00:00Z");
const Bytes key_of_vault(crypto::key_bytes, 'k');

struct Directory {
  std::filesystem::path path;

  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "decode.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
};

Bytes message(const std::string& device, Bytes payload, Time received_at = noon) {
  return record::encode(Message{.company = "acme",
                                .device = device,
                                .topic = record::telemetry_topic(device),
                                .received_at = received_at,
                                .content_type = {},
                                .payload = std::move(payload)});
}

Bytes sealed(std::uint32_t key_id, std::string_view plaintext) {
  const std::string topic = record::telemetry_topic("vault");
  return message("vault", crypto::seal_compact(key_id, key_of_vault, Bytes(12, 'n'),
                                               {"acme", "vault", topic}, plaintext));
}

stream::Batch batch(std::uint64_t from, std::vector<Bytes> records) {
  stream::Batch made;
  made.from = {from};
  made.to = {from + records.size()};
  made.appended_at.assign(records.size(), noon);
  made.records = std::move(records);
  return made;
}

struct Fixture {
  Directory directory;
  SeededRandom random{7};
  std::unique_ptr<business::Store> store = business::make_sqlite_store(directory.path, random);
  std::unique_ptr<business::Business> people = *store->open_writer();
  VirtualClock clock{noon};
  std::unique_ptr<stream::Topic> topic = stream::memory::make_topic("readings", {}, clock);
  std::unique_ptr<stream::Writer> writer = *topic->open_writer();
  delivery::RefusingWriter refusing{*writer};
  DeadLetterReader reader{directory.path};

  // What dies with a process.
  std::unique_ptr<business::Registry> registry;
  std::unique_ptr<DeadLetters> dead_letters;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Decode> decode;

  Fixture() {
    REQUIRE(people->create(business::Company{"acme", "Acme"}));
    add_type("plain", business::Encryption::none);
    add_type("secret", business::Encryption::aes256gcm);
    add_device("mote", "plain", {});
    add_device("vault", "secret", {{3, key_of_vault}});
    restart();
  }

  void add_type(const std::string& name, business::Encryption encryption) {
    business::DeviceType type;
    type.company = "acme";
    type.name = name;
    type.encryption = encryption;
    REQUIRE(people->create(type));
  }

  void add_device(const std::string& name, const std::string& type,
                  std::vector<business::DeviceKey> keys) {
    business::Device device;
    device.company = "acme";
    device.name = name;
    device.type = type;
    device.token_hash = Bytes(32, name.front());
    device.keys = std::move(keys);
    device.created_at = noon;
    REQUIRE(people->create(device));
  }

  void restart(std::size_t frame_bytes = Decode::frame_bytes_max) {
    decode.reset();
    dead_letters.reset();
    ledger.reset();
    registry.reset();
    registry = *store->open_registry();
    dead_letters = *DeadLetters::open(directory.path);
    ledger = *ledger::Ledger::open(directory.path, {0}, clock);
    decode =
        std::make_unique<Decode>(*registry, *dead_letters, *ledger, refusing,
                                 Decode::Partitions{.source = {0}, .target = {0}}, frame_bytes);
  }

  std::vector<ReadingRecord> readings() {
    while (*writer->worker().step() == work::Progress::worked) {
    }
    auto stream = *topic->open_reader();
    std::vector<ReadingRecord> all;
    stream::Position at;
    for (;;) {
      const auto read = stream->read({0}, at, 1 << 20);
      REQUIRE(read);
      if (read->records.empty()) return all;
      for (const BytesView record : read->records)
        all.push_back(*record::decode_reading(record));
      at = read->to;
    }
  }

  std::vector<std::uint64_t> dead() {
    const auto listed = reader.list("acme", "", {}, 100);
    REQUIRE(listed);
    std::vector<std::uint64_t> positions;
    for (const DeadLetterSummary& summary : *listed)
      positions.push_back(summary.letter.origin.position);
    return positions;
  }
};

const std::vector<Bytes> mixed = {message("mote", R"({"t":21.5,"h":40})"), sealed(3, R"({"t":4})"),
                                  record::encode(Tick{noon}), sealed(7, R"({"t":5})"),
                                  message("mote", "no json")};

void check_mixed(const std::vector<ReadingRecord>& records) {
  REQUIRE(records.size() == 6);
  CHECK(std::get<Reading>(records[0]).metric == "t");
  CHECK(std::get<Reading>(records[1]).origin == record::Origin{0, 0, 1, 0});
  CHECK(std::get<Reading>(records[2]).device == "vault");
  CHECK(std::get<Tick>(records[3]).at == noon);
  CHECK(std::get<Undecodable>(records[4]).reason == "key 7 sent, key 3 on record");
  CHECK(std::get<Undecodable>(records[4]).origin.position == 3);
  CHECK(std::get<Undecodable>(records[5]).stage == "parse");
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a batch becomes readings, undecodables and ticks in its order") {
  REQUIRE(decode->deliver(batch(0, mixed)));
  check_mixed(readings());
  CHECK(decode->resume_at()->number == 5);
  CHECK(dead() == std::vector<std::uint64_t>{4, 3});
  const auto letter = reader.get("acme", 0, 3);
  REQUIRE(letter);
  CHECK(record::encode(letter->message) == mixed[3]);
  CHECK(letter->reason == "key 7 sent, key 3 on record");
}

TEST_CASE_FIXTURE(Fixture, "a batch that gives nothing moves on") {
  const Bytes elsewhere = record::encode(Message{.company = "acme",
                                                 .device = "mote",
                                                 .topic = "devices/mote/notes",
                                                 .received_at = noon,
                                                 .content_type = {},
                                                 .payload = "x"});
  REQUIRE(decode->deliver(batch(0, {elsewhere, message("mote", "{}")})));
  CHECK(readings().empty());
  CHECK(dead().empty());
  CHECK(decode->resume_at()->number == 2);
}

TEST_CASE_FIXTURE(Fixture, "what comes again counts once") {
  REQUIRE(decode->deliver(batch(0, mixed)));
  REQUIRE(decode->deliver(batch(0, mixed)));
  restart();
  REQUIRE(decode->deliver(batch(0, mixed)));
  check_mixed(readings());
  CHECK(dead() == std::vector<std::uint64_t>{4, 3});
  CHECK(reader.count("acme", 10)->size() == 2);
}

TEST_CASE("a death between dead letters and append loses and doubles nothing") {
  for (int appends = 0; appends < int(mixed.size()); ++appends) {
    for (const std::size_t frame_bytes : {std::size_t{1}, std::size_t{200}, std::size_t{1 << 20}}) {
      CAPTURE(appends);
      CAPTURE(frame_bytes);
      Fixture fixture;
      fixture.restart(1);  // a frame for each record
      fixture.refusing.refuse_with = Outcome::unavailable;
      fixture.refusing.appends_left = appends;
      CHECK_FALSE(fixture.decode->deliver(batch(0, mixed)));
      // The letters of the frame that was not appended are there already.
      const std::size_t letters = appends >= 4 ? 2 : appends >= 3 ? 1 : 0;
      CHECK(fixture.dead().size() == letters);
      fixture.refusing.refuse_with.reset();
      fixture.restart(frame_bytes);
      const std::uint64_t from = fixture.decode->resume_at()->number;
      CHECK(fixture.writer->derived_end({0}, {0}).number == std::uint64_t(appends));
      CHECK(from <= std::uint64_t(appends));  // what the ledger had not kept comes once more
      const auto rest = mixed.begin() + std::ptrdiff_t(from);
      REQUIRE(fixture.decode->deliver(batch(from, {rest, mixed.end()})));
      check_mixed(fixture.readings());
      CHECK(fixture.dead() == std::vector<std::uint64_t>{4, 3});
      CHECK(fixture.reader.deleted("acme")->empty());
    }
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "a full stream holds the batch, and its dead letters are there already") {
  refusing.refuse_with = Outcome::exhausted;
  for (int attempt = 0; attempt < 3; ++attempt)
    CHECK(decode->deliver(batch(0, mixed)).error().outcome == Outcome::exhausted);
  CHECK(dead() == std::vector<std::uint64_t>{4, 3});
  CHECK(readings().empty());
  refusing.refuse_with.reset();
  REQUIRE(decode->deliver(batch(0, mixed)));
  check_mixed(readings());
  CHECK(dead().size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a device made a moment ago is known to the first batch") {
  REQUIRE(decode->deliver(batch(0, {message("mote", R"({"t":1})")})));
  add_device("new", "plain", {});
  REQUIRE(decode->deliver(batch(1, {message("new", R"({"t":2})")})));
  REQUIRE(readings().size() == 2);
  CHECK(std::get<Reading>(readings()[1]).device == "new");
  CHECK(dead().empty());
}

TEST_CASE_FIXTURE(Fixture, "what decodes at the second try is no dead letter") {
  refusing.refuse_with = Outcome::unavailable;
  CHECK_FALSE(decode->deliver(batch(0, {message("new", R"({"t":2})")})));
  CHECK(dead() == std::vector<std::uint64_t>{0});
  add_device("new", "plain", {});
  refusing.refuse_with.reset();
  restart();
  REQUIRE(decode->deliver(batch(0, {message("new", R"({"t":2})")})));
  CHECK(readings().size() == 1);
  CHECK(dead().empty());
}

TEST_CASE_FIXTURE(Fixture, "nothing is appended when the dead letters cannot be kept") {
  {
    auto database =
        sql::Database::open(directory.path / "dead_letters.db", sql::Durability::synced);
    REQUIRE(database);
    REQUIRE(database->execute("DROP TABLE counts"));
  }
  const auto stopped = decode->deliver(batch(0, mixed));
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().outcome != Outcome::exhausted);
  CHECK(stopped.error().outcome != Outcome::unavailable);
  CHECK(stopped.error().message.find("decode: keep the dead letters") == 0);
  CHECK(readings().empty());
  CHECK(decode->resume_at()->number == 0);
}

TEST_CASE_FIXTURE(Fixture, "ticks let dead letters grow old") {
  REQUIRE(decode->deliver(batch(0, {message("mote", "no json")})));
  CHECK(dead().size() == 1);
  const Time later = noon + std::chrono::days{91};
  REQUIRE(decode->deliver(batch(1, {record::encode(Tick{later})})));
  CHECK(dead().empty());
  CHECK(reader.deleted("acme")->at(0).cause == "age");
}

TEST_CASE_FIXTURE(Fixture, "a record of another version stops decoding") {
  const auto stopped = decode->deliver(batch(0, {mixed[0], "\xFFgarbage"}));
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().outcome == Outcome::corrupt);
  CHECK(stopped.error().message.find("position 1 of raw, partition 0, is no record") == 0);
  CHECK(readings().empty());
}

TEST_CASE_FIXTURE(Fixture, "everything arrives in order through a stream that is often full") {
  const auto raw = stream::memory::make_topic("raw", {}, clock);
  const auto raw_writer = *raw->open_writer();
  std::vector<Bytes> sent;
  for (int count = 0; count < 300; ++count)
    sent.push_back(message("mote", count % 7 == 0 ? "no json" : R"([{"t":1},{"t":2,"h":3}])"));
  REQUIRE(raw_writer->append({0}, sent, [](Result<stream::Position>) {}));
  while (*raw_writer->worker().step() == work::Progress::worked) {
  }

  const auto small = stream::memory::make_topic("small", {.bytes_in_flight_max = 2048}, clock);
  const auto small_writer = *small->open_writer();
  Decode narrow{*registry, *dead_letters, *ledger, *small_writer, {.source = {0}, .target = {0}},
                512};
  const auto worker = delivery::deliver("decode", *raw->open_reader(), *raw->open_cursors(), {0},
                                        narrow, clock, {.batch_bytes_max = 4096});
  bool was_full = false;
  for (int turn = 0; turn < 2000 && small_writer->derived_end({0}, {0}).number < 300; ++turn) {
    const auto progress = worker->step();
    REQUIRE(progress);
    if (*progress == work::Progress::worked) continue;
    was_full = true;
    REQUIRE(small_writer->worker().step());
    clock.advance(std::chrono::milliseconds{20});
  }
  while (*small_writer->worker().step() == work::Progress::worked) {
  }
  CHECK(was_full);

  std::vector<record::Origin> expected;
  std::vector<record::Origin> found;
  for (std::uint32_t position = 0; position < 300; ++position) {
    for (std::uint32_t index = 0; index < (position % 7 == 0 ? 1U : 3U); ++index)
      expected.push_back({0, position, index, 0});
  }
  const auto reading_end = *small->open_reader();
  stream::Position at;
  for (;;) {
    const auto read = reading_end->read({0}, at, 1 << 20);
    REQUIRE(read);
    if (read->records.empty()) break;
    for (const BytesView bytes : read->records) {
      const auto record = *record::decode_reading(bytes);
      const auto* reading = std::get_if<Reading>(&record);
      found.push_back(reading != nullptr ? reading->origin : std::get<Undecodable>(record).origin);
    }
    at = read->to;
  }
  CHECK(found == expected);
  CHECK(reader.count("acme", 10)->at(0).rows == 43);
}

}  // namespace cauce::decode

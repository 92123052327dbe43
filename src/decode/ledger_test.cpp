// What decode tells the ledger, and that each message counts once whoever dies.
#include "ledger/ledger.h"

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <stdlib.h>

#include "business/sqlite/sqlite.h"
#include "crypto/compact.h"
#include "decode/arrivals.h"
#include "decode/decode.h"
#include "decode/fixed_registry.h"
#include "delivery/refusing_writer.h"
#include "ledger/ledger_reader.h"
#include "stream/memory/memory.h"

namespace cauce::decode {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const Time noon = *parse_time("2026-11-21T12:00:00Z");
const Bytes vault_key(crypto::key_bytes, 'k');

struct Directory {
  std::filesystem::path path;

  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "decode.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
};

business::DeviceType type_of(const std::string& name, business::Encryption encryption,
                             const std::string& sequence) {
  business::DeviceType type;
  type.company = "acme";
  type.name = name;
  type.encryption = encryption;
  type.sequence = sequence;
  return type;
}

business::Device device_of(const std::string& name, const std::string& type) {
  business::Device device;
  device.company = "acme";
  device.name = name;
  device.type = type;
  device.keys = {{3, vault_key}};
  return device;
}

Bytes message(const std::string& device, Bytes payload, Time received_at = noon) {
  return record::encode(record::Message{.company = "acme",
                                        .device = device,
                                        .topic = record::telemetry_topic(device),
                                        .received_at = received_at,
                                        .content_type = {},
                                        .payload = std::move(payload)});
}

struct Fixture {
  Directory directory;
  VirtualClock clock{noon};
  std::unique_ptr<stream::Topic> topic = stream::memory::make_topic("readings", {}, clock);
  std::unique_ptr<stream::Writer> writer = *topic->open_writer();
  delivery::RefusingWriter refusing{*writer};
  ledger::LedgerReader reader{directory.path};
  std::vector<Bytes> raw;

  // What dies with a process.
  std::unique_ptr<FixedRegistry> registry;
  std::unique_ptr<DeadLetters> dead_letters;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Decode> decode;

  Fixture() { restart(); }

  void restart(std::size_t frame_bytes = Decode::frame_bytes_max) {
    decode.reset();
    ledger.reset();
    dead_letters.reset();
    registry = std::make_unique<FixedRegistry>();
    registry->put(type_of("counting", business::Encryption::none, "seq"));
    registry->put(type_of("secret", business::Encryption::aes256gcm, ""));
    registry->put(device_of("mote", "counting"));
    registry->put(device_of("vault", "secret"));
    dead_letters = *DeadLetters::open(directory.path);
    ledger = *ledger::Ledger::open(directory.path, {0}, clock);
    decode =
        std::make_unique<Decode>(*registry, *dead_letters, *ledger, refusing,
                                 Decode::Partitions{.source = {0}, .target = {0}}, frame_bytes);
  }

  // Delivers all of `raw` from where decode goes on, as delivery does.
  Result<void> deliver() {
    const auto from = decode->resume_at();
    REQUIRE(from);
    stream::Batch batch;
    batch.from = *from;
    batch.to = {raw.size()};
    batch.records = std::vector<Bytes>{raw.begin() + std::ptrdiff_t(from->number), raw.end()};
    batch.appended_at.assign(batch.records.size(), noon);
    return decode->deliver(batch);
  }
  void deliver_all() {
    clock.advance(hours{1});
    const auto delivered = deliver();
    if (!delivered) FAIL(delivered.error().message);
  }
  // A tick is the next record, so that all before it is kept.
  ledger::Sheet sheet(std::string_view device) {
    raw.push_back(record::encode(record::Tick{noon}));
    deliver_all();
    auto read = reader.read("acme", device);
    if (!read) FAIL(read.error().message);
    return *std::move(read);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what a message says about its device is told to the ledger") {
  raw = {message("mote", R"({"time":"2026-11-21T11:59:58Z","seq":4,"t":21.5})"),
         message("mote", R"({"time":"2026-11-21T11:59:59Z","seq":7,"t":21.5})"),
         message("mote", R"({"time":"2026-11-21T11:59:59Z","seq":7,"t":21.5})"),
         message("mote", R"({"time":"2026-11-21T11:59:59Z","seq":7.5,"t":21.5})"),
         message("mote", R"({"seq":"8","t":21.5})"),
         message("mote", "no json")};
  const ledger::Account account = sheet("mote").account;
  CHECK(account.total().messages == 6);
  CHECK(account.total().readings == 10);
  CHECK(account.total().dead_letters == 1);
  CHECK(account.total().duplicates == 1);
  CHECK(account.total().missing == 2);
  CHECK(account.unusable_numbers() == 2);
  CHECK(account.without_number() == 2);
  CHECK(account.last_skew() == seconds{1});
  CHECK(account.newest_reading() == noon);  // of the one without a time
  CHECK(account.total().payload_bytes == raw[0].size() * 3 + raw[3].size() + raw[4].size() +
                                             raw[5].size() - 6 * (message("mote", "").size()));
}

TEST_CASE_FIXTURE(Fixture,
                  "a value that was measured twice is no duplicate, an encrypted message is") {
  const std::string vault_topic = record::telemetry_topic("vault");
  const Bytes sealed = crypto::seal_compact(3, vault_key, Bytes(12, 'n'),
                                            {"acme", "vault", vault_topic}, R"({"t":21.5})");
  raw = {message("mote", R"({"t":21.5})"), message("mote", R"({"t":21.5})"),
         message("vault", sealed), message("vault", sealed)};
  CHECK(sheet("mote").account.total().duplicates == 0);
  CHECK(sheet("vault").account.total().duplicates == 1);
  CHECK(sheet("vault").account.total().readings == 2);
}

TEST_CASE_FIXTURE(Fixture, "names that nobody created are not counted") {
  raw = {message("nobody", R"({"t":1})"), message("mote", R"({"t":1})")};
  CHECK(sheet("nobody").account.total().messages == 0);
  CHECK(sheet("mote").account.total().messages == 1);
  CHECK(ledger->accounts() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what a device says beside its values arrived as well") {
  raw = {message("mote", R"({"seq":1})"),
         record::encode(record::Message{.company = "acme",
                                        .device = "mote",
                                        .topic = "devices/mote/notes",
                                        .received_at = noon,
                                        .content_type = {},
                                        .payload = "hello"}),
         message("mote", R"({"seq":2})")};
  const ledger::Account account = sheet("mote").account;
  CHECK(account.total().messages == 3);
  CHECK(account.total().missing == 0);
  CHECK(account.without_number() == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "a number beyond what a counter may be is unusable, the largest is not") {
  raw = {message("mote", R"({"seq":9007199254740992})"), message("mote", R"({"seq":-1})"),
         message("mote", R"({"seq":9007199254740994})"), message("mote", R"({"seq":1e300})"),
         message("mote", R"({"seq":true})")};
  const ledger::Account account = sheet("mote").account;
  CHECK(account.counter().last() == ledger::number_max);
  CHECK(account.unusable_numbers() == 4);
}

TEST_CASE("wherever decode dies, the ledger counts each message once") {
  for (int appends = 0; appends < 12; ++appends) {
    for (const bool keeps : {false, true}) {
      CAPTURE(appends);
      CAPTURE(keeps);
      Fixture fixture;
      fixture.restart(1);  // a frame for each record
      for (int number = 0; number < 10; ++number) {
        const Bytes payload = fmt::format(R"({{"seq":{}}})", number);
        fixture.raw.push_back(message("mote", number == 4 ? "no json" : payload));
      }
      if (keeps) fixture.clock.advance(hours{1});
      fixture.refusing.refuse_with = Outcome::corrupt;
      fixture.refusing.appends_left = appends;
      (void)fixture.deliver();
      fixture.restart();
      fixture.refusing.refuse_with.reset();
      const ledger::Account account = fixture.sheet("mote").account;
      CHECK(account.total().messages == 10);
      CHECK(account.total().dead_letters == 1);
      CHECK(account.total().missing == 1);
      CHECK(account.total().duplicates == 0);
      CHECK(account.total().repeated == 0);
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "a ledger that is new to an installation begins where decode stands") {
  for (int number = 0; number < 10; ++number)
    raw.push_back(message("mote", R"({"t":1})"));
  deliver_all();
  decode.reset();
  ledger.reset();
  for (const char* file : {"ledger.db", "ledger.db-wal", "ledger.db-shm"})
    std::filesystem::remove(directory.path / file);
  restart();
  CHECK(decode->resume_at()->number == 10);
  raw.push_back(message("mote", R"({"t":1})"));
  deliver_all();
  ledger::LedgerReader fresh{directory.path};
  CHECK(fresh.read("acme", "mote")->account.total().messages == 1);
}

TEST_CASE_FIXTURE(Fixture, "a ledger that is behind is caught up without a second reading") {
  for (int number = 0; number < 3; ++number)
    raw.push_back(message("mote", R"({"t":1})"));
  deliver_all();
  // Not kept: the pause is not over.
  for (int number = 0; number < 5; ++number)
    raw.push_back(message("mote", R"({"t":1})"));
  REQUIRE(deliver());
  const stream::Position derived = writer->derived_end({0}, {0});
  CHECK(derived.number == 8);
  restart();
  CHECK(decode->resume_at()->number == 3);
  deliver_all();
  CHECK(writer->derived_end({0}, {0}) == derived);
  CHECK(sheet("mote").account.total().messages == 8);
}

}  // namespace cauce::decode

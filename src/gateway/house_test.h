// A gateway on a loopback socket with memory streams, business data in a scratch directory, and a
// virtual clock; for tests.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "business/sqlite/sqlite.h"
#include "crypto/crypto.h"
#include "disk/memory/memory.h"
#include "gateway/gateway.h"
#include "gateway/mqtt/test_packets.h"
#include "net/test_client.h"
#include "record/command.h"
#include "stream/memory/memory.h"

namespace cauce::gateway {

using mqtt::ConnectReturn;
using net::TestClient;
using std::chrono::seconds;

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "gateway-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A company with the devices mote-1 and mote-2; each device's token is "token of <name>".
struct House {
  VirtualClock clock{from_microseconds(1'795'304'920'000'000)};
  SeededRandom random{7};
  Options options;
  stream::memory::Options raw_options;
  bool disk_is_low = false;

  ScratchDirectory directory;
  std::unique_ptr<net::Loop> loop = net::Loop::create();
  std::unique_ptr<business::Store> store = business::make_sqlite_store(directory.path(), random);
  std::unique_ptr<business::Business> business;
  std::unique_ptr<business::Registry> registry;
  disk::MemoryDisk sessions;
  std::unique_ptr<stream::Topic> raw;
  std::unique_ptr<stream::Topic> commands = stream::memory::make_topic("commands", {}, clock);
  std::unique_ptr<stream::Writer> writer;
  std::unique_ptr<stream::Writer> commander = *commands->open_writer();
  std::unique_ptr<Gateway> gateway;
  int last_command = 0;
  net::Address address;
  net::Address http_address;

  House() {
    business = *store->open_writer();
    registry = *store->open_registry();
    REQUIRE(business->create(business::Company{"acme", "Acme"}));
    REQUIRE(business->create(business::Company{"other", "Other"}));
    business::DeviceType type;
    type.company = "acme";
    type.name = "mote";
    REQUIRE(business->create(type));
    for (const char* name : {"mote-1", "mote-2"})
      REQUIRE(business->create(device(name)));
    options.disk_is_low = [this] { return disk_is_low; };
  }

  business::Device device(const std::string& name) const {
    business::Device result;
    result.company = "acme";
    result.name = name;
    result.type = "mote";
    result.token_hash = crypto::sha256("token of " + name);
    result.created_at = clock.now();
    return result;
  }

  void start() {
    raw = stream::memory::make_topic("raw", raw_options, clock);
    open();
    // What the gateway notes at its start is durable, and nobody hears of anything else by it.
    settle();
    sync();
  }

  // As if it had been killed: what was not durable is lost, and so is what it knew.
  void restart() {
    gateway.reset();
    loop = net::Loop::create();
    writer.reset();
    sessions.kill();
    open();
    sync();
  }

  void open() {
    writer = *raw->open_writer();
    auto listener = net::Listener::bind({"127.0.0.1", 0});
    REQUIRE(listener);
    address = listener->address();
    auto http = net::Listener::bind({"127.0.0.1", 0});
    REQUIRE(http);
    http_address = http->address();
    auto started = Gateway::start(*loop, {std::move(*listener), std::move(*http)}, *writer,
                                  readers(), *registry, clock, random, options);
    REQUIRE(started);
    gateway = std::move(*started);
  }

  Readers readers() {
    return {*commands->open_reader(),
            *raw->open_reader(),
            *commands->open_reader(),
            {sessions.root(), *raw->open_reader(), *commands->open_reader(), *raw->open_cursors()}};
  }

  TestClient dial() { return TestClient(*loop, address); }

  // A device that is connected and has read its CONNACK.
  TestClient connect(const std::string& name, std::string client_id = "") {
    TestClient client = dial();
    if (client_id.empty()) client_id = name;
    client.send(mqtt::connect(client_id, name, "token of " + name));
    CHECK(client.run_until_received(4));
    CHECK(client.take_received() == mqtt::connack(ConnectReturn::accepted));
    return client;
  }

  // Makes what was appended durable, and lets the loop hear of it.
  void sync() {
    while (*writer->worker().step() == work::Progress::worked)
      continue;
    loop->run_ready();
  }
  // Waits until so many messages are taken and not durable.
  void await_in_flight(TestClient& client, std::size_t count) {
    CHECK(client.run_until([&] { return gateway->counts().messages_in_flight == count; }));
  }
  // Waits until so many are taken, and makes them durable.
  void await_stored(TestClient& client, std::size_t count) {
    CHECK(client.run_until([&] {
      sync();
      return stored().size() >= count;
    }));
  }
  // What the loop can do without anybody else.
  void settle() {
    for (int turn = 0; turn < 5; ++turn) {
      loop->run_ready();
      while (gateway && *gateway->archive_worker().step() == work::Progress::worked)
        continue;
    }
  }
  void pass(Duration span) {
    clock.advance(span);
    gateway->look_around();
    settle();
  }

  // Messages and ticks.
  std::vector<record::RawRecord> stored() {
    auto reader = *raw->open_reader();
    std::vector<record::RawRecord> records;
    for (stream::Position from = *reader->first(stream::Partition{0});;) {
      auto batch = reader->read(stream::Partition{0}, from, 1 << 20);
      REQUIRE(batch);
      if (batch->from == batch->to) return records;
      for (const BytesView record : batch->records) {
        const auto decoded = *record::decode_raw(record);
        if (decoded.is_message() || decoded.kind == record::RawKind::tick) {
          records.push_back(decoded);
        }
      }
      from = batch->to;
    }
  }
  // Of commands: "sent c-1", in order.
  std::vector<std::string> steps() {
    std::vector<std::string> texts;
    auto reader = *raw->open_reader();
    for (stream::Position from = *reader->first(stream::Partition{0});;) {
      const auto batch = reader->read(stream::Partition{0}, from, 1 << 20);
      REQUIRE(batch);
      if (batch->from == batch->to) return texts;
      for (const BytesView record : batch->records) {
        if (record::raw_kind(record) != record::RawKind::session_change) continue;
        const auto change = *record::decode_session_change(record);
        const auto* step = std::get_if<record::CommandStep>(&change.event);
        if (step == nullptr) continue;
        texts.push_back(std::string(record::name_of(step->kind)) + " " + step->id);
        if (!step->answer.empty()) texts.back() += " " + step->answer;
      }
      from = batch->to;
    }
  }
  // "topic=payload" of each message, ticks left out.
  std::vector<std::string> messages() {
    std::vector<std::string> texts;
    for (const auto& record : stored()) {
      if (!record.is_message()) continue;
      texts.push_back(record.message.topic + "=" + record.message.payload);
    }
    return texts;
  }
  // As the api writes it into `commands`, with an id.
  void give(const std::string& id, const std::string& device_name, const Bytes& payload,
            Duration span = record::command_wait_max) {
    record::Command command;
    command.id = id;
    command.expires_at = clock.now() + span;
    command.message.company = "acme";
    command.message.device = device_name;
    command.message.topic = record::commands_topic(device_name);
    command.message.received_at = clock.now();
    command.message.content_type = "text/plain";
    command.message.payload = payload;
    put_command(record::encode(command));
  }
  void withdraw(const std::string& id, const std::string& device_name) {
    put_command(record::encode(record::Withdrawal{clock.now(), "acme", device_name, id}));
  }
  // Whose id nobody needs.
  void command(const std::string& device_name, const Bytes& payload) {
    give("c-" + std::to_string(++last_command), device_name, payload);
  }
  void put_command(Bytes record) {
    REQUIRE(commander->append(stream::Partition{0}, {std::move(record)},
                              [](Result<stream::Position>) {}));
    while (*commander->worker().step() == work::Progress::worked)
      continue;
    while (*gateway->commands_worker().step() == work::Progress::worked)
      loop->run_ready();
  }
};

}  // namespace cauce::gateway

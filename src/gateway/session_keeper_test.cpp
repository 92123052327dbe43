// The files of sessions, and a start from them.
#include "gateway/session_keeper.h"

#include <doctest/doctest.h>

#include <fstream>

#include "gateway/house_test.h"

namespace cauce::gateway {
namespace {

using std::chrono::minutes;

const std::string topic_1 = "devices/mote-1/telemetry";

struct Keeping : House {
  // A device that keeps its session by MQTT 3.1.1.
  TestClient join(const std::string& name, bool present) {
    TestClient client = dial();
    client.send(mqtt::raw_connect(
        4, 0xC0, 60,
        mqtt::text_field(name) + mqtt::text_field(name) + mqtt::text_field("token of " + name)));
    CHECK(gets(client, Bytes("\x20\x02", 2) + char(present) + '\0'));
    return client;
  }
  bool gets(TestClient& client, const Bytes& expected) {
    client.run_until([&] {
      sync();
      settle();
      return client.received().size() >= expected.size();
    });
    CAPTURE(to_hex(client.received()));
    const bool same = client.received().substr(0, expected.size()) == expected;
    return same && client.take_received().size() == expected.size();
  }
  void subscribe(TestClient& client, std::string_view filter) {
    client.send(mqtt::subscribe(1, filter, 1));
    CHECK(gets(client, Bytes("\x90\x03\x00\x01\x01", 5)));
  }
  void go_away(TestClient& client) {
    client.disconnect();
    CHECK(client.run_until([&] { return gateway->counts().connections == 0; }));
    sync();
  }
  void keep() {
    clock.advance(SessionKeeper::interval);
    while (*gateway->sessions_worker().step() == work::Progress::worked)
      continue;
  }
  std::optional<stream::Position> kept_from() {
    return *(*raw->open_cursors())->committed(SessionKeeper::group, stream::Partition{0});
  }
  void sleep_with_a_message() {
    {
      auto sleeper = join("mote-1", false);
      subscribe(sleeper, topic_1);
      go_away(sleeper);
    }
    auto sender = connect("mote-1", "another");
    sender.send(mqtt::publish(topic_1, "x", 5));
    await_stored(sender, 1);
    go_away(sender);
  }
  void wake_up() {
    auto sleeper = dial();
    sleeper.send(mqtt::raw_connect(4, 0xC0, 60,
                                   mqtt::text_field("mote-1") + mqtt::text_field("mote-1") +
                                       mqtt::text_field("token of mote-1")));
    CHECK(gets(sleeper, Bytes("\x20\x02\x01\x00", 4) + mqtt::publish(topic_1, "x", 1)));
  }
};

SessionSnapshot golden_snapshot() {
  SessionSnapshot snapshot;
  snapshot.position = {258};
  snapshot.at = from_microseconds(1'795'304'920'250'000);
  broker::State& state = snapshot.state;
  state.commands_passed = 3;
  state.bodies = {{{broker::Shelf::raw, {7}}, "devices/mote-1/state", "on", "", {}, 1}};
  state.extras = {{Bytes("\x08\x00\x01r", 4), snapshot.at}};
  state.retained = {{"acme", 0}};
  broker::SessionState session;
  session.key = "acme/mote-1/c";
  session.expiry_s = 60;
  session.ends_at = snapshot.at;
  record::SessionWill will;
  will.device = "mote-1";
  will.topic = "t";
  will.payload = "gone";
  session.will = will;
  session.subscriptions = {{"$share/g/a", {1, false, true, 9}, 4}};
  session.unreleased = {5, 6};
  session.queue = {{{broker::Shelf::commands, {2}}, 0, 1, false, true, false, 0, 1, {9}},
                   {{broker::Shelf::raw, {7}}, 1, 2, true, false, true, 1, 0, {}}};
  session.released = {{{broker::Shelf::raw, {8}}, 2, 2, false, false, true, 0, 0, {}}};
  state.sessions = {session};
  state.turns = {{"acme", "$share/g/a", 1}};
  state.due_wills = {{"acme/mote-2/d", will}};
  state.commands = {{"acme",
                     "mote-1",
                     "c-7",
                     2,
                     snapshot.at,
                     snapshot.at + seconds{60},
                     Bytes("\x09\x00\x03"
                           "c-7",
                           6),
                     true,
                     false,
                     {"mote-1"}}};
  return snapshot;
}

Bytes golden(const std::string& name) {
  std::ifstream file{GOLDEN_DIRECTORY "/" + name + ".hex"};
  std::string line;
  REQUIRE(std::getline(file, line));
  Bytes bytes;
  REQUIRE(from_hex(line, bytes));
  return bytes;
}

}  // namespace

TEST_CASE("a snapshot is written as its golden file and read back from it") {
  CHECK(to_hex(encode(golden_snapshot())) == to_hex(golden("sessions_2")));
  const auto decoded = decode_session_snapshot(golden("sessions_2"));
  REQUIRE(decoded);
  CHECK(*decoded == golden_snapshot());
}

TEST_CASE("a snapshot of version 1 is read, and has no commands") {
  const auto decoded = decode_session_snapshot(golden("sessions_1"));
  REQUIRE(decoded);
  SessionSnapshot expected = golden_snapshot();
  expected.state.commands.clear();
  CHECK(*decoded == expected);
}

TEST_CASE("a snapshot that is cut, longer or changed in one bit is refused") {
  const Bytes whole = encode(golden_snapshot());
  for (std::size_t size = 0; size < whole.size(); ++size)
    REQUIRE_FALSE(decode_session_snapshot(BytesView{whole}.substr(0, size)));
  CHECK_FALSE(decode_session_snapshot(whole + '\0'));
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] = char(flipped[bit / 8] ^ (1 << bit % 8));
    REQUIRE_FALSE(decode_session_snapshot(flipped));
  }
  Bytes newer = whole;
  newer[8] = 3;
  CHECK(decode_session_snapshot(newer).error().outcome == Outcome::unsupported);
}

TEST_CASE_FIXTURE(Keeping,
                  "a session and what waits for it survive a kill, from the stream alone") {
  start();
  sleep_with_a_message();
  restart();
  wake_up();
}

TEST_CASE_FIXTURE(Keeping, "what is told of a session that is kept is durable first") {
  start();
  sync();
  auto device = dial();
  device.send(mqtt::raw_connect(4, 0xC0, 60,
                                mqtt::text_field("mote-1") + mqtt::text_field("mote-1") +
                                    mqtt::text_field("token of mote-1")) +
              mqtt::subscribe(1, topic_1, 1) + mqtt::pingreq);
  CHECK(device.run_until([&] { return gateway->counts().connections == 1; }));
  settle();
  device.receive();
  CHECK(device.received().empty());
  CHECK(gets(device,
             Bytes("\x20\x02\x00\x00", 4) + Bytes("\x90\x03\x00\x01\x01", 5) + Bytes("\xD0\0", 2)));
  device.send(mqtt::subscribe(2, "devices/mote-1/#", 0));
  settle();
  device.receive();
  CHECK(device.received().empty());
  CHECK(gets(device, Bytes("\x90\x03\x00\x02\x00", 5)));
}

TEST_CASE_FIXTURE(Keeping, "a session that is not kept is told at once and leaves no record") {
  start();
  sync();
  auto device = connect("mote-1");
  device.send(mqtt::subscribe(1, topic_1, 1));
  CHECK(device.run_until_received(5));
  device.disconnect();
  CHECK(device.run_until([&] { return gateway->counts().connections == 0; }));
  sync();
  // That the gateway started.
  auto reader = *raw->open_reader();
  CHECK(reader->end(stream::Partition{0})->number == 1);
}

TEST_CASE_FIXTURE(Keeping, "a snapshot is begun with, and the stream before it is not needed") {
  start();
  sleep_with_a_message();
  const auto before = kept_from();
  // The older one of two is what the stream is kept for.
  keep();
  CHECK(kept_from() == before);
  sync();
  gateway->look_around();
  sync();
  keep();
  CHECK(kept_from() > before);
  restart();
  wake_up();
}

TEST_CASE_FIXTURE(Keeping,
                  "a clean stop keeps the sessions of all that is durable, nothing is replayed") {
  start();
  sleep_with_a_message();
  REQUIRE(gateway->close_sessions());
  const auto end = *(*raw->open_reader())->end(stream::Partition{0});
  const auto newest = SessionFiles{sessions.root()}.newest();
  REQUIRE(newest);
  CHECK((*newest)->position == end);
  // There is nothing more to keep.
  const std::uint64_t syncs = sessions.syncs();
  REQUIRE(gateway->close_sessions());
  CHECK(sessions.syncs() == syncs);
  restart();
  wake_up();
}

TEST_CASE_FIXTURE(Keeping, "two files are kept, and one that is damaged is passed over") {
  start();
  sleep_with_a_message();
  for (int count = 0; count < 3; ++count) {
    pass(seconds{2});
    sync();
    keep();
  }
  REQUIRE(sessions.files().size() == SessionFiles::kept_count);
  sessions.flip_bit(sessions.files().back(), 300);
  restart();
  wake_up();
}

TEST_CASE_FIXTURE(Keeping, "when no file is whole, the start says what to do") {
  start();
  sleep_with_a_message();
  gateway.reset();
  for (const std::string& file : sessions.files())
    sessions.flip_bit(file, 300);
  SessionFiles files{sessions.root()};
  const auto newest = files.newest();
  REQUIRE_FALSE(newest);
  CHECK(newest.error().outcome == Outcome::corrupt);
  CHECK(newest.error().message.find("begin anew") != std::string::npos);
}

}  // namespace cauce::gateway

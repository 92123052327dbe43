#include "gateway/gateway.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "gateway/house_test.h"

namespace cauce::gateway {
namespace {

const std::string topic_1 = "devices/mote-1/telemetry";

}  // namespace

TEST_CASE_FIXTURE(House, "a PUBACK leaves only after the message is durable") {
  start();
  auto client = connect("mote-1");
  client.send(mqtt::publish(topic_1, "21.5", 11) + mqtt::publish(topic_1, "21.6", 12));
  await_in_flight(client, 2);
  settle();
  client.receive();
  CHECK(client.received().empty());
  CHECK(messages().empty());
  sync();
  CHECK(messages() == std::vector<std::string>{topic_1 + "=21.5", topic_1 + "=21.6"});
  CHECK(client.run_until_received(8));
  CHECK(client.received() == mqtt::puback(11) + mqtt::puback(12));
  const auto record = stored().at(0).message;
  CHECK(record.company == "acme");
  CHECK(record.device == "mote-1");
  CHECK(record.received_at == clock.now());
  CHECK(gateway->counts().messages == 2);
}

TEST_CASE_FIXTURE(House, "messages that come at once are told apart by the time of their arrival") {
  start();
  auto first = connect("mote-1");
  auto second = connect("mote-2");
  Bytes together;
  for (std::uint16_t id = 1; id <= 200; ++id)
    together += mqtt::publish(topic_1, "21.5", id);
  first.send(together);
  second.send(mqtt::publish("devices/mote-2/telemetry", "x", 1));
  await_stored(first, 201);
  std::set<Time> times;
  for (const auto& record : stored()) {
    times.insert(record.message.received_at);
    CHECK(record.message.received_at - clock.now() < std::chrono::milliseconds{1});
  }
  CHECK(times.size() == 201);
}

TEST_CASE_FIXTURE(House, "QoS 0 is stored too, and gets no answer") {
  start();
  auto client = connect("mote-1");
  client.send(mqtt::publish(topic_1, "a") + mqtt::pingreq);
  CHECK(client.run_until_received(2));
  sync();
  client.receive();
  CHECK(client.received() == Bytes("\xD0\0", 2));
  CHECK(messages() == std::vector<std::string>{topic_1 + "=a"});
}

TEST_CASE_FIXTURE(House, "wrong name, wrong token and disabled device are refused alike") {
  auto disabled = device("mote-2");
  disabled.enabled = false;
  REQUIRE(business->update(disabled));
  start();
  for (const Bytes& bytes :
       {mqtt::connect("c", "nobody", "token of mote-1"), mqtt::connect("c", "mote-1", "wrong"),
        mqtt::connect("c", "mote-2", "token of mote-2"), mqtt::connect("c", "mote-1", ""),
        mqtt::connect("c")}) {
    TestClient client = dial();
    client.send(bytes + mqtt::publish(topic_1, "x", 1));
    CHECK(client.run_until_closed());
    CHECK(client.received() == mqtt::connack(ConnectReturn::not_authorized));
  }
  sync();
  CHECK(messages().empty());
}

TEST_CASE_FIXTURE(House, "a device publishes below its own name only") {
  start();
  for (const char* topic : {"devices/mote-2/telemetry", "devices/mote-11/telemetry",
                            "devices/mote-1", "devices/mote-1/", "telemetry", "devices//"}) {
    CAPTURE(topic);
    auto client = connect("mote-1");
    client.send(mqtt::publish(topic_1, "before", 1) + mqtt::publish(topic, "x", 2));
    CHECK(client.run_until_closed());
  }
  sync();
  CHECK(messages().size() == 6);
  for (const std::string& text : messages())
    CHECK(text == topic_1 + "=before");
}

TEST_CASE_FIXTURE(House, "open admits any client on any topic, under one company, as durably") {
  options.open = true;
  start();
  auto client = dial();
  client.send(mqtt::connect("") + mqtt::publish("any/topic", "1", 1));
  auto named = dial();
  named.send(mqtt::connect("client-7") + mqtt::publish("t", "2", 1));
  auto user = dial();
  user.send(mqtt::connect("client-8", "user-8", "x") + mqtt::publish("t", "3", 1));
  await_in_flight(user, 3);
  CHECK(user.run_until_received(4));
  CHECK(user.received() == mqtt::connack(ConnectReturn::accepted));
  sync();
  CHECK(user.run_until_received(8));
  REQUIRE(stored().size() == 3);
  std::vector<std::string> devices;
  for (const auto& record : stored()) {
    CHECK(record.message.company == business::open_company);
    devices.push_back(record.message.device);
  }
  CHECK(devices == std::vector<std::string>{"anonymous", "client-7", "user-8"});
}

TEST_CASE_FIXTURE(House, "open lets subscribe to everything but one filter") {
  options.open = true;
  start();
  auto client = dial();
  client.send(mqtt::connect("c") + mqtt::subscribe(1, "#", 1) +
              mqtt::subscribe(2, "test/nosubscribe", 1));
  CHECK(client.run_until_received(14));
  CHECK(client.received() == mqtt::connack(ConnectReturn::accepted) +
                                 Bytes("\x90\x03\x00\x01\x01\x90\x03\x00\x02\x80", 10));
}

TEST_CASE_FIXTURE(House, "a malformed packet closes its connection and leaves the others alone") {
  start();
  auto good = connect("mote-1");
  for (const Bytes& bytes : {Bytes("\xFF\xFF\xFF\xFF\xFF\xFF"), Bytes("GET / HTTP/1.1\r\n\r\n"),
                             mqtt::publish("\xFF", "x", 1), mqtt::packet(0xF0, "")}) {
    auto hostile = dial();
    hostile.send(mqtt::connect("h", "mote-2", "token of mote-2") + bytes);
    CHECK(hostile.run_until_closed());
  }
  good.send(mqtt::publish(topic_1, "still here", 5));
  await_in_flight(good, 1);
  sync();
  CHECK(good.run_until_received(4));
  CHECK(good.received() == mqtt::puback(5));
}

TEST_CASE_FIXTURE(House, "a payload at the limit is stored, one byte more closes the connection") {
  options.payload_bytes_max = 200'000;
  start();
  auto client = connect("mote-1");
  Bytes rest = mqtt::publish(topic_1, Bytes(200'000, 'p'), 1) +
               mqtt::publish(topic_1, Bytes(200'001, 'p'), 2);
  CHECK(client.run_until([&] {
    rest.erase(0, client.closed() ? rest.size() : client.send(rest));
    return rest.empty() && client.closed();
  }));
  sync();
  REQUIRE(stored().size() == 1);
  CHECK(stored()[0].message.payload.size() == 200'000);
}

TEST_CASE_FIXTURE(House, "a full stream stops the reading, and nothing is lost or acknowledged") {
  raw_options.bytes_in_flight_max = 150'000;
  options.allowances = {{}, {}};
  start();
  auto client = connect("mote-1");
  auto other = connect("mote-2");
  std::vector<std::string> expected;
  Bytes acknowledged;
  Bytes rest;
  for (int number = 0; number < 20'000; ++number) {
    const Bytes payload = std::to_string(number) + std::string(30, '.');
    expected.push_back(topic_1 + "=" + payload);
    rest += mqtt::publish(topic_1, payload, std::uint16_t(number + 1));
    acknowledged += mqtt::puback(std::uint16_t(number + 1));
  }
  other.send(mqtt::publish("devices/mote-2/telemetry", "small"));
  // Nothing is synced: what is taken stays below the limit, and the sender is stopped.
  for (std::size_t sent = 1; sent > 0; settle()) {
    sent = client.send(rest);
    rest.erase(0, sent);
  }
  CHECK(gateway->counts().messages_in_flight < 150'000 / topic_1.size());
  client.receive();
  CHECK(client.received().empty());
  CHECK(client.run_until([&] {
    rest.erase(0, client.send(rest));
    sync();
    return client.received().size() >= acknowledged.size();
  }));
  CHECK(client.received() == acknowledged);
  auto stored_texts = messages();
  std::erase(stored_texts, "devices/mote-2/telemetry=small");
  CHECK(stored_texts == expected);
}

TEST_CASE_FIXTURE(House, "what waits for room is taken again by the timer too") {
  raw_options.bytes_in_flight_max = 400;
  start();
  auto filler = connect("mote-2");
  filler.send(mqtt::publish("devices/mote-2/telemetry", Bytes(300, 'f'), 1));
  await_in_flight(filler, 1);
  auto client = connect("mote-1");
  client.send(mqtt::publish(topic_1, Bytes(200, 'x'), 1) + mqtt::disconnect);
  settle();
  // Its DISCONNECT came with a message that waits: it is stored before the connection closes.
  CHECK_FALSE(client.closed());
  while (*writer->worker().step() == work::Progress::worked)
    continue;
  gateway->look_around();
  CHECK(client.run_until_closed());
  sync();
  CHECK(messages().size() == 2);
}

TEST_CASE_FIXTURE(House, "a connection is not read beyond its publishes in flight") {
  options.publishes_in_flight_max = 2;
  start();
  auto client = connect("mote-1");
  client.send(mqtt::publish(topic_1, "1", 1) + mqtt::publish(topic_1, "2", 2));
  await_in_flight(client, 2);
  client.send(mqtt::pingreq);
  settle();
  // Not read for long: that is not the client's silence.
  pass(std::chrono::minutes{10});
  client.receive();
  CHECK(client.received().empty());
  CHECK_FALSE(client.closed());
  sync();
  CHECK(client.run_until_received(10));
  CHECK(client.received() == mqtt::puback(1) + mqtt::puback(2) + Bytes("\xD0\0", 2));
}

TEST_CASE_FIXTURE(House, "a connection may go while its messages are in flight") {
  start();
  {
    auto client = connect("mote-1");
    client.send(mqtt::publish(topic_1, "x", 1));
    await_in_flight(client, 1);
    client.disconnect();
    CHECK(client.run_until([&] { return gateway->counts().connections == 0; }));
  }
  sync();
  CHECK(messages() == std::vector<std::string>{topic_1 + "=x"});
}

TEST_CASE_FIXTURE(House, "the gateway may go while messages are in flight") {
  start();
  auto client = connect("mote-1");
  client.send(mqtt::publish(topic_1, "x", 1));
  await_in_flight(client, 1);
  gateway.reset();
  sync();
  CHECK(messages().size() == 1);
  writer.reset();
  loop.reset();
}

TEST_CASE_FIXTURE(House, "3.1.4-2: the same client id closes the older connection") {
  start();
  auto older = connect("mote-1", "id");
  auto younger = connect("mote-1", "id");
  CHECK(older.run_until_closed());
  settle();
  CHECK(gateway->counts().connections == 1);
  younger.send(mqtt::pingreq);
  CHECK(younger.run_until_received(2));
  auto another = connect("mote-1", "another-id");
  settle();
  CHECK_FALSE(younger.closed());
  CHECK(gateway->counts().connections == 2);
}

TEST_CASE_FIXTURE(House, "a device that is disabled or gets another token loses its connection") {
  start();
  auto disabled = connect("mote-1");
  auto changed = connect("mote-2");
  auto mote_1 = device("mote-1");
  mote_1.enabled = false;
  REQUIRE(business->update(mote_1));
  gateway->look_around();
  CHECK(disabled.run_until_closed());
  changed.receive();
  CHECK_FALSE(changed.closed());
  auto mote_2 = device("mote-2");
  mote_2.token_hash = crypto::sha256("another");
  REQUIRE(business->update(mote_2));
  gateway->look_around();
  CHECK(changed.run_until_closed());
}

TEST_CASE_FIXTURE(House, "a device created later is admitted") {
  start();
  REQUIRE(business->create(device("mote-3")));
  gateway->look_around();
  connect("mote-3");
}

TEST_CASE_FIXTURE(House, "connections over the limit are closed") {
  options.connections_max = 1;
  start();
  auto first = connect("mote-1");
  auto second = dial();
  CHECK(second.run_until_closed());
  first.disconnect();
  CHECK(first.run_until([&] { return gateway->counts().connections == 0; }));
  connect("mote-2");
}

TEST_CASE_FIXTURE(House, "a stranger has ten seconds for CONNECT, a device its keep-alive") {
  start();
  auto stranger = dial();
  auto client = connect("mote-1");
  CHECK(client.run_until([&] { return gateway->counts().connections == 2; }));
  pass(seconds{9});
  CHECK(gateway->counts().connections == 2);
  pass(seconds{1});
  CHECK(stranger.run_until_closed());
  CHECK(stranger.received().empty());
  pass(seconds{81});
  CHECK(client.run_until_closed());
}

TEST_CASE_FIXTURE(House, "an idle second leaves a tick, a busy one does not") {
  start();
  pass(seconds{1});
  sync();
  REQUIRE(stored().size() == 1);
  CHECK(stored()[0].kind == record::RawKind::tick);
  CHECK(stored()[0].at == clock.now());
  auto client = connect("mote-1");
  clock.advance(std::chrono::milliseconds{600});
  client.send(mqtt::publish(topic_1, "x"));
  await_in_flight(client, 1);
  pass(std::chrono::milliseconds{600});
  sync();
  CHECK(stored().size() == 2);
  CHECK(stored()[1].is_message());
}

TEST_CASE_FIXTURE(House, "stream time never runs backwards, not even over a restart") {
  options.received_at_least = clock.now() + seconds{30};
  start();
  auto client = connect("mote-1");
  const auto send = [&] {
    client.send(mqtt::publish(topic_1, "x"));
    await_stored(client, stored().size() + 1);
  };
  send();
  clock.set_wall(clock.now() + seconds{60});
  send();
  clock.set_wall(clock.now() - seconds{3600});
  send();
  const auto records = stored();
  REQUIRE(records.size() == 3);
  CHECK(records[0].message.received_at == options.received_at_least + Duration{1});
  CHECK(records[1].message.received_at == options.received_at_least + seconds{30});
  CHECK(records[2].message.received_at == records[1].message.received_at + Duration{1});
  const auto reader = *raw->open_reader();
  CHECK(*last_received_at(*reader) == records[2].message.received_at);
}

TEST_CASE_FIXTURE(House,
                  "a nearly full disk: nobody is admitted, nobody is read, until it is over") {
  start();
  auto client = connect("mote-1");
  disk_is_low = true;
  pass(seconds{1});
  CHECK(gateway->counts().disk_is_low);
  client.send(mqtt::publish(topic_1, "later", 1));
  auto stranger = dial();
  stranger.send(mqtt::connect("c", "mote-2", "token of mote-2"));
  CHECK(stranger.run_until_closed());
  CHECK(stranger.received() == mqtt::connack(ConnectReturn::server_unavailable));
  pass(seconds{600});
  sync();
  CHECK(stored().empty());
  disk_is_low = false;
  pass(seconds{1});
  await_stored(client, 1);
  CHECK(client.run_until_received(4));
  CHECK(client.received() == mqtt::puback(1));
}

TEST_CASE_FIXTURE(House, "commands reach the device that subscribes, also those of before") {
  start();
  command("mote-1", "early");
  auto client = connect("mote-1");
  command("mote-1", "not subscribed");
  client.send(mqtt::subscribe(1, "devices/mote-1/commands", 2));
  CHECK(client.run_until_received(5));
  CHECK(client.take_received() == Bytes("\x90\x03\x00\x01\x02", 5));
  command("mote-2", "for another");
  command("mote-1", "open");
  const Bytes expected = mqtt::publish("devices/mote-1/commands", "early", 1) +
                         mqtt::publish("devices/mote-1/commands", "not subscribed", 2) +
                         mqtt::publish("devices/mote-1/commands", "open", 3);
  CHECK(client.run_until([&] {
    settle();
    return client.received().size() >= expected.size();
  }));
  CHECK(client.take_received() == expected);
  client.send(mqtt::unsubscribe(2, "devices/mote-1/commands"));
  CHECK(client.run_until_received(4));
  client.take_received();
  command("mote-1", "unsubscribed");
  settle();
  client.receive();
  CHECK(client.received().empty());
}

TEST_CASE_FIXTURE(House, "a device subscribes below its own name only") {
  start();
  auto client = connect("mote-1");
  for (const char* filter :
       {"devices/mote-2/commands", "devices/+/commands", "#", "t", "devices/mote-1", "devices/#",
        "$share/g/devices/mote-2/commands", "devices/mote-1/", "$SYS/#"}) {
    CAPTURE(filter);
    client.send(mqtt::subscribe(1, filter, 1));
    CHECK(client.run_until_received(5));
    CHECK(client.take_received() == Bytes("\x90\x03\x00\x01\x80", 5));
  }
  for (const char* filter :
       {"devices/mote-1/#", "devices/mote-1/+", "$share/g/devices/mote-1/commands"}) {
    CAPTURE(filter);
    client.send(mqtt::subscribe(1, filter, 1));
    CHECK(client.run_until_received(5));
    CHECK(client.take_received() == Bytes("\x90\x03\x00\x01\x01", 5));
  }
}

TEST_CASE_FIXTURE(House,
                  "a device that does not read its commands is closed when its queue is full") {
  options.broker.queued_max = 10;
  start();
  auto client = connect("mote-1");
  client.send(mqtt::subscribe(1, "devices/mote-1/commands", 0));
  CHECK(client.run_until_received(5));
  const Bytes payload(1 << 20, 'c');
  for (int count = 0; count < 64 && gateway->counts().connections == 1; ++count) {
    command("mote-1", payload);
    settle();
  }
  CHECK(client.run_until_closed());
  CHECK(gateway->counts().connections == 0);
}

}  // namespace cauce::gateway

// Devices that hear each other: what is delivered is durable first, and only what may be heard.
#include <doctest/doctest.h>

#include "gateway/house_test.h"

namespace cauce::gateway {
namespace {

using namespace std::string_literals;

const std::string topic_1 = "devices/mote-1/telemetry";

struct Subscribers : House {
  Subscribers() {
    business::Device bridge = device("bridge");
    bridge.bridge = true;
    REQUIRE(business->create(bridge));
  }

  Bytes connect_packet(const std::string& name, bool clean, const Bytes& will = "") {
    const auto flags = std::uint8_t(0xC0 | (clean ? 2 : 0) | (will.empty() ? 0 : 0x0C));
    return mqtt::raw_connect(4, flags, 60,
                             mqtt::text_field(name) + will + mqtt::text_field(name) +
                                 mqtt::text_field("token of " + name));
  }
  // Connected, and CONNACK read; `present` as it must say.
  TestClient join(const std::string& name, bool clean, bool present, const Bytes& will = "") {
    TestClient client = dial();
    client.send(connect_packet(name, clean, will));
    CHECK(client.run_until([&] {
      sync();
      return client.received().size() >= 4;
    }));
    CHECK(client.received().substr(0, 4) == Bytes("\x20\x02", 2) + char(present) + '\0');
    return client;
  }
  void subscribe(TestClient& client, std::string_view filter, std::uint8_t qos) {
    const std::size_t before = client.received().size();
    client.send(mqtt::subscribe(1, filter, qos));
    CHECK(client.run_until([&] {
      sync();
      return client.received().size() >= before + 5;
    }));
    CHECK(client.received().back() == char(qos));
    client.take_received();
  }
  // Turns loop, writer and archive until the client has got so much.
  bool gets(TestClient& client, const Bytes& expected) {
    client.run_until([&] {
      sync();
      settle();
      return client.received().size() >= expected.size();
    });
    CAPTURE(to_hex(client.received()));
    return client.take_received() == expected;
  }
  void go_away(TestClient& client) {
    client.disconnect();
    CHECK(client.run_until([&] { return gateway->counts().connections == 0; }));
  }
};

}  // namespace

TEST_CASE_FIXTURE(Subscribers, "what is delivered to others is durable first") {
  start();
  auto listener = join("bridge", true, false);
  listener.take_received();
  subscribe(listener, "devices/+/telemetry", 1);
  auto sender = connect("mote-1");
  sender.send(mqtt::publish(topic_1, "21.5", 11));
  await_in_flight(sender, 1);
  settle();
  listener.receive();
  CHECK(listener.received().empty());
  CHECK(gets(listener, mqtt::publish(topic_1, "21.5", 1)));
  CHECK(sender.run_until_received(4));
  CHECK(sender.received() == mqtt::puback(11));
}

TEST_CASE_FIXTURE(Subscribers, "a bridge hears the devices of its company, a device only itself") {
  start();
  auto bridge = join("bridge", true, false);
  bridge.take_received();
  for (const char* filter : {"#", "devices/#", "devices/+", "+/+/+", "devices/+/"}) {
    CAPTURE(filter);
    bridge.send(mqtt::subscribe(1, filter, 1));
    CHECK(bridge.run_until_received(5));
    CHECK(bridge.take_received() == Bytes("\x90\x03\x00\x01\x80", 5));
  }
  for (const char* filter : {"devices/+/#", "devices/mote-2/telemetry"})
    subscribe(bridge, filter, 0);
  auto device_1 = connect("mote-1");
  device_1.take_received();
  for (const char* filter : {"devices/+/#", "devices/mote-2/telemetry"}) {
    CAPTURE(filter);
    device_1.send(mqtt::subscribe(1, filter, 1));
    CHECK(device_1.run_until_received(5));
    CHECK(device_1.take_received() == Bytes("\x90\x03\x00\x01\x80", 5));
  }
  subscribe(device_1, "devices/mote-1/#", 0);
  auto device_2 = connect("mote-2");
  device_2.send(mqtt::publish("devices/mote-2/telemetry", "2"));
  CHECK(gets(bridge, mqtt::publish("devices/mote-2/telemetry", "2")));
  device_1.receive();
  CHECK(device_1.received().empty());
}

TEST_CASE_FIXTURE(Subscribers,
                  "a session outlives its connection; what waits comes from the stream") {
  start();
  {
    auto listener = join("bridge", false, false);
    listener.take_received();
    subscribe(listener, "devices/mote-1/+", 1);
    go_away(listener);
  }
  auto sender = connect("mote-1");
  Bytes expected = Bytes("\x20\x02\x01\x00", 4);
  for (std::uint16_t id = 1; id <= 50; ++id) {
    const Bytes payload = std::to_string(id) + Bytes(2000, 'p');
    sender.send(mqtt::publish(topic_1, payload, id));
    expected += mqtt::publish(topic_1, payload, id);
  }
  await_stored(sender, 50);
  go_away(sender);
  auto listener = dial();
  listener.send(connect_packet("bridge", false));
  CHECK(gets(listener, expected));
}

TEST_CASE_FIXTURE(Subscribers, "commands wait for a device whose session does") {
  start();
  {
    auto sleeper = join("mote-1", false, false);
    sleeper.take_received();
    subscribe(sleeper, "devices/mote-1/commands", 1);
    go_away(sleeper);
  }
  command("mote-1", "open");
  command("mote-2", "for another");
  auto sleeper = dial();
  sleeper.send(connect_packet("mote-1", false));
  CHECK(gets(sleeper,
             Bytes("\x20\x02\x01\x00", 4) + mqtt::publish("devices/mote-1/commands", "open", 1)));
}

TEST_CASE_FIXTURE(Subscribers, "QoS 2 comes once, also over a reconnection before it is durable") {
  start();
  const Bytes message =
      mqtt::packet(0x34, mqtt::text_field(topic_1) + mqtt::id_field(7) + Bytes("x"));
  {
    auto sender = join("mote-1", false, false);
    sender.send(message);
    await_in_flight(sender, 1);
    go_away(sender);
  }
  auto sender = dial();
  Bytes again = message;
  again[0] = char(again[0] | 8);
  sender.send(connect_packet("mote-1", false) + again);
  CHECK(sender.run_until([&] { return gateway->counts().connections == 1; }));
  settle();
  sender.receive();
  // Not durable yet, so nothing is answered.
  CHECK(sender.received().empty());
  CHECK(gets(sender, Bytes("\x20\x02\x01\x00", 4) + mqtt::pubrec(7)));
  sender.send(mqtt::pubrel(7));
  CHECK(gets(sender, mqtt::pubcomp(7)));
  CHECK(messages() == std::vector<std::string>{topic_1 + "=x"});
}

TEST_CASE_FIXTURE(Subscribers, "QoS 2 that the full stream never took is new when it comes again") {
  raw_options.bytes_in_flight_max = 400;
  start();
  auto filler = connect("mote-2");
  filler.send(mqtt::publish("devices/mote-2/telemetry", Bytes(300, 'f'), 1));
  await_in_flight(filler, 1);
  const Bytes body = mqtt::text_field(topic_1) + mqtt::id_field(7) + Bytes(200, 'x');
  {
    auto sender = join("mote-1", false, false);
    sender.send(mqtt::packet(0x34, body));
    settle();
    sender.disconnect();
    sync();
    CHECK(filler.run_until([&] {
      sync();
      return gateway->counts().connections == 1;
    }));
  }
  const std::size_t before = messages().size();
  auto sender = join("mote-1", false, true);
  sender.take_received();
  sender.send(mqtt::packet(0x3C, body));
  CHECK(gets(sender, mqtt::pubrec(7)));
  CHECK(messages().size() == std::max<std::size_t>(before, 2));
}

TEST_CASE_FIXTURE(Subscribers, "a will is stored as its device's message, and heard") {
  start();
  auto listener = join("bridge", true, false);
  listener.take_received();
  subscribe(listener, "devices/mote-1/state", 0);
  const Bytes will = mqtt::text_field("devices/mote-1/state") + mqtt::text_field("gone");
  {
    auto device = join("mote-1", true, false, will);
    device.disconnect();
  }
  CHECK(gets(listener, mqtt::publish("devices/mote-1/state", "gone")));
  REQUIRE(stored().size() == 1);
  CHECK(stored()[0].message.device == "mote-1");
  {
    auto device = join("mote-1", true, false, will);
    device.send(mqtt::disconnect);
    CHECK(device.run_until_closed());
  }
  sync();
  CHECK(stored().size() == 1);
}

TEST_CASE_FIXTURE(Subscribers, "a will where the device may not publish is refused at CONNECT") {
  start();
  auto device = dial();
  device.send(connect_packet("mote-1", true,
                             mqtt::text_field("devices/mote-2/state") + mqtt::text_field("gone")));
  CHECK(device.run_until_closed());
  CHECK(device.received() == mqtt::connack(ConnectReturn::not_authorized));
  CHECK(messages().empty());
}

TEST_CASE_FIXTURE(Subscribers, "a will waits for room in the stream") {
  raw_options.bytes_in_flight_max = 400;
  start();
  auto filler = connect("mote-2");
  filler.send(mqtt::publish("devices/mote-2/telemetry", Bytes(300, 'f'), 1));
  await_in_flight(filler, 1);
  {
    auto device =
        join("mote-1", true, false,
             mqtt::text_field("devices/mote-1/state") + mqtt::text_field(Bytes(200, 'w')));
    device.disconnect();
  }
  CHECK(filler.run_until([&] { return gateway->counts().connections == 1; }));
  CHECK(gateway->counts().messages_in_flight == 1);
  sync();
  sync();
  CHECK(messages().size() == 2);
}

TEST_CASE_FIXTURE(Subscribers, "a client that does not read holds back its own messages alone") {
  options.unsent_delivery_bytes_max = 64 << 10;
  start();
  auto slow = join("bridge", true, false);
  slow.take_received();
  subscribe(slow, "devices/+/telemetry", 1);
  auto sender = connect("mote-1");
  Bytes expected;
  const Bytes payload(200 << 10, 'p');
  for (std::uint16_t id = 1; id <= 40; ++id) {
    Bytes rest = mqtt::publish(topic_1, payload, id);
    CHECK(sender.run_until([&] {
      rest.erase(0, sender.send(rest));
      sync();
      return rest.empty() && sender.received().size() >= 4;
    }));
    CHECK(sender.take_received() == mqtt::puback(id));
    expected += mqtt::publish(topic_1, payload, id);
  }
  CHECK(gateway->counts().connections == 2);
  CHECK(gets(slow, expected));
}

TEST_CASE_FIXTURE(Subscribers, "a session ends with its interval, by the gateway's own timer") {
  start();
  {
    auto listener = join("mote-1", false, false);
    go_away(listener);
  }
  for (int hour = 0; hour < 23; ++hour)
    pass(std::chrono::hours{1});
  {
    auto listener = join("mote-1", false, true);
    go_away(listener);
  }
  pass(std::chrono::hours{24});
  join("mote-1", false, false);
}

}  // namespace cauce::gateway

// QoS 2 from devices, and what MQTT 5.0 hears of the gateway.
#include <doctest/doctest.h>

#include "gateway/house_test.h"

namespace cauce::gateway {
namespace {

using namespace std::string_literals;

const std::string topic_1 = "devices/mote-1/telemetry";

struct Quality : House {
  // A device that is connected by MQTT 5.0 and has read its CONNACK.
  TestClient connect_5(const std::string& name) {
    TestClient client = dial();
    client.send(mqtt::connect_5(name, "", 0xC2,
                                mqtt::text_field(name) + mqtt::text_field("token of " + name)));
    CHECK(client.run_until([&] {
      const Bytes& bytes = client.received();
      return bytes.size() > 2 && bytes.size() >= 2 + std::size_t(bytes[1]);
    }));
    CHECK(client.take_received().substr(2, 2) == Bytes(2, '\0'));
    return client;
  }

  // A device whose session is kept; `present`: it was there.
  TestClient resume(const std::string& name, bool present) {
    TestClient client = dial();
    client.send(mqtt::raw_connect(
        4, 0xC0, 60,
        mqtt::text_field(name) + mqtt::text_field(name) + mqtt::text_field("token of " + name)));
    // That it is kept is recorded before it is said.
    CHECK(client.run_until([&] {
      sync();
      return client.received().size() >= 4;
    }));
    CHECK(client.take_received() == Bytes("\x20\x02", 2) + Bytes{char(present), '\0'});
    return client;
  }

  Bytes publish_2(std::string_view payload, std::uint16_t packet_id, bool again = false) {
    return mqtt::packet(again ? 0x3C : 0x34,
                        mqtt::text_field(topic_1) + mqtt::id_field(packet_id) + Bytes(payload));
  }
};

}  // namespace

TEST_CASE_FIXTURE(Quality, "4.3.3: a PUBREC leaves only after the message is durable") {
  start();
  auto client = connect("mote-1");
  client.send(publish_2("a", 5) + mqtt::publish(topic_1, "b", 6));
  await_in_flight(client, 2);
  settle();
  client.receive();
  CHECK(client.received().empty());
  sync();
  CHECK(client.run_until_received(8));
  CHECK(client.take_received() == mqtt::pubrec(5) + mqtt::puback(6));
  client.send(mqtt::pubrel(5));
  CHECK(client.run_until_received(4));
  CHECK(client.received() == mqtt::pubcomp(5));
}

TEST_CASE_FIXTURE(Quality, "4.3.3: what comes again before its PUBREL is stored once") {
  start();
  auto client = connect("mote-1");
  client.send(publish_2("a", 5) + publish_2("a", 5, true));
  await_in_flight(client, 1);
  client.send(publish_2("a", 5, true) + mqtt::pingreq);
  CHECK(client.run_until_received(2));
  // Nobody is told before it is durable, however often it comes.
  CHECK(client.take_received() == Bytes("\xD0\0", 2));
  sync();
  CHECK(client.run_until_received(12));
  CHECK(client.take_received() == mqtt::pubrec(5) + mqtt::pubrec(5) + mqtt::pubrec(5));
  client.send(publish_2("a", 5, true));
  CHECK(client.run_until_received(4));
  CHECK(client.take_received() == mqtt::pubrec(5));
  CHECK(messages().size() == 1);
  client.send(mqtt::pubrel(5) + publish_2("another", 5));
  await_stored(client, 2);
}

TEST_CASE_FIXTURE(Quality,
                  "an id of before without DUP is another message: the client lost its state") {
  start();
  auto client = resume("mote-1", false);
  client.send(publish_2("a", 5) + publish_2("b", 6));
  await_stored(client, 2);
  client.disconnect();
  CHECK(client.run_until([&] { return gateway->counts().connections == 0; }));
  auto again = resume("mote-1", true);
  // It goes on with one of them, and begins anew with the other.
  again.send(publish_2("b", 6, true) + publish_2("another", 5) + publish_2("another", 5));
  await_in_flight(again, 1);
  sync();
  CHECK(again.run_until_received(12));
  CHECK(again.take_received() == mqtt::pubrec(6) + mqtt::pubrec(5) + mqtt::pubrec(5));
  CHECK(messages() ==
        std::vector<std::string>{topic_1 + "=a", topic_1 + "=b", topic_1 + "=another"});
}

TEST_CASE_FIXTURE(Quality, "unreleased messages at the limit are taken, one more closes") {
  options.unreleased_max = 2;
  start();
  auto client = connect("mote-1");
  client.send(publish_2("a", 1) + publish_2("b", 2));
  await_stored(client, 2);
  CHECK_FALSE(client.closed());
  client.send(publish_2("c", 3));
  CHECK(client.run_until_closed());
  CHECK(messages().size() == 2);
}

TEST_CASE_FIXTURE(Quality, "3.4.2.1 of 5.0: a topic that is not the device's is refused in order") {
  start();
  auto client = connect_5("mote-1");
  client.send(mqtt::publish_5(topic_1, "a", 1, 1) +
              mqtt::publish_5("devices/mote-2/telemetry", "b", 1, 2) +
              mqtt::publish_5(topic_1, "c", 1, 3));
  await_in_flight(client, 2);
  client.send(mqtt::publish_5("telemetry", "d", 2, 4));
  settle();
  client.receive();
  CHECK(client.received().empty());
  sync();
  // Reason 0x10: nobody subscribed.
  const Bytes expected = mqtt::packet(0x40, "\0\1\x10"s) + mqtt::packet(0x40, "\0\2\x87"s) +
                         mqtt::packet(0x40, "\0\3\x10"s) + mqtt::packet(0x50, "\0\4\x87"s);
  CHECK(client.run_until_received(expected.size()));
  CHECK(client.take_received() == expected);
  client.send(mqtt::publish_5("telemetry", "e", 1, 5));
  CHECK(client.run_until_received(5));
  CHECK(client.take_received() == mqtt::packet(0x40, "\0\5\x87"s));
  CHECK(messages() == std::vector<std::string>{topic_1 + "=a", topic_1 + "=c"});
  client.send(mqtt::publish_5("telemetry", "f"));
  CHECK(client.run_until_closed());
  CHECK(client.received() == mqtt::packet(0xE0, "\x87"));
}

TEST_CASE_FIXTURE(Quality, "3.3.4 of 5.0: an answered message makes room in the Receive Maximum") {
  start();
  auto client = connect_5("mote-1");
  std::uint16_t id = 0;
  for (int round = 0; round < 3; ++round) {
    Bytes window;
    Bytes expected;
    for (int count = 0; count < 20; ++count) {
      window += mqtt::publish_5(topic_1, "x", 1, ++id);
      expected += mqtt::packet(0x40, mqtt::id_field(id) + "\x10");
    }
    client.send(window);
    await_in_flight(client, 20);
    sync();
    CHECK(client.run_until_received(expected.size()));
    CHECK(client.take_received() == expected);
  }
  CHECK(messages().size() == 60);
}

TEST_CASE_FIXTURE(Quality, "3.3.2.3.9 of 5.0: the content type is stored with the message") {
  start();
  auto client = connect_5("mote-1");
  client.send(mqtt::publish_5(topic_1, "a", 1, 1, "\x03" + mqtt::text_field("application/json")));
  await_stored(client, 1);
  CHECK(stored()[0].message.content_type == "application/json");
}

TEST_CASE_FIXTURE(Quality, "3.14.4 of 5.0: who is ended by us is told why") {
  start();
  auto older = connect_5("mote-1");
  auto younger = connect_5("mote-1");
  CHECK(older.run_until_closed());
  CHECK(older.received() == mqtt::packet(0xE0, "\x8E"));
  auto disabled = device("mote-1");
  disabled.enabled = false;
  REQUIRE(business->update(disabled));
  gateway->look_around();
  CHECK(younger.run_until_closed());
  CHECK(younger.received() == mqtt::packet(0xE0, "\x98"));
}

}  // namespace cauce::gateway

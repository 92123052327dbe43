// A bridge: a device that may publish for the devices of its company.
#include <doctest/doctest.h>

#include "gateway/house_test.h"

namespace cauce::gateway {
namespace {

struct BridgedHouse : House {
  BridgedHouse() {
    business::Device bridge = device("bridge");
    bridge.bridge = true;
    REQUIRE(business->create(bridge));
    business::DeviceType type;
    type.company = "other";
    type.name = "mote";
    REQUIRE(business->create(type));
    business::Device foreign = device("secret");
    foreign.company = "other";
    REQUIRE(business->create(foreign));
    start();
  }

  // "company/device" of each stored message.
  std::vector<std::string> senders() {
    std::vector<std::string> texts;
    for (const auto& record : stored()) {
      if (record.is_message())
        texts.push_back(record.message.company + '/' + record.message.device);
    }
    return texts;
  }
};

}  // namespace

TEST_CASE_FIXTURE(BridgedHouse, "a bridge publishes for the devices of its company") {
  TestClient client = connect("bridge");
  client.send(mqtt::publish("devices/mote-1/telemetry", "1", 1) +
              mqtt::publish("devices/mote-2/telemetry", "2", 2) +
              mqtt::publish("devices/bridge/telemetry", "3", 3));
  await_stored(client, 3);
  CHECK(senders() == std::vector<std::string>{"acme/mote-1", "acme/mote-2", "acme/bridge"});
  CHECK(client.run_until_received(12));
}

TEST_CASE_FIXTURE(BridgedHouse, "what a bridge says of a foreign company's device stays its own") {
  TestClient client = connect("bridge");
  client.send(mqtt::publish("devices/secret/telemetry", "1", 1));
  await_stored(client, 1);
  // There is no such device in acme: decode makes a dead letter of acme's of it.
  CHECK(senders() == std::vector<std::string>{"acme/secret"});
}

TEST_CASE_FIXTURE(BridgedHouse, "a bridge that leaves the devices' topics is closed") {
  for (const char* topic : {"sensors/mote-1/telemetry", "devices/mote-1", "devices/mote-1/",
                            "devices//telemetry", "devices/a b/telemetry", "devices"}) {
    CAPTURE(topic);
    TestClient client = connect("bridge");
    client.send(mqtt::publish(topic, "1", 1));
    CHECK(client.run_until_closed());
  }
  CHECK(messages().empty());
}

TEST_CASE_FIXTURE(BridgedHouse, "who is no bridge publishes for nobody else") {
  TestClient client = connect("mote-1");
  client.send(mqtt::publish("devices/mote-2/telemetry", "1", 1));
  CHECK(client.run_until_closed());
  CHECK(messages().empty());
}

TEST_CASE_FIXTURE(BridgedHouse, "who is a bridge no longer loses its connection") {
  TestClient client = connect("bridge");
  business::Device changed = device("bridge");
  REQUIRE(business->update(changed));
  pass(seconds{1});
  CHECK(client.run_until_closed());
}

}  // namespace cauce::gateway

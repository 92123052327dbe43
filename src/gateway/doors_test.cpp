// Every way in: TCP, TLS, WebSocket and WebSocket over TLS lead to the same gateway.
#include <doctest/doctest.h>

#include "gateway/doors_house_test.h"
#include "gateway/mqtt/dialogue.h"

namespace cauce::gateway {
namespace {

const std::string upgrade =
    "GET /mqtt HTTP/1.1\r\nHost: cauce\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

// A masked binary frame; the mask is zero, so what is in it can be read.
Bytes frame(const Bytes& payload) {
  return Bytes("\x82") + char(0x80 | payload.size()) + Bytes(4, '\0') + payload;
}

const Bytes introduction = mqtt::connect("mote-1", "mote-1", "token of mote-1");
const Bytes message = mqtt::publish("devices/mote-1/telemetry", "21.5", 7);
const Bytes accepted = mqtt::connack(ConnectReturn::accepted);

}  // namespace

TEST_CASE_FIXTURE(Doors, "a message by TLS is acknowledged when it is durable") {
  net::TlsTestClient client(*loop, mqtt_tls);
  REQUIRE(client.shake_hands());
  client.send(introduction);
  CHECK(client.run_until_received(accepted.size()));
  CHECK(client.take_received() == accepted);
  client.send(message);
  CHECK(client.run_until([&] { return gateway->counts().messages_in_flight == 1; }));
  CHECK(client.received().empty());
  CHECK(client.run_until([&] {
    sync();
    return client.received() == mqtt::puback(7);
  }));
  CHECK(messages() == std::vector<std::string>{"devices/mote-1/telemetry=21.5"});
}

TEST_CASE_FIXTURE(Doors, "packets over WebSocket may span frames and share them") {
  TestClient client(*loop, websocket);
  client.send(upgrade);
  CHECK(client.run_until([&] { return client.received().ends_with("\r\n\r\n"); }));
  client.take_received();
  client.send(frame(introduction.substr(0, 5)) + frame(introduction.substr(5) + message));
  CHECK(client.run_until([&] {
    sync();
    return client.received() == "\x82\x04" + accepted + "\x82\x04" + mqtt::puback(7);
  }));
  CHECK(messages() == std::vector<std::string>{"devices/mote-1/telemetry=21.5"});
}

TEST_CASE_FIXTURE(Doors, "WebSocket over TLS is both") {
  net::TlsTestClient client(*loop, websocket_tls);
  REQUIRE(client.shake_hands());
  client.send(upgrade);
  CHECK(client.run_until([&] { return client.received().ends_with("\r\n\r\n"); }));
  client.take_received();
  client.send(frame(introduction));
  CHECK(client.run_until_received(2 + accepted.size()));
  CHECK(client.received() == "\x82\x04" + accepted);
}

TEST_CASE_FIXTURE(Doors, "a message by HTTPS is acknowledged when it is durable") {
  net::TlsTestClient client(*loop, http_tls);
  REQUIRE(client.shake_hands());
  client.send(
      "POST /api/v1/devices/mote-1/messages HTTP/1.1\r\nHost: cauce\r\nContent-Length: 4\r\n"
      "Authorization: Bearer token of mote-1\r\n\r\n21.5");
  CHECK(client.run_until([&] {
    sync();
    return client.received().ends_with("{\"accepted\": 1}");
  }));
  CHECK(messages() == std::vector<std::string>{"devices/mote-1/telemetry=21.5"});
}

TEST_CASE_FIXTURE(Doors, "who has not introduced himself in time is closed, behind every door") {
  const std::vector<std::pair<net::Address, std::string>> openings{
      {address, "\x10"}, {mqtt_tls, "\x16\x03"}, {websocket, "GE"}, {websocket_tls, "\x16\x03"}};
  for (const auto& [door, opening] : openings) {
    TestClient silent(*loop, door);
    TestClient slow(*loop, door);
    CHECK(silent.run_until([&] { return gateway->counts().connections == 2; }));
    slow.send(opening);
    pass(mqtt::Limits{}.connect_span_max - Duration{1});
    CHECK_FALSE(silent.closed());
    pass(seconds{1});
    CHECK(silent.run_until_closed());
    CHECK(slow.run_until_closed());
    slow.disconnect();
    silent.disconnect();
    CHECK(slow.run_until([&] { return gateway->counts().connections == 0; }));
  }
}

TEST_CASE_FIXTURE(Doors, "a device that was disabled loses its connection, behind every door") {
  net::TlsTestClient client(*loop, mqtt_tls);
  REQUIRE(client.shake_hands());
  client.send(introduction);
  CHECK(client.run_until_received(accepted.size()));
  business::Device mote = device("mote-1");
  mote.enabled = false;
  REQUIRE(business->update(mote));
  pass(std::chrono::milliseconds{100});
  CHECK(client.run_until_closed());
}

}  // namespace cauce::gateway

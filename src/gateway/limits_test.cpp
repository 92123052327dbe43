// Rates, numbers of connections and sizes of payloads, of devices and companies: over them somebody
// waits or is told, and nothing that was read is lost.
#include <doctest/doctest.h>

#include "gateway/limits_house_test.h"

namespace cauce::gateway {

TEST_CASE_FIXTURE(Limited,
                  "who sends too much is not read until time has paid, and loses nothing") {
  start();
  TestClient mote = connect("mote-1");
  mote.send(batch(1, 30));
  await_taken(mote, 30);
  CHECK(mote.run_until_received(30 * 4));
  mote.take_received();
  mote.send(batch(31, 5));
  pass(milliseconds{1900});
  CHECK(taken() == 30);
  pass(milliseconds{200});
  await_taken(mote, 35);
  CHECK(mote.run_until_received(5 * 4));
  CHECK(messages().back() == "devices/mote-1/telemetry=35");
}

TEST_CASE_FIXTURE(Limited, "a paused device is not silent: it is heard again before it is judged") {
  start();
  TestClient mote = connect("mote-1");
  mote.send(batch(1, 1500));
  await_taken(mote, 1500);
  for (int second = 0; second < 190; ++second)
    pass(seconds{1});
  CHECK_FALSE(mote.closed());
  mote.send(mqtt::pingreq);
  pass(seconds{20});
  CHECK(mote.run_until([&] { return mote.received().ends_with(Bytes("\xD0\x00", 2)); }));
}

TEST_CASE_FIXTURE(Limited, "one device's rate does not slow another") {
  start();
  TestClient mote = connect("mote-1");
  TestClient other = connect("mote-2");
  mote.send(batch(1, 30));
  await_taken(mote, 30);
  other.send(mqtt::publish("devices/mote-2/telemetry", "21.5", 1));
  await_taken(other, 31);
}

TEST_CASE_FIXTURE(Limited, "the connections of one device share its rate") {
  start();
  TestClient one = connect("mote-1", "one");
  TestClient two = connect("mote-1", "two");
  one.send(batch(1, 30));
  await_taken(one, 30);
  two.send(batch(31, 1));
  await_taken(two, 31);
  // What it had read by then is taken; from here on it waits as well.
  two.send(batch(32, 1));
  pass(milliseconds{1900});
  CHECK(taken() == 31);
  pass(milliseconds{300});
  await_taken(two, 32);
}

TEST_CASE_FIXTURE(Limited, "many bytes count as many messages do") {
  start();
  TestClient mote = connect("mote-1");
  for (const std::uint16_t number : {std::uint16_t{1}, std::uint16_t{2}}) {
    mote.send(mqtt::publish("devices/mote-1/telemetry", Bytes(60'000, 'x'), number));
    await_taken(mote, number);
  }
  mote.send(batch(3, 1));
  pass(milliseconds{150});
  CHECK(taken() == 2);
  pass(milliseconds{100});
  await_taken(mote, 3);
}

TEST_CASE_FIXTURE(Limited, "HTTP is told 429 and when to come again, before its body is taken") {
  start();
  const auto lines = [](int count) {
    std::string body = R"({"messages": [)";
    for (int number = 0; number < count; ++number)
      body += (number == 0 ? "" : ",") + std::string(R"({"payload": 1})");
    return body + "]}";
  };
  const auto post_batch = [&](int count) {
    TestClient client(*loop, http_address);
    const std::string body = lines(count);
    client.send(
        "POST /api/v1/devices/mote-1/messages HTTP/1.1\r\nHost: cauce\r\nContent-Type: "
        "application/vnd.cauce.batch+json\r\n"
        "Authorization: Bearer token of mote-1\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body);
    CHECK(client.run_until([&] {
      sync();
      return client.received().find("\r\n\r\n") != Bytes::npos;
    }));
    return client.received();
  };
  CHECK(post_batch(35).starts_with("HTTP/1.1 200 "));
  const std::string refused = post_batch(1);
  CHECK(refused.starts_with("HTTP/1.1 429 "));
  CHECK(refused.find("\r\nRetry-After: 3\r\n") != std::string::npos);
  CHECK(refused.find("limits.device.messages_per_second is 10.") != std::string::npos);
  CHECK(taken() == 35);
  clock.advance(milliseconds{2400});
  CHECK(post("21.5").starts_with("HTTP/1.1 429 "));
  clock.advance(milliseconds{101});
  CHECK(post("21.5").starts_with("HTTP/1.1 200 "));
}

TEST_CASE_FIXTURE(Limited,
                  "as many connections as a device may have are admitted, and not one more") {
  start();
  TestClient one = connect("mote-1", "one");
  TestClient two = connect("mote-1", "two");
  TestClient three = dial();
  CHECK(connect_code(three, "mote-1", "three") == ConnectReturn::server_unavailable);
  CHECK(three.run_until_closed());
  // The same client again takes its own place.
  TestClient again = dial();
  CHECK(connect_code(again, "mote-1", "two") == ConnectReturn::accepted);
  CHECK(two.run_until_closed());
  one.disconnect();
  CHECK(again.run_until([&] { return gateway->counts().connections == 1; }));
  connect("mote-1", "three");
}

TEST_CASE_FIXTURE(Limited, "who is one too many leaves no will behind") {
  start();
  TestClient one = connect("mote-1", "one");
  TestClient two = connect("mote-1", "two");
  const Bytes will = mqtt::text_field("devices/mote-1/state") + mqtt::text_field("gone");
  TestClient three = dial();
  three.send(mqtt::packet(0x10, mqtt::text_field("MQTT") + Bytes("\x04\xC6\x00\x3C", 4) +
                                    mqtt::text_field("three") + will + mqtt::text_field("mote-1") +
                                    mqtt::text_field("token of mote-1")));
  CHECK(three.run_until_closed());
  gateway->look_around();
  CHECK(taken() == 0);
}

TEST_CASE_FIXTURE(Limited, "as many connections as a company may have are admitted") {
  start();
  TestClient one = connect("mote-1", "one");
  TestClient two = connect("mote-1", "two");
  TestClient three = connect("mote-2", "three");
  TestClient four = dial();
  CHECK(connect_code(four, "mote-2", "four") == ConnectReturn::server_unavailable);
}

TEST_CASE_FIXTURE(Crowded, "a payload over the limit of its device closes a connection of 3.1.1") {
  options.allowances.device.payload_bytes = 100;
  start();
  TestClient mote = connect("mote-1");
  mote.send(mqtt::publish("devices/mote-1/telemetry", Bytes(100, 'x'), 1) +
            mqtt::publish("devices/mote-1/telemetry", Bytes(101, 'x'), 2));
  CHECK(mote.run_until_closed());
  sync();
  CHECK(messages().size() == 1);
}

// What a client of MQTT 5.0 sends over its limits.
struct Oversized : Crowded {
  TestClient mote_5() {
    TestClient mote = dial();
    mote.send(mqtt::connect_5("mote-1", "", 0xC2, login("mote-1")));
    CHECK(mote.run_until_received(2));
    return mote;
  }
  static Bytes publish(std::size_t bytes, std::uint8_t qos, std::uint16_t id) {
    return mqtt::publish_5("devices/mote-1/telemetry", Bytes(bytes, 'x'), qos, id);
  }
  // PUBACK and PUBREC with 0x97, PUBACK with 0x10: nobody subscribed.
  void check_refused_over(std::size_t limit, TestClient& mote) {
    mote.send(publish(limit + 1, 1, 1) + publish(limit + 1, 2, 2) + publish(limit, 1, 3));
    await_in_flight(mote, 1);
    sync();
    const Bytes answers = Bytes("\x40\x03\x00\x01\x97", 5) + Bytes("\x50\x03\x00\x02\x97", 5) +
                          Bytes("\x40\x03\x00\x03\x10", 5);
    CHECK(mote.run_until_received(answers.size()));
    CHECK(mote.take_received() == answers);
    CHECK(messages().size() == 1);
  }
  static void check_closed_for(char reason, TestClient& mote) {
    CHECK(mote.run_until_closed());
    CHECK(mote.received() == Bytes{'\xE0', '\x01', reason});
  }
};

TEST_CASE_FIXTURE(Oversized, "a payload over the limit of all is refused where that can be said") {
  options.payload_bytes_max = 2000;
  start();
  TestClient mote = mote_5();
  mote.take_received();
  check_refused_over(2000, mote);
  mote.send(publish(2001, 0, 0));
  check_closed_for('\x95', mote);
}

TEST_CASE_FIXTURE(Oversized,
                  "a client of MQTT 5.0 is told its longest packet, and what is over its quota") {
  options.allowances.device.payload_bytes = 2000;
  options.allowances.company.payload_bytes = 100;
  start();
  TestClient mote = mote_5();
  mqtt::Limits limits;
  const std::uint32_t bytes_max = limits.packet_bytes_max(100);
  Bytes told{'\x27', char(bytes_max >> 24), char(bytes_max >> 16), char(bytes_max >> 8),
             char(bytes_max)};
  CHECK(mote.take_received().find(told) != Bytes::npos);
  check_refused_over(100, mote);
  // With QoS 0 nothing else can say so, and over the longest packet the standard says it.
  mote.send(publish(101, 0, 0));
  check_closed_for('\x97', mote);
  TestClient other = mote_5();
  other.take_received();
  other.send(publish(bytes_max, 1, 1));
  check_closed_for('\x95', other);
  sync();
  CHECK(messages().size() == 1);
}

TEST_CASE_FIXTURE(Crowded, "a will over the limit of its device is not taken") {
  options.allowances.device.payload_bytes = 3;
  start();
  const Bytes will = mqtt::text_field("devices/mote-1/state") + mqtt::text_field("gone");
  TestClient mote = dial();
  mote.send(mqtt::packet(0x10, mqtt::text_field("MQTT") + Bytes("\x04\xC6\x00\x3C", 4) +
                                   mqtt::text_field("mote-1") + will + mqtt::text_field("mote-1") +
                                   mqtt::text_field("token of mote-1")));
  CHECK(mote.run_until_closed());
  CHECK(mote.received() == mqtt::connack(ConnectReturn::server_unavailable));
}

TEST_CASE_FIXTURE(Crowded, "a body over the limit of its device is told 413, and that limit") {
  options.allowances.device.payload_bytes = 4;
  start();
  CHECK(post("21.5").starts_with("HTTP/1.1 200 "));
  const std::string refused = post("21.55");
  CHECK(refused.starts_with("HTTP/1.1 413 "));
  CHECK(refused.find("The body has 5 bytes, limits.device.payload_bytes is 4.") !=
        std::string::npos);
  CHECK(messages().size() == 1);
}

TEST_CASE_FIXTURE(Limited, "nobody is limited under --open") {
  options.open = true;
  start();
  TestClient mote = connect("mote-1");
  mote.send(batch(1, 500));
  await_taken(mote, 500);
  mote.send(batch(501, 1));
  await_taken(mote, 501);
}

}  // namespace cauce::gateway

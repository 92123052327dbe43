// What is taken and not durable yet, of devices and companies: with too much of it somebody waits,
// and goes on as soon as there is room.
#include <doctest/doctest.h>

#include "gateway/limits_house_test.h"

namespace cauce::gateway {
namespace {

// The stream has no room for what comes behind one message of mote-2.
struct FullStream : Crowded {
  FullStream() {
    raw_options.bytes_in_flight_max = 400;
    options.allowances.device.in_flight = 3;
  }

  void hold_three(TestClient& filler, TestClient& mote) {
    filler.send(mqtt::publish("devices/mote-2/telemetry", Bytes(300, 'f'), 1));
    await_in_flight(filler, 1);
    mote.send(mqtt::publish("devices/mote-1/telemetry", Bytes(200, 'x'), 1) + batch(2, 2));
    settle();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Crowded, "with too much in flight nothing is read, until some of it is durable") {
  options.allowances.device.in_flight = 5;
  start();
  TestClient mote = connect("mote-1");
  mote.send(batch(1, 7));
  await_in_flight(mote, 7);
  mote.send(batch(8, 2));
  settle();
  pass(seconds{1});
  CHECK(gateway->counts().messages_in_flight == 7);
  go_on_at_once(2);
  sync();
  CHECK(mote.run_until_received(9 * 4));
  CHECK(messages().size() == 9);
}

TEST_CASE_FIXTURE(Crowded,
                  "the connections of one device wait for room together, and go on together") {
  options.allowances.device.in_flight = 5;
  start();
  TestClient one = connect("mote-1", "one");
  TestClient two = connect("mote-1", "two");
  TestClient other = connect("mote-2");
  one.send(batch(1, 5));
  await_in_flight(one, 5);
  // What it had read by then is taken; from here on it waits as well.
  two.send(batch(6, 1));
  await_in_flight(two, 6);
  two.send(batch(7, 1));
  one.send(batch(8, 1));
  settle();
  CHECK(gateway->counts().messages_in_flight == 6);
  other.send(mqtt::publish("devices/mote-2/telemetry", "21.5", 1));
  await_in_flight(other, 7);
  go_on_at_once(2);
}

TEST_CASE_FIXTURE(Crowded, "all devices of a company share what may be in flight") {
  options.allowances.company.in_flight = 5;
  start();
  TestClient one = connect("mote-1");
  TestClient two = connect("mote-2");
  one.send(batch(1, 5));
  await_in_flight(one, 5);
  const auto message = [](std::uint16_t id) {
    return mqtt::publish("devices/mote-2/telemetry", "21.5", id);
  };
  two.send(message(1));
  await_in_flight(two, 6);
  two.send(message(2));
  settle();
  CHECK(gateway->counts().messages_in_flight == 6);
  go_on_at_once(1);
}

TEST_CASE_FIXTURE(Crowded, "HTTP is told 429 while too much is in flight, and is taken after") {
  options.allowances.device.in_flight = 5;
  start();
  TestClient mote = connect("mote-1");
  mote.send(batch(1, 5));
  await_in_flight(mote, 5);
  const std::string refused = post_now("21.5");
  CHECK(refused.starts_with("HTTP/1.1 429 "));
  CHECK(refused.find("\r\nRetry-After: 1\r\n") != std::string::npos);
  CHECK(refused.find("limits.device.in_flight is 5.") != std::string::npos);
  sync();
  CHECK(post("21.5").starts_with("HTTP/1.1 200 "));
  CHECK(messages().size() == 6);
}

TEST_CASE_FIXTURE(Crowded, "what a connection leaves behind in flight counts until it is durable") {
  options.allowances.device.in_flight = 5;
  start();
  TestClient gone = connect("mote-1", "one");
  TestClient mote = connect("mote-1", "two");
  gone.send(batch(1, 3));
  await_in_flight(gone, 3);
  gone.disconnect();
  CHECK(mote.run_until([&] { return gateway->counts().connections == 1; }));
  mote.send(batch(4, 2));
  await_in_flight(mote, 5);
  CHECK(post_now("21.5").starts_with("HTTP/1.1 429 "));
  sync();
  CHECK(post("21.5").starts_with("HTTP/1.1 200 "));
}

TEST_CASE_FIXTURE(FullStream,
                  "what waits for the stream is in flight, and no more so when it is given up") {
  start();
  TestClient filler = connect("mote-2");
  TestClient mote = connect("mote-1");
  hold_three(filler, mote);
  // Held, not in the stream.
  CHECK(gateway->counts().messages_in_flight == 1);
  CHECK(post_now("21.5").starts_with("HTTP/1.1 429 "));
  for (const bool enabled : {false, true}) {
    auto changed = device("mote-1");
    changed.enabled = enabled;
    REQUIRE(business->update(changed));
    gateway->look_around();
  }
  CHECK(mote.run_until_closed());
  CHECK(post("21.5").starts_with("HTTP/1.1 200 "));
  CHECK(messages().size() == 2);
}

TEST_CASE_FIXTURE(FullStream, "what waited for the stream is given back when it is durable") {
  start();
  TestClient filler = connect("mote-2");
  TestClient mote = connect("mote-1");
  hold_three(filler, mote);
  sync();
  sync();
  CHECK(mote.run_until_received(3 * 4));
  mote.send(batch(4, 1));
  await_in_flight(mote, 1);
  sync();
  CHECK(post("21.5").starts_with("HTTP/1.1 200 "));
  CHECK(messages().size() == 6);
}

TEST_CASE_FIXTURE(Crowded, "a will is in flight as other messages are") {
  options.allowances.device.in_flight = 1;
  start();
  {
    const Bytes will = mqtt::text_field("devices/mote-1/state") + mqtt::text_field("gone");
    TestClient mote = dial();
    mote.send(mqtt::packet(
        0x10, mqtt::text_field("MQTT") + Bytes("\x04\xC6\x00\x3C", 4) + mqtt::text_field("mote-1") +
                  will + mqtt::text_field("mote-1") + mqtt::text_field("token of mote-1")));
    CHECK(mote.run_until([&] {
      sync();
      return mote.received().size() == 4;
    }));
    mote.disconnect();
    CHECK(mote.run_until([&] { return gateway->counts().messages_in_flight == 1; }));
  }
  CHECK(post_now("21.5").starts_with("HTTP/1.1 429 "));
  sync();
  CHECK(post("21.5").starts_with("HTTP/1.1 200 "));
}

}  // namespace cauce::gateway

#include "mqttload/publisher.h"

#include <doctest/doctest.h>

#include <string>

using mqttload::Acknowledged;
using mqttload::Publisher;
using mqttload::Shape;

namespace {

constexpr std::string_view admitted{"\x20\x02\x00\x00", 4};
constexpr std::uint64_t at = 1'000;

std::string puback(char packet_id) {
  return {'\x40', '\x02', '\x00', packet_id};
}

// Two publishes in flight, the CONNECT already sent.
struct Fixture {
  std::vector<Acknowledged> ledger;
  Publisher publisher{7, Shape{2, 12}, ledger};

  Fixture() { take_output(); }

  std::string take_output() {
    const std::string output{publisher.output()};
    publisher.sent(output.size());
    return output;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "nothing is published before the broker admits the connection") {
  publisher.fill(at);
  CHECK(take_output().empty());
  CHECK(publisher.receive(admitted, at, false));
  CHECK(publisher.in_flight() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a publish is as MQTT 3.1.1 section 3.3 has it") {
  REQUIRE(publisher.receive(admitted, at, false));
  const std::string topic = "devices/load-7/telemetry";
  std::string expected{"\x32\x28\x00\x18", 4};  // QoS 1, 40 bytes follow, 24 of them the topic
  expected += topic;
  expected += std::string{"\x00\x01LOAD\x07\x00\x00\x00\x00\x00\x00\x00", 14};
  CHECK(take_output().substr(0, expected.size()) == expected);
}

TEST_CASE("a device with a token sends it with its name, and readings are JSON that names itself") {
  std::vector<Acknowledged> ledger;
  Publisher publisher{0x1234, Shape{1, 128, false, true}, ledger, "secret"};
  std::string connect{"\x10\x28\x00\x04MQTT\x04\xC2\x00\x00", 12};
  connect += std::string{"\x00\x09load-4660\x00\x09load-4660\x00\x06secret", 30};
  CHECK(publisher.output() == connect);
  publisher.sent(publisher.output().size());
  REQUIRE(publisher.receive(admitted, at, false));
  const std::string output{publisher.output()};
  const std::string payload = output.substr(output.size() - 128);
  CHECK(payload.starts_with(
      R"({"message":"3412000000000000","temperature":20.5,"humidity":46.25,"pressure":1013.2,)"
      R"("battery":3.61 )"));
  CHECK(payload.ends_with(" }"));
}

TEST_CASE_FIXTURE(Fixture, "the ledger holds what was acknowledged and nothing else") {
  REQUIRE(publisher.receive(admitted, at, false));
  REQUIRE(publisher.receive(puback(2), at + 50, false));
  REQUIRE(ledger.size() == 1);
  CHECK(ledger[0].connection == 7);
  CHECK(ledger[0].message == 1);
  CHECK(publisher.latencies() == std::vector<std::uint32_t>{50});
  CHECK(publisher.in_flight() == 2);
}

TEST_CASE_FIXTURE(Fixture, "an answer may come in pieces") {
  REQUIRE(publisher.receive(admitted, at, false));
  const std::string answer = puback(1);
  CHECK(publisher.receive(answer.substr(0, 3), at, false));
  CHECK(ledger.empty());
  CHECK(publisher.receive(answer.substr(3), at, false));
  CHECK(ledger.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what is not in flight cannot be acknowledged") {
  REQUIRE(publisher.receive(admitted, at, true));
  CHECK_FALSE(publisher.receive(puback(1), at, true));
  CHECK_FALSE(publisher.receive(puback(0), at, true));
  CHECK_FALSE(publisher.receive(puback(3), at, true));
  CHECK(ledger.empty());
}

TEST_CASE(
    "on demand only what is offered is published, and its latency counts from when it was due") {
  std::vector<Acknowledged> ledger;
  Publisher publisher{7, Shape{1, 12, true}, ledger};
  publisher.sent(publisher.output().size());
  publisher.offer(at);
  CHECK(publisher.output().empty());
  REQUIRE(publisher.receive(admitted, at + 5, false));
  publisher.offer(at + 10);
  CHECK(publisher.in_flight() == 2);
  const std::size_t one = publisher.output().size();
  publisher.sent(one);
  REQUIRE(publisher.receive(puback(1), at + 100, true));
  CHECK(publisher.output().size() == one);
  publisher.sent(one);
  REQUIRE(publisher.receive(puback(1), at + 200, true));
  CHECK(publisher.in_flight() == 0);
  CHECK(publisher.output().empty());
  CHECK(publisher.latencies() == std::vector<std::uint32_t>{100, 190});
}

TEST_CASE_FIXTURE(Fixture, "a refused connection is noticed") {
  CHECK_FALSE(publisher.receive(std::string_view{"\x20\x02\x00\x05", 4}, at, false));
  CHECK(publisher.state() == Publisher::State::refused);
}

TEST_CASE_FIXTURE(Fixture, "once stopped, acknowledgements call forth no new messages") {
  REQUIRE(publisher.receive(admitted, at, false));
  take_output();
  REQUIRE(publisher.receive(puback(1) + puback(2), at, true));
  CHECK(publisher.in_flight() == 0);
  CHECK(take_output().empty());
}

// Devices that send by CoAP, through a real socket.
#include "gateway/coap/ingest.h"

#include <doctest/doctest.h>

#include <set>

#include "gateway/coap/house_test.h"

namespace cauce::gateway {
namespace {

const std::string topic_1 = "devices/mote-1/telemetry";
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(CoapHouse, "by CoAP a 2.04 leaves only after the message is durable") {
  start();
  TestDatagrams client(*loop, coap_address);
  client.send(with(post("{\"t\":21.5}", 7), 12, number_bytes(50)).bytes());
  await_in_flight(1);
  CHECK(client.next(20).empty());
  CHECK(messages().empty());
  sync();
  CHECK(text_of(client.next()) == "ACK 2.04 7 tk");
  const auto record = stored().at(0).message;
  CHECK(record.company == "acme");
  CHECK(record.device == "mote-1");
  CHECK(record.topic == topic_1);
  CHECK(record.content_type == "application/json");
  CHECK(record.payload == "{\"t\":21.5}");
}

TEST_CASE_FIXTURE(CoapHouse, "a message by CoAP that comes again is stored once") {
  start();
  TestDatagrams client(*loop, coap_address);
  CHECK(ask(client, post("1", 7)) == "ACK 2.04 7 tk");
  CHECK(ask(client, post("1", 7)) == "ACK 2.04 7 tk");
  CHECK(ask(client, post("2", 8)) == "ACK 2.04 8 tk");
  CHECK(messages() == Texts{topic_1 + "=1", topic_1 + "=2"});
}

TEST_CASE_FIXTURE(CoapHouse,
                  "what takes longer than a moment is answered by a message of its own") {
  start();
  TestDatagrams client(*loop, coap_address);
  client.send(post("1", 7).bytes());
  await_in_flight(1);
  pass(std::chrono::milliseconds{500});
  CHECK(text_of(client.next()) == "ACK 0.00 7 ");
  sync();
  const std::string answer = text_of(client.next());
  CHECK(answer.starts_with("CON 2.04 "));
  CHECK(answer.ends_with(" tk"));
}

TEST_CASE_FIXTURE(CoapHouse, "a disk that takes too long is said, and the message may come again") {
  start();
  TestDatagrams client(*loop, coap_address);
  client.send(with(post("1", 7), 12, "").bytes());
  await_in_flight(1);
  pass(options.coap.answer_span_max);
  const std::string answer = text_of(client.next());
  CHECK(answer.starts_with("ACK 5.03 7 tk 14=1 The disk is slow"));
  sync();
  CHECK(client.next(20).empty());
  CHECK(ask(client, post("1", 7)) == "ACK 2.04 7 tk");
}

TEST_CASE_FIXTURE(CoapHouse, "a payload in blocks is one message") {
  start();
  TestDatagrams client(*loop, coap_address);
  const Bytes payload(1024 * 20 + 5, 'p');
  std::string last;
  for (std::uint32_t number = 0; number <= 20; ++number) {
    const bool more = number < 20;
    const std::uint32_t option = number << 4 | std::uint32_t(more) << 3 | 6;
    TestMessage block = post(payload.substr(number * 1024, 1024), std::uint16_t(100 + number));
    block = with(with(block, 12, number_bytes(42)), 27, number_bytes(option));
    last = ask(client, block);
    const std::string code = more ? "2.31" : "2.04";
    CHECK(last ==
          "ACK " + code + " " + std::to_string(100 + number) + " tk 27=" + std::to_string(option));
    // Its last block comes again as any message does.
    if (!more) CHECK(ask(client, block) == last);
  }
  CHECK(messages() == Texts{topic_1 + "=" + payload});
  CHECK(stored()[0].message.content_type == "application/octet-stream");
}

TEST_CASE_FIXTURE(CoapHouse, "whoever is not admitted by CoAP is answered alike") {
  auto disabled = device("mote-2");
  disabled.enabled = false;
  REQUIRE(business->update(disabled));
  start();
  std::set<std::string> answers;
  TestMessage without = post("1");
  without.options.pop_back();
  for (const TestMessage& message :
       {post("1", 1, "nobody"), post("1", 1, "mote-1", "wrong"),
        post("1", 1, "mote-1", "token of mote-2"), post("1", 1, "mote-2"), without}) {
    answers.insert(ask(message));
  }
  REQUIRE(answers.size() == 1);
  CHECK(answers.begin()->starts_with("ACK 4.01 1 tk The device and its token are not admitted"));
  CHECK(messages().empty());
}

TEST_CASE_FIXTURE(CoapHouse, "what is not a POST of a message is refused with its code") {
  start();
  TestMessage get = post("1");
  get.code = coap::Code::get;
  CHECK(ask(get) == "ACK 4.05 1 tk This resource knows POST only.");
  TestMessage other = post("1");
  other.options[2].second = "other";
  CHECK(ask(other).starts_with("ACK 4.04 1 tk The resources are devices/{device}/telemetry"));
  other.options.insert(other.options.begin() + 3, {11, "telemetry"});
  CHECK(ask(other).starts_with("ACK 4.04"));
  CHECK(ask(with(post("1"), 9, "x")) == "ACK 4.02 1 tk Option 9 is not known here.");
  TestMessage non = with(post("1"), 9, "x");
  non.type = coap::Type::non_confirmable;
  CHECK(ask(non).empty());
  CHECK(ask(with(post("1"), 35, "coap://x")) == "ACK 5.05 1 tk This is no proxy.");
  CHECK(ask(with(post("1"), 27, "\x07")).starts_with("ACK 4.00"));
  CHECK(ask(with(with(post("1"), 27, ""), 27, "")).starts_with("ACK 4.02"));
  CHECK(ask(post("")).starts_with("ACK 4.00 1 tk The payload is empty"));
  CHECK(ask(with(post("1"), 12, number_bytes(9999))) ==
        "ACK 4.15 1 tk Content-Format 9999 is not known here.");
  CHECK(messages().empty());
  // What is not critical may be there.
  CHECK(ask(with(with(post("1"), 6, ""), 258, "\x02")) == "ACK 2.04 1 tk");
}

TEST_CASE_FIXTURE(CoapHouse,
                  "a message by CoAP keeps the limit at its maximum and not one past it") {
  options.coap.blocks.payload_bytes_max = 100;
  start();
  CHECK(ask(post(Bytes(100, 'x'))) == "ACK 2.04 1 tk");
  CHECK(ask(post(Bytes(101, 'x'))) ==
        "ACK 4.13 1 tk 60=100 The payload has 101 bytes, the limit of one message is 100.");
  // As the first block says it.
  TestMessage block = with(post(Bytes(16, 'x')), 27, number_bytes(8));
  CHECK(ask(with(block, 60, number_bytes(101))).starts_with("ACK 4.13 1 tk 60=100"));
  CHECK(ask(with(block, 60, number_bytes(100))) == "ACK 2.31 1 tk 27=8");
}

TEST_CASE_FIXTURE(CoapHouse, "over its rate a device is told by CoAP how long to wait") {
  options.allowances.device.messages_per_second = 2;
  start();
  TestDatagrams client(*loop, coap_address);
  for (std::uint16_t id = 1; id <= 7; ++id) {
    const std::string answer = ask(client, post("1", id));
    if (id <= 3) CHECK(answer == "ACK 2.04 " + std::to_string(id) + " tk");
    if (id > 3) {
      CHECK(answer == "ACK 4.29 " + std::to_string(id) +
                          " tk 14=1 More than is allowed: limits.device.messages_per_second is 2. "
                          "Nothing was taken: send it again.");
    }
  }
  // Who is known is answered all the same.
  CHECK(ask(client, post("1", 3)) == "ACK 2.04 3 tk");
  pass(seconds{1});
  CHECK(ask(client, post("1", 7)) == "ACK 2.04 7 tk");
  CHECK(messages().size() == 4);
}

TEST_CASE_FIXTURE(CoapHouse,
                  "with too much in flight a device is told by CoAP when to come again") {
  options.allowances.device.in_flight = 2;
  start();
  TestDatagrams client(*loop, coap_address);
  client.send(post("1", 1).bytes());
  await_in_flight(1);
  client.send(post("2", 2).bytes());
  await_in_flight(2);
  client.send(post("3", 3).bytes());
  CHECK(text_of(client.next()) ==
        "ACK 4.29 3 tk 14=1 More than is allowed: limits.device.in_flight is 2. Nothing was taken: "
        "send it again.");
  sync();
  CHECK(text_of(client.next()) == "ACK 2.04 1 tk");
  CHECK(text_of(client.next()) == "ACK 2.04 2 tk");
  CHECK(ask(client, post("3", 3)) == "ACK 2.04 3 tk");
  CHECK(messages().size() == 3);
}

TEST_CASE_FIXTURE(CoapHouse,
                  "a payload over the limit of its device is refused by CoAP, in blocks too") {
  options.allowances.device.payload_bytes = 20;
  start();
  CHECK(ask(post(Bytes(20, 'x'))) == "ACK 2.04 1 tk");
  CHECK(ask(post(Bytes(21, 'x'))) ==
        "ACK 4.13 1 tk 60=20 The payload has 21 bytes, limits.device.payload_bytes is 20.");
  TestDatagrams client(*loop, coap_address);
  CHECK(ask(client, with(post(Bytes(16, 'x'), 2), 27, number_bytes(8))) == "ACK 2.31 2 tk 27=8");
  CHECK(ask(client, with(post(Bytes(5, 'x'), 3), 27, number_bytes(16)))
            .starts_with("ACK 4.13 3 tk 60=20"));
  CHECK(messages().size() == 1);
}

TEST_CASE_FIXTURE(CoapHouse, "a full stream and a full disk are said by CoAP") {
  raw_options.bytes_in_flight_max = 3000;
  start();
  TestDatagrams client(*loop, coap_address);
  client.send(post(Bytes(2000, 'a'), 1).bytes());
  await_in_flight(1);
  client.send(post(Bytes(2000, 'b'), 2).bytes());
  CHECK(text_of(client.next()) == "ACK 5.03 2 tk 14=1 The stream is full: send it again.");
  sync();
  CHECK(text_of(client.next()) == "ACK 2.04 1 tk");
  CHECK(ask(client, post(Bytes(2000, 'b'), 2)) == "ACK 2.04 2 tk");
  disk_is_low = true;
  pass(seconds{1});
  CHECK(ask(client, post("c", 3)).starts_with("ACK 5.03 3 tk 14=60 The disk is nearly full"));
}

TEST_CASE_FIXTURE(CoapHouse, "a company that sends all it can leaves room for another by CoAP") {
  auto other = device("mote-3");
  other.company = "other";
  business::DeviceType type;
  type.company = "other";
  type.name = "mote";
  REQUIRE(business->create(type));
  REQUIRE(business->create(other));
  options.coap.endpoint.exchanges_max = 10;
  start();
  TestDatagrams client(*loop, coap_address);
  for (std::uint16_t id = 1; id <= 8; ++id)
    CHECK(ask(client, post("1", id)) == "ACK 2.04 " + std::to_string(id) + " tk");
  CHECK(ask(client, post("1", 9)) ==
        "ACK 5.03 9 tk 14=1 Too many requests of your company are remembered: send it again.");
  CHECK(ask(client, post("1", 10, "mote-3")) == "ACK 2.04 10 tk");
  CHECK(messages().size() == 9);
}

TEST_CASE_FIXTURE(CoapHouse, "a device that is disabled is refused by CoAP within a second") {
  start();
  TestDatagrams client(*loop, coap_address);
  CHECK(ask(client, post("1", 1)) == "ACK 2.04 1 tk");
  auto disabled = device("mote-1");
  disabled.enabled = false;
  REQUIRE(business->update(disabled));
  pass(std::chrono::milliseconds{100});
  CHECK(ask(client, post("2", 2)).starts_with("ACK 4.01"));
}

TEST_CASE_FIXTURE(CoapHouse, "open takes any device by CoAP") {
  options.open = true;
  start();
  TestMessage message = post("1", 1, "any-1");
  message.options.pop_back();
  CHECK(ask(message) == "ACK 2.04 1 tk");
  CHECK(stored()[0].message.company == business::open_company);
  CHECK(stored()[0].message.device == "any-1");
}

}  // namespace cauce::gateway

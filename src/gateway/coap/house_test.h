// A gateway with both doors of CoAP open, and what a device says to them; only for tests.
#pragma once

#include <doctest/doctest.h>

#include "gateway/coap/test_message.h"
#include "gateway/house_test.h"
#include "net/test_dtls.h"

namespace cauce::gateway {

using coap::number_bytes;
using coap::TestMessage;
using coap::text_of;
using net::DtlsTestClient;
using net::TestDatagrams;

struct CoapHouse : House {
  net::Address coap_address;
  net::Address coaps_address;

  void start() {
    raw = stream::memory::make_topic("raw", raw_options, clock);
    writer = *raw->open_writer();
    auto listener = net::Listener::bind({"127.0.0.1", 0});
    auto http = net::Listener::bind({"127.0.0.1", 0});
    auto coap = net::Listener::bind_datagrams({"127.0.0.1", 0});
    auto coaps = net::Listener::bind_datagrams({"127.0.0.1", 0});
    REQUIRE((listener && http && coap && coaps));
    address = listener->address();
    coap_address = coap->address();
    coaps_address = coaps->address();
    Listeners listeners{std::move(*listener), std::move(*http)};
    listeners.coap = std::move(*coap);
    listeners.coaps = std::move(*coaps);
    auto started = Gateway::start(*loop, std::move(listeners), *writer, readers(), *registry, clock,
                                  random, options);
    REQUIRE(started);
    gateway = std::move(*started);
  }

  static TestMessage post(const Bytes& payload, std::uint16_t id = 1,
                          const std::string& device = "mote-1", std::string token = {}) {
    if (token.empty()) token = "token of " + device;
    TestMessage message;
    message.id = id;
    message.options = {{11, "devices"}, {11, device}, {11, "telemetry"}, {15, "token=" + token}};
    message.payload = payload;
    return message;
  }
  // With another option, in its place.
  static TestMessage with(TestMessage message, int number, const Bytes& value) {
    auto place = message.options.begin();
    while (place != message.options.end() && place->first <= number)
      ++place;
    message.options.insert(place, {number, value});
    return message;
  }

  // The answer to it; what is taken becomes durable meanwhile.
  std::string ask(TestDatagrams& client, const TestMessage& message) {
    client.send(message.bytes());
    for (int turn = 0; turn < 200; ++turn) {
      sync();
      const Bytes answer = client.next(1);
      if (!answer.empty()) return text_of(answer);
    }
    return "";
  }
  std::string ask(const TestMessage& message) {
    TestDatagrams client(*loop, coap_address);
    return ask(client, message);
  }
  void await_in_flight(std::size_t count) {
    for (int turn = 0; turn < 1000 && gateway->counts().messages_in_flight != count; ++turn)
      loop->run_ready();
    CHECK(gateway->counts().messages_in_flight == count);
  }
};

}  // namespace cauce::gateway

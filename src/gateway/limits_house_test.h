// A house with limits of devices and companies; for tests.
#pragma once

#include "gateway/house_test.h"
#include "net/http.h"

namespace cauce::gateway {

using std::chrono::milliseconds;

struct Limited : House {
  Limited() { options.allowances = {{10, 100'000, 2}, {1000, 1'000'000, 3}}; }

  static Bytes batch(int first, int count) {
    Bytes bytes;
    for (int number = first; number < first + count; ++number) {
      bytes +=
          mqtt::publish("devices/mote-1/telemetry", std::to_string(number), std::uint16_t(number));
    }
    return bytes;
  }
  static std::string request_of(const std::string& body) {
    return "POST /api/v1/devices/mote-1/messages HTTP/1.1\r\nHost: cauce\r\n"
           "Authorization: Bearer token of mote-1\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  std::string post(const std::string& body) {
    TestClient client(*loop, http_address);
    client.send(request_of(body));
    CHECK(client.run_until([&] {
      sync();
      return client.received().find("\r\n\r\n") != Bytes::npos;
    }));
    return client.received();
  }
  // Messages that are durable, ticks left out.
  std::size_t taken() {
    sync();
    return messages().size();
  }
  void await_taken(TestClient& client, std::size_t count) {
    CHECK(client.run_until([&] { return taken() >= count; }));
  }
  // CONNECT's return code.
  ConnectReturn connect_code(TestClient& client, const std::string& device_name,
                             const std::string& client_id) {
    client.send(mqtt::connect(client_id, device_name, "token of " + device_name));
    CHECK(client.run_until_received(4));
    return ConnectReturn(client.take_received().at(3));
  }
};

// What is in flight, and how large it is; rates are no matter.
struct Crowded : Limited {
  Crowded() { options.allowances = {{}, {}}; }

  // As the api writes it; the gateway knows by its next look.
  void give_own(const std::string& name, business::Limits limits) {
    auto limited = device(name);
    limited.limits = limits;
    REQUIRE(business->update(limited));
    gateway->look_around();
  }

  // What was in flight becomes durable, and so many messages come after it: without waiting for the
  // timer, which looks once in 100 ms.
  void go_on_at_once(std::size_t messages) {
    sync();
    settle();
    CHECK(gateway->counts().messages_in_flight == messages);
  }
  // Nothing becomes durable meanwhile.
  std::string post_now(const std::string& body) {
    TestClient client(*loop, http_address);
    client.send(request_of(body));
    CHECK(client.run_until([&] { return client.received().find("\r\n\r\n") != Bytes::npos; }));
    return client.received();
  }
  static Bytes login(const std::string& name) {
    return mqtt::text_field(name) + mqtt::text_field("token of " + name);
  }
};

}  // namespace cauce::gateway

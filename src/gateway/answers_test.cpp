// Answers that the writer's thread sends, and what the loop hears of them when.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "gateway/limits_house_test.h"
#include "metrics/metrics.h"

namespace cauce::gateway {
namespace {

using namespace std::string_literals;

const std::string topic_1 = "devices/mote-1/telemetry";

struct Answers : Crowded {
  metrics::Metrics metrics;

  Answers() { options.meters = Meters::in(metrics); }
  ~Answers() {
    gateway.reset();
    writer.reset();
    loop.reset();
  }

  TestClient connect_5(const std::string& name) {
    TestClient client = dial();
    client.send(mqtt::connect_5(name, "", 0xC2, login(name)));
    CHECK(client.run_until([&] { return client.received().size() > 4; }));
    CHECK(client.take_received().substr(2, 2) == Bytes(2, '\0'));
    return client;
  }

  // What the writer's thread does; the loop does nothing meanwhile.
  void write() {
    while (*writer->worker().step() == work::Progress::worked)
      continue;
  }
  // Messages that the loop knows to be durable.
  bool loop_knows_of(int count) {
    return metrics.text().find("cauce_gateway_acknowledged_total " + std::to_string(count) +
                               "\n") != std::string::npos;
  }
  static Bytes window(int first, int count) {
    Bytes bytes;
    for (int id = first; id < first + count; ++id)
      bytes += mqtt::publish_5(topic_1, "x", 1, std::uint16_t(id));
    return bytes;
  }
  // That nobody subscribed, or that the topic is not the device's.
  static Bytes puback_5(int id, char reason = '\x10') {
    return mqtt::packet(0x40, mqtt::id_field(std::uint16_t(id)) + reason);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Answers, "a device is answered without the loop, which hears of it later") {
  start();
  auto client = connect("mote-1");
  client.send(batch(1, 2));
  await_in_flight(client, 2);
  write();
  client.receive();
  CHECK(client.take_received() == mqtt::puback(1) + mqtt::puback(2));
  loop->run_ready();
  CHECK_FALSE(loop_knows_of(2));
  gateway->look_around();
  CHECK(loop_knows_of(2));
}

TEST_CASE_FIXTURE(Answers, "3.3.4 of 5.0: who has its answers may send as many again at once") {
  start();
  auto client = connect_5("mote-1");
  client.send(window(1, 20));
  await_in_flight(client, 20);
  write();
  client.receive();
  CHECK(client.take_received().size() == 20 * puback_5(1).size());
  client.send(window(21, 20));
  await_in_flight(client, 20);
  CHECK_FALSE(client.closed());
}

TEST_CASE_FIXTURE(Answers, "a connection that is full of what is in flight goes on at once") {
  options.publishes_in_flight_max = 4;
  start();
  auto client = connect("mote-1");
  client.send(batch(1, 2));
  await_in_flight(client, 2);
  client.send(batch(3, 2));
  await_in_flight(client, 4);
  client.send(batch(5, 3));
  settle();
  write();
  settle();
  CHECK(gateway->counts().messages_in_flight == 3);
}

TEST_CASE_FIXTURE(Answers, "who waits for room in the stream goes on at once") {
  raw_options.bytes_in_flight_max = 400;
  start();
  auto one = connect("mote-1");
  auto two = connect("mote-2");
  two.send(mqtt::publish("devices/mote-2/telemetry", Bytes(300, 'f'), 1));
  await_in_flight(two, 1);
  one.send(mqtt::publish(topic_1, Bytes(200, 'x'), 1));
  settle();
  write();
  settle();
  write();
  one.receive();
  CHECK(one.received() == mqtt::puback(1));
}

TEST_CASE_FIXTURE(
    Answers,
    "who subscribed hears at once and no later than who published, who asked by HTTP as well") {
  start();
  auto listener = connect("mote-1");
  listener.send(mqtt::subscribe(1, "devices/mote-1/#", 1));
  CHECK(listener.run_until([&] {
    sync();
    return listener.received().size() >= 5;
  }));
  listener.take_received();
  auto sender = connect("mote-1", "sender");
  sender.send(mqtt::publish(topic_1, "heard", 1));
  await_in_flight(sender, 1);
  TestClient http(*loop, http_address);
  http.send(request_of("21.5"));
  await_in_flight(http, 2);
  write();
  sender.receive();
  CHECK(sender.received().empty());
  settle();
  listener.receive();
  CHECK(listener.received().find("heard") != Bytes::npos);
  sender.receive();
  CHECK(sender.received() == mqtt::puback(1));
  http.receive();
  CHECK(http.received().starts_with("HTTP/1.1 200 "));
}

TEST_CASE_FIXTURE(Answers, "4.6 of 5.0: stored and refused messages are answered in one order") {
  constexpr int last = 6'000;
  constexpr int at_once = 10;
  start();
  auto client = connect_5("mote-1");
  std::atomic<bool> stops{false};
  std::thread writing([&] {
    while (!stops)
      write();
  });
  Bytes expected;
  for (int id = 1; id <= last; ++id)
    expected += puback_5(id, id % 2 == 0 ? '\x87' : '\x10');
  int sent = 0;
  const bool answered = client.run_until([&] {
    const int answers = int(client.received().size() / puback_5(1).size());
    for (; sent < last && sent < answers + at_once; ++sent) {
      const std::string topic = sent % 2 == 0 ? topic_1 : "devices/mote-2/telemetry"s;
      client.send(mqtt::publish_5(topic, "x", 1, std::uint16_t(sent + 1)));
    }
    return answers == last;
  });
  stops = true;
  writing.join();
  CHECK(answered);
  CHECK(client.received() == expected);
}

}  // namespace cauce::gateway

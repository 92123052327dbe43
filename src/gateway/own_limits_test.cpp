// Limits of a device's and of a company's own, as they change while devices are connected.
#include <doctest/doctest.h>

#include "gateway/limits_house_test.h"

namespace cauce::gateway {

TEST_CASE_FIXTURE(Crowded, "a connected device gets a limit of its own, and what there was back") {
  start();
  TestClient mote = connect("mote-1");
  give_own("mote-1", {.messages_per_second = 10});
  mote.send(batch(1, 30));
  await_taken(mote, 30);
  mote.send(batch(31, 1));
  pass(milliseconds{1900});
  CHECK(taken() == 30);
  const std::string refused = post("21.5");
  CHECK(refused.starts_with("HTTP/1.1 429 "));
  CHECK(refused.find("the device's own messages_per_second is 10.") != std::string::npos);
  give_own("mote-1", {});
  await_taken(mote, 31);
  mote.send(batch(32, 100));
  await_taken(mote, 131);
}

TEST_CASE_FIXTURE(Crowded, "a company's own limit holds for each of its devices") {
  start();
  REQUIRE(business->update(business::Company{"acme", "Acme", {}, {.payload_bytes = 4}}));
  gateway->look_around();
  CHECK(post("21.5").starts_with("HTTP/1.1 200 "));
  const std::string refused = post("21.55");
  CHECK(refused.starts_with("HTTP/1.1 413 "));
  CHECK(refused.find("The body has 5 bytes, the company's own payload_bytes is 4.") !=
        std::string::npos);
  // What the device may beyond that does not help it.
  give_own("mote-1", {.payload_bytes = 100});
  CHECK(post("21.55").starts_with("HTTP/1.1 413 "));
}

TEST_CASE_FIXTURE(Crowded, "who waits for room goes on when more may be in flight") {
  options.allowances.device.in_flight = 2;
  start();
  TestClient mote = connect("mote-1");
  mote.send(batch(1, 2));
  await_in_flight(mote, 2);
  mote.send(batch(3, 1));
  settle();
  CHECK(gateway->counts().messages_in_flight == 2);
  give_own("mote-1", {.in_flight = 4});
  await_in_flight(mote, 3);
}

TEST_CASE_FIXTURE(Crowded, "with fewer connections nobody is closed, and nobody more is admitted") {
  start();
  TestClient one = connect("mote-1", "one");
  TestClient two = connect("mote-1", "two");
  give_own("mote-1", {.connections = 1});
  pass(seconds{1});
  CHECK_FALSE(one.closed());
  CHECK_FALSE(two.closed());
  TestClient three = dial();
  CHECK(connect_code(three, "mote-1", "three") == ConnectReturn::server_unavailable);
  give_own("mote-1", {.connections = 3});
  connect("mote-1", "three");
}

}  // namespace cauce::gateway

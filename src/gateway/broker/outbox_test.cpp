// What waits for a client: order, acknowledgements, flow control, memory. Section numbers are those
// of mqtt-v5.0.
#include "gateway/broker/outbox.h"

#include <doctest/doctest.h>

#include "gateway/broker/broker_story.h"

namespace cauce::gateway::broker {
namespace {

using std::chrono::seconds;

const Hello kept{true, seconds{60}};
const Hello back{false, seconds{60}};

struct Waiting : Story {
  void answer(StoryClient& client, mqtt::PacketType type, std::uint16_t packet_id,
              mqtt::Reason reason = mqtt::Reason::success) {
    broker->acknowledge(*client.session, type, packet_id, reason);
    broker->pump(*client.session);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Waiting,
                  "4.9: no more is sent than the Receive Maximum, and QoS 0 keeps its place") {
  auto one = connect("one", {true, seconds{0}, 2});
  subscribe(*one, "a", 2);
  for (const char* payload : {"1", "2", "3"})
    publish("a", payload);
  publish("a", "zero", {0});
  CHECK(one->take() == "[a=1 q1 #1][a=2 q1 #2]");
  answer(*one, mqtt::PacketType::puback, 2);
  CHECK(one->take() == "[a=3 q1 #3][a=zero]");
  answer(*one, mqtt::PacketType::puback, 77);
  CHECK(one->take().empty());
}

TEST_CASE_FIXTURE(Waiting, "4.9: what is ours to bound is bounded, whatever the client allows") {
  limits.window_max = 3;
  start();
  auto one = connect("one");
  subscribe(*one, "a", 1);
  for (int count = 0; count < 5; ++count)
    publish("a", "x");
  CHECK(one->take() == "[a=x q1 #1][a=x q1 #2][a=x q1 #3]");
}

TEST_CASE_FIXTURE(Waiting, "4.3.3: QoS 2 is released by PUBREC and finished by PUBCOMP") {
  auto one = connect("one", {true, seconds{0}, 1});
  subscribe(*one, "a", 2);
  publish("a", "1", {2});
  publish("a", "2", {2});
  publish("a", "3", {2});
  CHECK(one->take() == "[a=1 q2 #1]");
  answer(*one, mqtt::PacketType::pubrec, 1);
  CHECK(one->take() == "(release 1)");
  answer(*one, mqtt::PacketType::pubcomp, 1);
  CHECK(one->take() == "[a=2 q2 #2]");
  // A refusal ends it: no PUBREL follows.
  answer(*one, mqtt::PacketType::pubrec, 2, mqtt::Reason::quota_exceeded);
  CHECK(one->take() == "[a=3 q2 #3]");
}

TEST_CASE_FIXTURE(Waiting,
                  "4.4.0-1: what was not acknowledged comes again, under its id and first") {
  auto one = connect("one", kept);
  subscribe(*one, "a", 2);
  publish("a", "1", {2});
  publish("a", "2");
  publish("a", "3", {2});
  publish("a", "4");
  one->take();
  answer(*one, mqtt::PacketType::pubrec, 1);
  answer(*one, mqtt::PacketType::puback, 4);
  leave(*one);
  publish("a", "5");
  auto again = connect("one", back);
  CHECK(again->take() == "(release 1)[a=2 q1 #2 again][a=3 q2 #3 again][a=5 q1 #5]");
  answer(*again, mqtt::PacketType::pubcomp, 1);
  answer(*again, mqtt::PacketType::puback, 2);
  answer(*again, mqtt::PacketType::pubrec, 3);
  settle();
  CHECK(again->take() == "(release 3)");
  leave(*again);
  CHECK(connect("one", back)->take() == "(release 3)[a=5 q1 #5 again]");
}

TEST_CASE_FIXTURE(Waiting, "2.2.1: ids go round past 0 and past those in use") {
  auto one = connect("one");
  subscribe(*one, "a", 1);
  publish("a", "kept");
  for (int id = 2; id <= 0xFFFF; ++id) {
    publish("a", "x");
    answer(*one, mqtt::PacketType::puback, std::uint16_t(id));
  }
  one->take();
  publish("a", "y");
  CHECK(one->take() == "[a=y q1 #2]");
}

TEST_CASE_FIXTURE(Waiting, "3.1.2-25: what is too long for the client counts as delivered") {
  auto one = connect("one", {true, seconds{0}, 1});
  one->bytes_max = 3;
  subscribe(*one, "a", 1);
  publish("a", "too long");
  publish("a", "x");
  CHECK(one->take() == "[a=x q1 #2]");
}

TEST_CASE_FIXTURE(Waiting, "a client that does not read gets all of it, in order, when it does") {
  auto one = connect("one");
  subscribe(*one, "a", 0);
  one->reads = false;
  const std::string payload(100 << 10, 'p');
  std::string expected;
  for (int count = 0; count < 200; ++count) {
    publish("a", payload + std::to_string(count));
    expected += "[a=" + payload + std::to_string(count) + "]";
  }
  CHECK(one->take().empty());
  CHECK(fetched == 0);
  one->reads = true;
  broker->pump(*one->session);
  CHECK(one->take() == expected);
  // Little of it was held: the rest came from the stream.
  CHECK(fetched >= 190);
}

TEST_CASE_FIXTURE(Waiting, "who is away holds no message, and gets what the stream still has") {
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  publish("a", "0");
  leave(*one);
  for (const char* payload : {"1", "2", "3"})
    publish("a", payload);
  CHECK(fetched == 0);
  // The position of the last but one.
  first_kept = raw.size() - 2;
  auto again = connect("one", back);
  CHECK(again->take() == "[a=2 q1 #2][a=3 q1 #3]");
  CHECK(lost == 2);
}

TEST_CASE_FIXTURE(Waiting, "while it is being fetched, what comes waits behind it") {
  fetches = false;
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  leave(*one);
  publish("a", "1");
  auto again = connect("one", back);
  publish("a", "2");
  CHECK(again->take().empty());
  CHECK(asked.size() == 1);
  answer_fetch();
  CHECK(again->take() == "[a=1 q1 #1][a=2 q1 #2]");
}

TEST_CASE_FIXTURE(Waiting, "what is fetched for who has gone again is of no harm") {
  fetches = false;
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  leave(*one);
  publish("a", "1");
  auto two = connect("one", back);
  leave(*two);
  auto three = connect("one", back);
  while (!asked.empty())
    answer_fetch();
  CHECK(three->take() == "[a=1 q1 #1]");
  leave(*three);
  auto four = connect("one", back);
  CHECK_FALSE(asked.empty());
  leave(*four, false, seconds{0});
  broker->advance();
  while (!asked.empty())
    answer_fetch();
  CHECK(four->take().empty());
}

TEST_CASE_FIXTURE(Waiting, "a queue at its limit keeps its session, one message more ends it") {
  limits.queued_max = 3;
  start();
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  leave(*one);
  for (const char* payload : {"1", "2", "3"})
    publish("a", payload);
  CHECK(overfull.empty());
  auto again = connect("one", back);
  CHECK(again->take() == "[a=1 q1 #1][a=2 q1 #2][a=3 q1 #3]");
  for (const std::uint16_t id : {std::uint16_t(1), std::uint16_t(2), std::uint16_t(3)})
    acknowledge(*again, id);
  again->reads = false;
  for (const char* payload : {"4", "5", "6", "7"})
    publish("a", payload);
  CHECK(overfull == std::vector<std::string>{"acme/d/one"});
  CHECK(again->ended);
  CHECK(again->ending == Ending::slow);
  CHECK_FALSE(connect("one", back)->present);
}

TEST_CASE_FIXTURE(Waiting,
                  "retained messages that overfill a queue end its session a moment later") {
  limits.queued_max = 2;
  start();
  for (const char* topic : {"a", "b", "c"})
    publish(topic, "x", {1, true});
  auto one = connect("one", kept);
  one->reads = false;
  subscribe(*one, mqtt::Subscription{"#", 1});
  CHECK_FALSE(one->ended);
  subscribe(*one, mqtt::Subscription{"a", 1});
  broker->advance();
  CHECK(one->ended);
  CHECK(overfull.size() == 1);
}

TEST_CASE_FIXTURE(Waiting,
                  "the queues of a company have a limit together, those of others not with them") {
  limits.company_queued_max = 3;
  start();
  for (const char* client_id : {"one", "two"}) {
    auto client = connect(client_id, kept);
    subscribe(*client, "a", 1);
    leave(*client);
  }
  auto other = connect("one", {true, seconds{60}, 0xFFFF, "other"});
  subscribe(*other, "a", 1);
  leave(*other);
  publish("a", "1");
  publish("a", "2");
  CHECK(overfull.size() == 1);
  Said said;
  said.company = "other";
  for (const char* payload : {"1", "2", "3"})
    publish("a", payload, said);
  CHECK(overfull.size() == 1);
  // What the ended session held is free again.
  publish("a", "3");
  CHECK(overfull.size() == 1);
}

}  // namespace cauce::gateway::broker

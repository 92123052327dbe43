// Sessions, subscriptions and retained messages. Section numbers are those of mqtt-v5.0 unless
// said.
#include "gateway/broker/broker.h"

#include <doctest/doctest.h>

#include "gateway/broker/broker_story.h"
#include "gateway/mqtt/property.h"

namespace cauce::gateway::broker {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const Hello kept{true, seconds{60}};
const Hello back{false, seconds{60}};

}  // namespace

TEST_CASE_FIXTURE(Story, "3.3.4: a message goes to all who subscribed, at the lower QoS") {
  auto one = connect("one");
  auto two = connect("two");
  subscribe(*one, "a/+", 0);
  subscribe(*two, "a/b", 2);
  publish("a/b", "x");
  publish("a/c", "y");
  publish("b", "z");
  publish("a/b", "w", {2});
  publish("a/b", "v", {0});
  CHECK(one->take() == "[a/b=x][a/c=y][a/b=w][a/b=v]");
  CHECK(two->take() == "[a/b=x q1 #1][a/b=w q2 #2][a/b=v]");
}

TEST_CASE_FIXTURE(Story, "nothing leaves a company") {
  auto one = connect("one");
  auto other = connect("one", {true, seconds{0}, 0xFFFF, "other"});
  subscribe(*one, "#", 1);
  subscribe(*other, "#", 1);
  Said said;
  said.company = "other";
  said.retain = true;
  publish("a", "x", said);
  CHECK(one->take().empty());
  CHECK(other->take() == "[a=x q1 #1]");
  auto late = connect("late");
  subscribe(*late, mqtt::Subscription{"#", 1});
  CHECK(late->take().empty());
}

TEST_CASE_FIXTURE(Story,
                  "3.3.4-2: overlapping subscriptions give one message, with all identifiers") {
  auto one = connect("one");
  subscribe(*one, "a/#", 2, 7);
  subscribe(*one, "a/b", 1, 8);
  subscribe(*one, "#", 0);
  publish("a/b", "x", {2});
  CHECK(one->take() == "[a/b=x q2 #1 as 7 as 8]");
}

TEST_CASE_FIXTURE(Story, "3.8.4-3: a subscription again takes the place of the one before") {
  auto one = connect("one");
  subscribe(*one, "a", 1, 7);
  subscribe(*one, "a", 0, 8);
  publish("a", "x");
  CHECK(one->take() == "[a=x as 8]");
  CHECK(broker->unsubscribe(*one->session, "a") == mqtt::Reason::success);
  CHECK(broker->unsubscribe(*one->session, "a") == mqtt::Reason::no_subscription_existed);
  publish("a", "y");
  CHECK(one->take().empty());
  CHECK(broker->is_quiet());
}

TEST_CASE_FIXTURE(Story, "3.8.3-3: no local keeps away what the client said itself") {
  auto one = connect("one");
  auto two = connect("two");
  for (StoryClient* client : {one.get(), two.get()})
    subscribe(*client, mqtt::Subscription{"a", 1, true, false, 0});
  Said said;
  said.by = one.get();
  publish("a", "x", said);
  CHECK(one->take().empty());
  CHECK(two->take() == "[a=x q1 #1]");
}

TEST_CASE_FIXTURE(Story, "3.3.1-12, 3.3.1-13: RETAIN goes on to who asked for it as published") {
  auto plain = connect("plain");
  auto told = connect("told");
  subscribe(*plain, "a", 0);
  subscribe(*told, mqtt::Subscription{"a", 0, false, true, 0});
  publish("a", "x", {1, true});
  publish("a", "y");
  CHECK(plain->take() == "[a=x][a=y]");
  CHECK(told->take() == "[a=x retained][a=y]");
}

TEST_CASE_FIXTURE(Story, "3.3.1-5 to 3.3.1-8: the last retained message of a topic waits for all") {
  publish("a/b", "old", {1, true});
  publish("a/b", "new", {1, true});
  publish("a/c", "c", {0, true});
  publish("a/d", "not retained");
  auto one = connect("one");
  subscribe(*one, mqtt::Subscription{"a/+", 2});
  CHECK(one->take() == "[a/b=new q1 #1 retained][a/c=c retained]");
  publish("a/b", "", {1, true});
  CHECK(one->take() == "[a/b= q1 #2]");
  auto two = connect("two");
  subscribe(*two, mqtt::Subscription{"a/#", 0});
  CHECK(two->take() == "[a/c=c retained]");
}

TEST_CASE_FIXTURE(Story, "3.3.1-9 to 3.3.1-11: retain handling") {
  publish("a", "x", {0, true});
  auto one = connect("one");
  subscribe(*one, mqtt::Subscription{"a", 0, false, false, 2});
  CHECK(one->take().empty());
  subscribe(*one, mqtt::Subscription{"a", 0, false, false, 1});
  CHECK(one->take().empty());
  subscribe(*one, mqtt::Subscription{"a", 0, false, false, 0});
  CHECK(one->take() == "[a=x retained]");
  broker->unsubscribe(*one->session, "a");
  subscribe(*one, mqtt::Subscription{"a", 0, false, false, 1});
  CHECK(one->take() == "[a=x retained]");
}

TEST_CASE_FIXTURE(Story, "retained messages at their limits are kept, one more has no room") {
  limits.retained_max = 2;
  limits.retained_bytes_max = 100;
  start();
  publish("a", "1", {1, true});
  CHECK(broker->has_room_to_retain("acme", "b", 1));
  publish("b", "2", {1, true});
  CHECK_FALSE(broker->has_room_to_retain("acme", "c", 1));
  CHECK(broker->has_room_to_retain("acme", "a", 50));
  CHECK(broker->has_room_to_retain("acme", "a", 95));
  CHECK_FALSE(broker->has_room_to_retain("acme", "a", 96));
  CHECK(broker->has_room_to_retain("acme", "c", 0));
  CHECK(broker->has_room_to_retain("other", "c", 1));
}

TEST_CASE_FIXTURE(Story, "4.8.2: a shared message goes to one, in turn, and to other groups too") {
  auto one = connect("one");
  auto two = connect("two");
  auto three = connect("three");
  subscribe(*one, "$share/g/a", 0);
  subscribe(*two, "$share/g/a", 0, 5);
  subscribe(*three, "$share/h/a", 0);
  for (const char* payload : {"1", "2", "3", "4"})
    publish("a", payload);
  CHECK(one->take() == "[a=1][a=3]");
  CHECK(two->take() == "[a=2 as 5][a=4 as 5]");
  CHECK(three->take() == "[a=1][a=2][a=3][a=4]");
  leave(*one);
  publish("a", "5");
  CHECK(two->take() == "[a=5 as 5]");
}

TEST_CASE_FIXTURE(Story, "4.8.2: who is away gets a shared message only when nobody is there") {
  auto one = connect("one", kept);
  auto two = connect("two", kept);
  subscribe(*one, "$share/g/a", 1);
  subscribe(*two, "$share/g/a", 1);
  leave(*one);
  publish("a", "1");
  publish("a", "2");
  CHECK(two->take() == "[a=1 q1 #1][a=2 q1 #2]");
  leave(*two);
  publish("a", "3");
  const std::string both = connect("one", back)->take() + connect("two", back)->take();
  CHECK(both.find("a=3") != std::string::npos);
  CHECK(both.find("a=3") == both.rfind("a=3"));
}

TEST_CASE_FIXTURE(Story, "4.8.2: a shared subscription gets no retained message") {
  publish("a", "x", {1, true});
  auto one = connect("one");
  subscribe(*one, mqtt::Subscription{"$share/g/a", 1});
  CHECK(one->take().empty());
}

TEST_CASE_FIXTURE(Story, "3.8.4: subscriptions at the limit are granted, one more is refused") {
  limits.subscriptions_max = 2;
  start();
  auto one = connect("one");
  CHECK(subscribe(*one, "a", 1) == mqtt::Reason::granted_qos_1);
  CHECK(subscribe(*one, "b", 2) == mqtt::Reason::granted_qos_2);
  CHECK(subscribe(*one, "c", 1) == mqtt::Reason::quota_exceeded);
  CHECK(subscribe(*one, "a", 0) == mqtt::Reason::success);
  CHECK(subscribe(*one, "$share/g", 0) == mqtt::Reason::topic_filter_invalid);
}

TEST_CASE_FIXTURE(Story, "3.1.2-5: a session goes on, with its subscriptions and what waited") {
  auto one = connect("one", kept);
  CHECK_FALSE(one->present);
  subscribe(*one, "a", 1);
  leave(*one);
  publish("a", "1");
  publish("a", "2", {0});
  publish("a", "3");
  auto again = connect("one", back);
  CHECK(again->present);
  CHECK(again->take() == "[a=1 q1 #1][a=3 q1 #2]");
  publish("a", "4");
  CHECK(again->take() == "[a=4 q1 #3]");
}

TEST_CASE_FIXTURE(Story, "3.1.2-4: a clean start ends the session that was") {
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  leave(*one);
  publish("a", "1");
  CHECK_FALSE(connect("one", kept)->present);
  publish("a", "2");
  auto again = connect("one", back);
  CHECK(again->present);
  CHECK(again->take().empty());
}

TEST_CASE_FIXTURE(Story, "3.1.2.11.2: a session ends when its interval is over, to the second") {
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  pass(hours{1});
  leave(*one);
  pass(seconds{60} - Duration{1});
  auto two = connect("one", back);
  CHECK(two->present);
  leave(*two);
  pass(seconds{60});
  CHECK(broker->session_count() == 0);
  CHECK(broker->is_quiet());
  CHECK_FALSE(connect("one", back)->present);
}

TEST_CASE_FIXTURE(Story, "3.14.2.2.2: DISCONNECT gives the session another end") {
  auto one = connect("one", kept);
  leave(*one, false, seconds{5});
  pass(seconds{5});
  CHECK(broker->session_count() == 0);
  auto two = connect("one", kept);
  leave(*two, false, seconds{0});
  CHECK(broker->session_count() == 0);
}

TEST_CASE_FIXTURE(Story, "a session is kept for a day at most") {
  auto one = connect("one", {true, hours{1000}});
  leave(*one);
  pass(hours{24} - Duration{1});
  CHECK(broker->session_count() == 1);
  pass(Duration{1});
  CHECK(broker->session_count() == 0);
}

TEST_CASE_FIXTURE(Story, "sessions of a device at the limit are kept, one more is refused") {
  limits.sessions_max = 2;
  start();
  auto one = connect("one", kept);
  auto two = connect("two", kept);
  CHECK(connect("three", kept)->session == nullptr);
  CHECK(connect("four")->session != nullptr);
  CHECK(connect("three", {true, seconds{60}, 0xFFFF, "acme", "another"})->session != nullptr);
  CHECK(connect("one", back)->present);
}

TEST_CASE_FIXTURE(Story, "3.1.4-3: the same client again ends the older connection") {
  auto older = connect("one", kept);
  subscribe(*older, "a", 1);
  auto younger = connect("one", back);
  CHECK(older->ended);
  CHECK(older->ending == Ending::replaced);
  CHECK(younger->present);
  publish("a", "x");
  CHECK(older->take().empty());
  CHECK(younger->take() == "[a=x q1 #1]");
}

TEST_CASE_FIXTURE(Story, "no device takes over the session of another one") {
  auto one = connect("id", kept);
  auto two = connect("id", {false, seconds{60}, 0xFFFF, "acme", "another"});
  CHECK_FALSE(one->ended);
  CHECK_FALSE(two->present);
}

TEST_CASE_FIXTURE(Story, "who may no longer hear what he subscribed to begins anew") {
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  leave(*one);
  publish("a", "secret");
  forbids = true;
  auto again = connect("one", back);
  CHECK_FALSE(again->present);
  publish("a", "secret");
  CHECK(again->take().empty());
}

TEST_CASE_FIXTURE(Story,
                  "3.3.2-5, 3.3.2-6: a message expires where it waits, or says what is left") {
  Bytes five;
  mqtt::put_property(five, mqtt::Property::message_expiry, 5);
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  publish("a", "at once", {1, false, five});
  CHECK(one->take() == "[a=at once q1 #1 for 5 s]");
  acknowledge(*one, 1);
  leave(*one);
  publish("a", "late", {1, false, five});
  publish("a", "kept", {1, true, five});
  pass(seconds{4});
  publish("a", "fresh", {1, false, five});
  pass(seconds{1});
  auto again = connect("one", back);
  CHECK(again->take() == "[a=fresh q1 #2 for 4 s]");
  auto two = connect("two");
  subscribe(*two, mqtt::Subscription{"a", 1});
  CHECK(two->take().empty());
}

TEST_CASE_FIXTURE(Story, "3.3.2.3: properties go on as they came, also to who was away") {
  Bytes properties;
  mqtt::put_property(properties, mqtt::Property::response_topic, "answer");
  mqtt::put_property(properties, mqtt::Property::topic_alias, 3);
  mqtt::put_property(properties, mqtt::Property::correlation, "7");
  const std::string expected = " with " + to_hex(mqtt::forwarded_properties(properties)) + "]";
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  publish("a", "x", {1, false, properties});
  CHECK(one->take() == "[a=x q1 #1" + expected);
  leave(*one);
  publish("a", "y", {1, false, properties});
  CHECK(connect("one", back)->take() == "[a=x q1 #1 again" + expected + "[a=y q1 #2" + expected);
}

TEST_CASE_FIXTURE(Story, "where nobody subscribes, nothing is copied") {
  Incoming message;
  message.topic = "a";
  CHECK(broker->copy_if_heard("acme", message) == nullptr);
  auto other = connect("one", {true, seconds{0}, 0xFFFF, "other"});
  subscribe(*other, "#", 0);
  CHECK(broker->copy_if_heard("acme", message) == nullptr);
  auto one = connect("one");
  subscribe(*one, "b", 0);
  CHECK(broker->copy_if_heard("acme", message) == nullptr);
  subscribe(*one, "a", 0);
  CHECK(broker->copy_if_heard("acme", message) != nullptr);
}

}  // namespace cauce::gateway::broker

// Commands: who gets them, when, and when no more. Section numbers are those of mqtt-v5.0.
#include <doctest/doctest.h>

#include "gateway/broker/broker_story.h"
#include "gateway/mqtt/property.h"

namespace cauce::gateway::broker {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Hello kept{true, hours{1}};
const Hello back{false, hours{1}};
constexpr const char* topic = "devices/d/commands";

// A topic `commands` beside the stream of the story.
struct Commanding : Story {
  std::vector<record::CommandRecord> commands;

  void give(const std::string& id, const std::string& payload = "p",
            Duration span = record::command_wait_max, const std::string& device = "d") {
    record::Command command;
    command.id = id;
    command.expires_at = clock.now() + span;
    command.message = {"acme", device, record::commands_topic(device), clock.now(), "", payload};
    put(std::move(command));
  }
  void withdraw(const std::string& id) { put(record::Withdrawal{clock.now(), "acme", "d", id}); }

  // As Switchboard::deliver().
  void put(record::CommandRecord record) {
    commands.push_back(record);
    const stream::Position position{commands.size() - 1};
    if (const auto* command = std::get_if<record::Command>(&record)) store(position, *command);
    broker->pass_commands({commands.size()});
    broker->take_command(position, std::move(record));
    settle();
  }
  void answer(const std::string& id, const std::string& payload) {
    Incoming message;
    const std::string answers = record::command_result_topic("d", id);
    message.topic = answers;
    message.content_type = "text/plain";
    message.payload = payload;
    broker->hear_answer("acme", message);
  }

  // The steps that were noted since this was asked last: "sent c-1, acknowledged c-1".
  std::string steps() {
    std::string text;
    for (; seen_ < raw.size(); ++seen_) {
      if (record::raw_kind(raw[seen_]) != record::RawKind::session_change) continue;
      const auto change = *record::decode_session_change(raw[seen_]);
      const auto* step = std::get_if<record::CommandStep>(&change.event);
      if (step == nullptr) continue;
      if (!text.empty()) text += ", ";
      text += std::string(record::name_of(step->kind)) + " " + step->id;
      if (!step->answer.empty()) text += " \"" + step->answer + "\"";
    }
    return text;
  }

  // Another broker, of what was noted and of the topic.
  void restart() { restarted(State{}, 0); }
  // Another one, of what the living one would keep.
  void restart_from_state() {
    restarted(*decode_state(encode(broker->state()), state_version), raw.size());
  }

 private:
  void restarted(const State& state, std::size_t from) {
    start();
    broker->begin_replay();
    broker->restore(state);
    for (std::size_t position = from; position < raw.size(); ++position)
      replay(raw[position]);
    broker->end_replay();
    broker->advance();
  }
  void replay(const Bytes& record) {
    if (record::raw_kind(record) != record::RawKind::session_change) return;
    const auto change = *record::decode_session_change(record);
    if (const auto* passed = std::get_if<record::CommandsPassed>(&change.event)) {
      const auto known = broker->commands_passed().value_or(stream::Position{0});
      for (auto next = known.number; next < passed->position; ++next)
        broker->take_command({next}, commands[next]);
      broker->pass_commands({passed->position});
      return;
    }
    broker->replay(change);
  }

  std::size_t seen_ = 0;
};

Bytes properties_of(const std::string& id) {
  Bytes properties;
  mqtt::put_property(properties, mqtt::Property::response_topic,
                     record::command_result_topic("d", id));
  mqtt::put_property(properties, mqtt::Property::correlation, id);
  return properties;
}

std::string told(const std::string& payload, const std::string& id, const std::string& with,
                 const std::string& left = "86400") {
  return "[devices/d/commands=" + payload + with + " for " + left + " s with " +
         to_hex(properties_of(id)) + "]";
}

}  // namespace

TEST_CASE_FIXTURE(Commanding, "who subscribes gets a command at once, with its id and its end") {
  auto one = connect("one");
  subscribe(*one, topic);
  give("c-1", "open");
  CHECK(one->take() == told("open", "c-1", " q1 #1"));
  CHECK(steps() == "sent c-1");
  acknowledge(*one, 1);
  CHECK(steps() == "acknowledged c-1");
}

TEST_CASE_FIXTURE(Commanding, "a command waits for a device that comes later, and comes once") {
  give("c-1", "first");
  give("c-2", "second");
  auto one = connect("one");
  subscribe(*one, mqtt::Subscription{topic, 1, false, false, 0});
  CHECK(one->take() == told("first", "c-1", " q1 #1") + told("second", "c-2", " q1 #2"));
  acknowledge(*one, 1);
  acknowledge(*one, 2);
  subscribe(*one, mqtt::Subscription{topic, 1, false, false, 0});
  leave(*one);
  auto again = connect("two");
  subscribe(*again, mqtt::Subscription{"devices/d/#", 1, false, false, 0});
  CHECK(again->take().empty());
  CHECK(steps() == "sent c-1, sent c-2, acknowledged c-1, acknowledged c-2");
}

TEST_CASE_FIXTURE(Commanding, "what was not acknowledged comes again, by whichever session") {
  auto one = connect("one");
  subscribe(*one, topic);
  give("c-1");
  one->take();
  leave(*one);
  auto two = connect("two");
  subscribe(*two, mqtt::Subscription{topic, 1, false, false, 0});
  CHECK(two->take() == told("p", "c-1", " q1 #1"));
  // Of its queue, and by the subscription, it comes once.
  subscribe(*two, mqtt::Subscription{topic, 1, false, false, 0});
  CHECK(two->take().empty());
  CHECK(steps() == "sent c-1");
}

TEST_CASE_FIXTURE(Commanding,
                  "a session that sleeps does not get what another one of its device did") {
  auto sleeper = connect("sleeper", kept);
  subscribe(*sleeper, topic);
  leave(*sleeper);
  give("c-1");
  auto other = connect("other");
  subscribe(*other, mqtt::Subscription{topic, 1, false, false, 0});
  other->take();
  acknowledge(*other, 1);
  sleeper = connect("sleeper", back);
  CHECK(sleeper->present);
  CHECK(sleeper->take().empty());
}

TEST_CASE_FIXTURE(Commanding, "who listens to a device does not take its commands from it") {
  auto bridge = connect("bridge", {true, seconds{0}, 0xFFFF, "acme", "bridge"});
  subscribe(*bridge, mqtt::Subscription{"devices/+/commands", 0, false, false, 0});
  give("c-1");
  CHECK(steps() == "given c-1");
  auto device = connect("one");
  subscribe(*device, mqtt::Subscription{topic, 1, false, false, 0});
  CHECK(device->take() == told("p", "c-1", " q1 #1"));
  // And gets each once itself.
  bridge->take();
  subscribe(*bridge, mqtt::Subscription{"devices/#", 1, false, false, 0});
  CHECK(bridge->take().empty());
}

TEST_CASE_FIXTURE(Commanding, "QoS 0: what has left is not sent again") {
  auto one = connect("one");
  subscribe(*one, topic, 0);
  give("c-1");
  CHECK(one->take() == told("p", "c-1", ""));
  CHECK(steps() == "given c-1");
  subscribe(*one, mqtt::Subscription{topic, 0, false, false, 0});
  CHECK(one->take().empty());
}

TEST_CASE_FIXTURE(Commanding,
                  "a command that has expired is not sent, even if it was sent before") {
  auto sleeper = connect("sleeper", kept);
  subscribe(*sleeper, topic);
  give("c-1", "p", minutes{1});
  CHECK(sleeper->take() == told("p", "c-1", " q1 #1", "60"));
  leave(*sleeper);
  give("c-2", "p", minutes{1});
  pass(seconds{30});
  sleeper = connect("sleeper", back);
  CHECK(sleeper->take() ==
        told("p", "c-1", " q1 #1 again", "30") + told("p", "c-2", " q1 #2", "30"));
  leave(*sleeper);
  pass(seconds{30});
  sleeper = connect("sleeper", back);
  CHECK(sleeper->take().empty());
  auto late = connect("late");
  subscribe(*late, mqtt::Subscription{topic, 1, false, false, 0});
  CHECK(late->take().empty());
}

TEST_CASE_FIXTURE(Commanding, "a command that was withdrawn is not sent any more") {
  auto sleeper = connect("sleeper", kept);
  subscribe(*sleeper, topic);
  leave(*sleeper);
  give("c-1", "one");
  give("c-2", "two");
  withdraw("c-1");
  sleeper = connect("sleeper", back);
  CHECK(sleeper->take() == told("two", "c-2", " q1 #1"));
  withdraw("c-unknown");
}

TEST_CASE_FIXTURE(Commanding, "a command that was answered is over, and may be answered again") {
  auto sleeper = connect("sleeper", kept);
  subscribe(*sleeper, topic);
  leave(*sleeper);
  give("c-1");
  answer("c-1", "half");
  answer("c-1", "done");
  answer("c-unknown", "done");
  CHECK(steps() == "answered c-1 \"half\", answered c-1 \"done\"");
  sleeper = connect("sleeper", back);
  CHECK(sleeper->take().empty());
}

TEST_CASE_FIXTURE(Commanding, "an answer counts on the command's own topic alone") {
  give("c-1", "p", hours{1}, "e");
  answer("c-1", "of another device");
  CHECK(steps().empty());
  Incoming message;
  message.topic = "devices/e/commands/c-1/result";
  broker->hear_answer("globex", message);
  CHECK(steps().empty());
  broker->hear_answer("acme", message);
  CHECK(steps() == "answered c-1");
}

TEST_CASE_FIXTURE(Commanding, "4.3.2: a device that refuses a command does not get it again") {
  auto one = connect("one");
  subscribe(*one, topic);
  give("c-1");
  broker->acknowledge(*one->session, mqtt::PacketType::puback, 1,
                      mqtt::Reason::implementation_specific);
  CHECK(steps() == "sent c-1, refused c-1");
  subscribe(*one, mqtt::Subscription{topic, 1, false, false, 0});
  CHECK(one->take() == told("p", "c-1", " q1 #1"));
}

TEST_CASE_FIXTURE(Commanding, "a command that is given twice comes once") {
  auto one = connect("one");
  subscribe(*one, topic);
  give("c-1");
  give("c-1");
  CHECK(one->take() == told("p", "c-1", " q1 #1"));
}

TEST_CASE_FIXTURE(Commanding, "more commands than a queue holds do not end the session") {
  limits.queued_max = 4;
  start();
  for (int number = 1; number <= 5; ++number)
    give("c-" + std::to_string(number));
  auto one = connect("one");
  subscribe(*one, mqtt::Subscription{topic, 1, false, false, 0});
  CHECK(one->take() == told("p", "c-1", " q1 #1") + told("p", "c-2", " q1 #2"));
  CHECK(overfull.empty());
  subscribe(*one, mqtt::Subscription{topic, 1, false, false, 0});
  CHECK(one->take() == told("p", "c-3", " q1 #3") + told("p", "c-4", " q1 #4"));
}

TEST_CASE_FIXTURE(Commanding, "a command is forgotten after a day") {
  give("c-1");
  pass(record::command_wait_max);
  CHECK(broker->state().commands.empty());
  answer("c-1", "late");
  CHECK(steps().empty());
}

TEST_CASE_FIXTURE(Commanding, "a restart changes nothing of it") {
  const auto restart_some_way = [this](int way) {
    if (way == 0) restart();
    if (way == 1) restart_from_state();
  };
  for (const int way : {0, 1}) {
    CAPTURE(way);
    commands.clear();
    raw.clear();
    start();
    auto device = connect("one");
    subscribe(*device, topic);
    give("c-acknowledged");
    acknowledge(*device, 1);
    leave(*device);
    give("c-waiting", "w", minutes{2});
    give("c-withdrawn");
    withdraw("c-withdrawn");
    give("c-answered");
    answer("c-answered", "done");
    restart_some_way(way);
    pass(minutes{1});
    device = connect("one");
    subscribe(*device, mqtt::Subscription{topic, 1, false, false, 0});
    CHECK(device->take() == told("w", "c-waiting", " q1 #1", "60"));
    leave(*device);
  }
}

TEST_CASE_FIXTURE(Commanding, "a session that sleeps over a restart gets what it was given, once") {
  for (const int way : {0, 1}) {
    CAPTURE(way);
    commands.clear();
    raw.clear();
    start();
    give("c-before");
    auto sleeper = connect("sleeper", kept);
    subscribe(*sleeper, mqtt::Subscription{topic, 1, false, false, 0});
    sleeper->take();
    leave(*sleeper);
    give("c-after");
    if (way == 0) restart();
    if (way == 1) restart_from_state();
    sleeper = connect("sleeper", back);
    CHECK(sleeper->present);
    CHECK(sleeper->take() ==
          told("p", "c-before", " q1 #1 again") + told("p", "c-after", " q1 #2"));
    subscribe(*sleeper, mqtt::Subscription{topic, 1, false, false, 0});
    CHECK(sleeper->take().empty());
    leave(*sleeper, false, seconds{0});
  }
}

}  // namespace cauce::gateway::broker

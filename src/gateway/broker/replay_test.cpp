// What is recorded of a broker makes it again: one that was made so behaves as the one that lived.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/random.h"
#include "gateway/broker/broker_story.h"
#include "gateway/mqtt/property.h"

namespace cauce::gateway::broker {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const Hello kept{true, hours{1}};
const Hello back{false, hours{1}};

void replay(Broker& broker, const std::vector<Bytes>& raw, std::size_t from, std::size_t to) {
  std::optional<record::Particulars> particulars;
  for (std::size_t position = from; position < to; ++position) {
    const auto record = record::decode_raw(raw[position]);
    REQUIRE(record);
    const auto before = std::exchange(particulars, std::nullopt);
    switch (record->kind) {
      case record::RawKind::message:
        broker.replay({Shelf::raw, {position}}, record->message, before ? &*before : nullptr);
        break;
      case record::RawKind::particulars:
        particulars = *record::decode_particulars(raw[position]);
        break;
      case record::RawKind::session_change:
        broker.replay(*record::decode_session_change(raw[position]));
        break;
      case record::RawKind::tick: break;
    }
  }
}

// What counts of a state, as text. Left out is what a replay need not give: what has expired, how
// far the client has come with QoS 1, and the numbers of subscriptions but for their order.
class Told {
 public:
  Told(const State& state, Time now) : state_(state), now_(now) {
    for (const SessionState& session : state.sessions)
      tell(session);
    for (const RetainedState& retained : state.retained) {
      const BodyState& body = state.bodies[retained.body];
      if (has_expired(body.expires_at)) continue;
      text_ += fmt::format("retained {} {} @{} q{}\n", retained.company, body.topic,
                           body.place.position.number, body.qos);
    }
    for (const TurnState& turn : state.turns)
      text_ += fmt::format("turn {} {}\n", turn.filter, turn.next);
    for (const DueWillState& due : state.due_wills)
      text_ += fmt::format("due {} {}\n", due.session, due.will.topic);
  }
  const std::string& text() const { return text_; }

 private:
  bool has_expired(const std::optional<Time>& at) const { return at && *at <= now_; }
  std::size_t rank(std::uint64_t number) const {
    std::size_t rank = 0;
    for (const SessionState& session : state_.sessions) {
      rank += std::size_t(std::ranges::count_if(
          session.subscriptions,
          [number](const SubscriptionState& each) { return each.number < number; }));
    }
    return rank;
  }
  static std::string time(const std::optional<Time>& at) { return at ? format_time(*at) : "-"; }

  void tell(const SessionState& session) {
    text_ += fmt::format("{} expiry {} there {} ends {}", session.key, session.expiry_s,
                         session.is_there, time(session.ends_at));
    if (session.will) {
      text_ += fmt::format(" will {} after {} at {}", session.will->topic, session.will->delay_s,
                           time(session.will_at));
    }
    for (const SubscriptionState& each : session.subscriptions) {
      text_ += fmt::format("\n  {}: {} q{} {} {} {}", rank(each.number), each.filter,
                           each.options.qos, each.options.no_local,
                           each.options.retain_as_published, each.options.identifier);
    }
    for (const std::uint16_t id : session.unreleased)
      text_ += fmt::format("\n  unreleased {}", id);
    for (const QueuedState& queued : session.queue)
      tell(queued, "waits");
    for (const QueuedState& queued : session.released)
      tell(queued, "released");
    text_ += '\n';
  }
  void tell(const QueuedState& queued, std::string_view how) {
    const auto expires_at = queued.body > 0     ? state_.bodies[queued.body - 1].expires_at
                            : queued.extras > 0 ? state_.extras[queued.extras - 1].expires_at
                                                : std::nullopt;
    if (has_expired(expires_at) && queued.packet_id == 0) return;
    const char* way = queued.shared ? "shared" : queued.body > 0 ? "held" : "";
    text_ += fmt::format("\n  {} @{} q{} #{} {} expires {}", how, queued.place.position.number,
                         queued.qos, queued.packet_id, way, time(expires_at));
    // Of copies of one message that came in the same way, any one may have been acknowledged.
    if (queued.shared || queued.body > 0) return;
    text_ += fmt::format(" {} for {}", queued.retain, fmt::join(queued.identifiers, " "));
  }

  const State& state_;
  const Time now_;
  std::string text_;
};

struct Lives : Story {
  // Kills the process and starts it again.
  void restart() {
    broker = std::make_unique<Broker>(*this, clock, limits);
    broker->begin_replay();
    replay(*broker, raw, 0, raw.size());
    broker->end_replay();
    broker->advance();
    settle();
  }
  // The sockets are closed by the kernel: the broker never hears of it.
  void forget(std::unique_ptr<StoryClient>& client) {
    client->session = nullptr;
    client.reset();
  }
  void receive(StoryClient& client, std::uint16_t packet_id) {
    broker->acknowledge(*client.session, mqtt::PacketType::pubrec, packet_id,
                        mqtt::Reason::success);
    settle();
  }
  void complete(StoryClient& client, std::uint16_t packet_id) {
    broker->acknowledge(*client.session, mqtt::PacketType::pubcomp, packet_id,
                        mqtt::Reason::success);
    broker->pump(*client.session);
    settle();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Lives, "4.1: a session, what it subscribed to and what waits survive a restart") {
  auto one = connect("one", kept);
  subscribe(*one, "a/+", 1, 7);
  leave(*one);
  publish("a/b", "1");
  publish("b", "not heard");
  publish("a/c", "2", {0});
  restart();
  publish("a/d", "3");
  auto again = connect("one", back);
  CHECK(again->present);
  CHECK(again->take() == "[a/b=1 q1 #1 as 7][a/d=3 q1 #2 as 7]");
}

TEST_CASE_FIXTURE(Lives, "3.1.2.4: a session without an expiry ends with the process") {
  auto one = connect("one");
  subscribe(*one, "a", 1);
  forget(one);
  restart();
  CHECK(broker->is_quiet());
  CHECK_FALSE(connect("one", back)->present);
}

TEST_CASE_FIXTURE(Lives, "3.1.2.11.2: the time that a session lives goes on while we are away") {
  auto one = connect("one", kept);
  leave(*one);
  clock.advance(hours{1} - seconds{1});
  restart();
  CHECK(connect("one", back)->present);
  auto two = connect("two", kept);
  leave(*two);
  clock.advance(hours{1});
  restart();
  CHECK_FALSE(connect("two", back)->present);
}

TEST_CASE_FIXTURE(Lives, "3.3.1-5: retained messages survive a restart, and their removal does") {
  publish("a", "old", {1, true});
  publish("a", "new", {1, true});
  publish("b", "gone", {1, true});
  publish("b", "", {1, true});
  restart();
  auto one = connect("one");
  subscribe(*one, mqtt::Subscription{"#", 2});
  CHECK(one->take() == "[a=new q1 #1 retained]");
}

TEST_CASE_FIXTURE(Lives, "3.3.2.3: properties survive a restart, and messages expire after it") {
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  leave(*one);
  Said said;
  mqtt::put_property(said.properties, mqtt::Property::response_topic, "answer");
  const Bytes forwarded = said.properties;
  mqtt::put_property(said.properties, mqtt::Property::message_expiry, 100);
  publish("a", "1", said);
  Said short_lived;
  mqtt::put_property(short_lived.properties, mqtt::Property::message_expiry, 10);
  publish("a", "2", short_lived);
  clock.advance(seconds{30});
  restart();
  CHECK(connect("one", back)->take() == "[a=1 q1 #1 for 70 s with " + to_hex(forwarded) + "]");
}

TEST_CASE_FIXTURE(Lives, "3.1.2.5: who was connected when we died leaves his will") {
  auto heir = connect("heir", kept);
  subscribe(*heir, "will", 1);
  auto one = connect("one", {}, will("will"));
  auto two = connect("two", kept, will("will", seconds{5}));
  auto three = connect("three", kept, will("will", seconds{5}));
  auto polite = connect("polite", kept, will("will"));
  leave(*polite, false);
  for (auto* client : {&heir, &one, &two, &three})
    forget(*client);
  restart();
  heir = connect("heir", back);
  CHECK(heir->take() == "[will=gone q1 #1]");
  three = connect("three", back);
  pass(seconds{5});
  CHECK(heir->take() == "[will=gone q1 #2]");
  forget(heir);
  forget(three);
  restart();
  CHECK(connect("heir", back)->take() == "[will=gone q1 #1 again][will=gone q1 #2 again]");
}

TEST_CASE_FIXTURE(Lives, "3.1.2.5: a will that was published is not published again") {
  auto heir = connect("heir", kept);
  subscribe(*heir, "will", 1);
  auto one = connect("one", kept, will("will"));
  leave(*one, true);
  CHECK(heir->take() == "[will=gone q1 #1]");
  acknowledge(*heir, 1);
  pass(seconds{1});
  forget(heir);
  restart();
  CHECK(connect("heir", back)->take().empty());
}

TEST_CASE_FIXTURE(Lives, "4.3.3: a message of QoS 2 comes again under its id until PUBREC came") {
  auto one = connect("one", kept);
  subscribe(*one, "a", 2);
  publish("a", "1", {2});
  publish("a", "2", {2});
  CHECK(one->take() == "[a=1 q2 #1][a=2 q2 #2]");
  receive(*one, 2);
  CHECK(one->take() == "(release 2)");
  forget(one);
  restart();
  one = connect("one", back);
  CHECK(one->take() == "(release 2)[a=1 q2 #1 again]");
  receive(*one, 1);
  complete(*one, 2);
  complete(*one, 1);
  pass(seconds{1});
  forget(one);
  restart();
  CHECK(connect("one", back)->take() == "");
}

TEST_CASE_FIXTURE(Lives, "4.3.3: a message leaves under an id when that is durable, and in order") {
  auto one = connect("one", kept);
  subscribe(*one, "a", 2);
  is_slow = true;
  publish("a", "1", {2});
  publish("a", "2");
  CHECK(std::holds_alternative<record::Sent>(record::decode_session_change(raw[4])->event));
  CHECK(one->take().empty());
  is_slow = false;
  settle();
  CHECK(one->take() == "[a=1 q2 #1][a=2 q1 #2]");
}

TEST_CASE_FIXTURE(Lives, "4.3.3: PUBREL leaves when it is durable that PUBREC came") {
  auto one = connect("one", kept);
  subscribe(*one, "a", 2);
  publish("a", "1", {2});
  one->take();
  is_slow = true;
  receive(*one, 1);
  CHECK(one->take().empty());
  is_slow = false;
  settle();
  CHECK(one->take() == "(release 1)");
}

TEST_CASE_FIXTURE(Lives, "4.3.3: the ids of messages that came and were not released stay known") {
  auto one = connect("one", kept);
  Said said{2};
  said.by = one.get();
  said.packet_id = 7;
  publish("a", "1", said);
  said.packet_id = 8;
  publish("a", "2", said);
  CHECK(broker->release(*one->session, 8));
  forget(one);
  restart();
  one = connect("one", back);
  CHECK(one->session->unreleased().contains(7));
  CHECK_FALSE(one->session->unreleased().contains(8));
}

TEST_CASE_FIXTURE(Lives, "4.3.2: what was acknowledged a second ago does not come again") {
  auto one = connect("one", kept);
  subscribe(*one, "a", 1);
  publish("a", "1");
  publish("a", "2");
  publish("a", "3");
  acknowledge(*one, 2);
  pass(seconds{1});
  forget(one);
  restart();
  CHECK(connect("one", back)->take() == "[a=1 q1 #1 again][a=3 q1 #2 again]");
}

TEST_CASE_FIXTURE(Lives, "3.8.3-3: no local is kept also for what waits over a restart") {
  auto one = connect("one", kept);
  broker->subscribe(*one->session, {"a", 1, true, false, 0}, 0);
  auto two = connect("two", kept);
  subscribe(*two, "a", 1);
  Said said;
  said.by = one.get();
  publish("a", "1", said);
  forget(one);
  forget(two);
  restart();
  CHECK(connect("one", back)->take().empty());
  CHECK(connect("two", back)->take() == "[a=1 q1 #1 again]");
}

TEST_CASE_FIXTURE(Lives, "4.8.2: a shared message that somebody acknowledged goes to nobody else") {
  auto one = connect("one", kept);
  auto two = connect("two", kept);
  auto passing = connect("passing");
  for (StoryClient* client : {one.get(), two.get(), passing.get()})
    subscribe(*client, "$share/g/a", 1);
  for (const char* payload : {"1", "2", "3"})
    publish("a", payload);
  acknowledge(*two, 1);
  acknowledge(*passing, 1);
  pass(seconds{1});
  forget(one);
  forget(two);
  forget(passing);
  restart();
  const std::string both = connect("one", back)->take() + connect("two", back)->take();
  CHECK(both == "[a=1 q1 #1 again]");
}

namespace {

// A client and a publisher who do as they like, within the protocol.
struct Wanderers : Lives {
  SeededRandom random;
  std::array<std::unique_ptr<StoryClient>, 4> clients;
  std::array<std::uint16_t, 4> last_id{};

  explicit Wanderers(std::uint64_t seed) : random(seed) {}

  std::size_t below(std::size_t count) { return random.below(count); }
  std::string topic() { return std::string(1, char('a' + below(3))); }
  // Whose turn it is among those who share is not replayed for who is not recorded.
  std::string filter(const StoryClient& client) {
    static const std::array<const char*, 6> filters{"a", "b", "#", "+", "$share/g/a", "$share/g/#"};
    return filters[below(client.session->is_durable() ? filters.size() : 4)];
  }
  void come(std::size_t index) {
    Hello hello = below(4) == 0 ? kept : back;
    hello.receive_maximum = std::uint16_t(1 + below(5));
    if (below(5) == 0) hello = {true, seconds{0}};
    auto left = below(2) == 0 ? nullptr : will(topic(), seconds{below(3)});
    if (left) left->retain = below(2) == 0;
    clients[index] = connect("client " + std::to_string(index), hello, std::move(left));
    if (clients[index]->session == nullptr) clients[index].reset();
  }
  void speak(std::size_t index) {
    Said said{std::uint8_t(below(3)), below(4) == 0};
    said.by = clients[index].get();
    if (said.qos == 2) {
      said.packet_id = ++last_id[index];
      if (said.by->session->unreleased().contains(said.packet_id)) return;
    }
    if (below(3) == 0) {
      mqtt::put_property(said.properties, mqtt::Property::message_expiry,
                         std::uint32_t(1 + below(5)));
    }
    publish(topic(), below(5) == 0 ? "" : "x", said);
  }
  void answer(std::size_t index) {
    StoryClient& client = *clients[index];
    const std::string told = client.take();
    for (std::size_t at = told.find(" q"); at != std::string::npos; at = told.find(" q", at + 1)) {
      const auto id = std::uint16_t(std::stoi(told.substr(at + 5)));
      if (below(4) == 0) continue;
      if (told[at + 2] == '1') {
        acknowledge(client, id);
      } else {
        receive(client, id);
        if (below(3) > 0) complete(client, id);
      }
    }
  }
  void act() {
    const std::size_t index = below(clients.size());
    auto& client = clients[index];
    if (!client) return come(index);
    switch (below(12)) {
      case 0: subscribe(*client, mqtt::Subscription{filter(*client), 2, false, true, 0}); break;
      case 1:
        broker->subscribe(*client->session, {filter(*client), 1, below(2) == 0, false, 0}, 3);
        break;
      case 2: broker->unsubscribe(*client->session, filter(*client)); break;
      case 3:
        leave(*client, below(2) == 0);
        client.reset();
        break;
      case 4: broker->release(*client->session, last_id[index]); break;
      case 5: come(index); break;
      case 6: pass(seconds{1 + below(2)}); break;
      case 7:
      case 8: answer(index); break;
      default: speak(index); break;
    }
    for (auto& each : clients) {
      if (each && each->session == nullptr) each.reset();
    }
  }
};

std::unique_ptr<Broker> dead(Wanderers& story) {
  auto broker = std::make_unique<Broker>(story, story.clock, story.limits);
  broker->begin_replay();
  return broker;
}

}  // namespace

TEST_CASE("whatever happens, a replay gives the broker that lived, from any snapshot on") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Wanderers story{seed};
    State snapshot;
    std::size_t snapshot_at = 0;
    for (int turn = 0; turn < 120; ++turn) {
      story.act();
      if (story.below(20) == 0) {
        auto shadow = dead(story);
        replay(*shadow, story.raw, 0, story.raw.size());
        snapshot = shadow->state();
        snapshot_at = story.raw.size();
      }
    }
    story.pass(seconds{1});
    const Time now = story.clock.now();
    const auto told = [now](const State& state) { return Told{state, now}.text(); };
    const std::string lived = told(story.broker->state());
    auto replayed = dead(story);
    replay(*replayed, story.raw, 0, story.raw.size());
    REQUIRE(told(replayed->state()) == lived);
    const auto decoded = decode_state(encode(snapshot), state_version);
    REQUIRE(decoded);
    REQUIRE(*decoded == snapshot);
    auto restored = dead(story);
    restored->restore(*decoded);
    REQUIRE(told(restored->state()) == told(snapshot));
    replay(*restored, story.raw, snapshot_at, story.raw.size());
    REQUIRE(told(restored->state()) == lived);
  }
}

}  // namespace cauce::gateway::broker

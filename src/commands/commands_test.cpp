#include <doctest/doctest.h>
#include <stdlib.h>

#include <optional>

#include "commands/desk.h"
#include "commands/store_tables.h"
#include "record/command.h"
#include "record/message.h"
#include "record/session.h"
#include "sql/database.h"
#include "stream/memory/memory.h"

namespace cauce::commands {
namespace {

using record::CommandStep;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = CommandStep::Kind;

const Time noon = *parse_time("2026-11-23T12:00:00Z");
constexpr stream::Partition only{0};

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}
void must(const Result<void>& result) {
  if (!result) FAIL(result.error().message);
}

struct Directory {
  std::filesystem::path path;

  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "commands.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
};

void finish(work::Worker& worker) {
  while (must(worker.step()) == work::Progress::worked) {
  }
}

// The api's side of commands, and a gateway that a test plays.
struct Fixture {
  Directory directory;
  VirtualClock clock{noon};
  SeededRandom random{3};
  std::unique_ptr<stream::Topic> raw = stream::memory::make_topic("raw", {}, clock);
  std::unique_ptr<stream::Writer> raw_writer = must(raw->open_writer());
  std::unique_ptr<stream::Topic> commands = stream::memory::make_topic("commands", {}, clock);
  std::unique_ptr<stream::Writer> writer = must(commands->open_writer());
  std::unique_ptr<Desk> desk;

  Fixture() { open(); }

  // As after kill -9: only what was committed is there.
  void open() {
    desk.reset();
    desk = must(Desk::open(directory.path, {*writer, *raw, clock, random}));
  }

  static Order order(Duration wait = hours{1}) {
    Order order;
    order.company = "acme";
    order.device = "valve";
    order.content_type = "application/json";
    order.payload = R"({"open":true})";
    order.given_by = "ana";
    order.wait = wait;
    return order;
  }

  // Durable, and the store knows it.
  Command give(const Order& order) {
    std::optional<Command> given;
    must(desk->give(order, [&](Result<Command> result) { given = must(std::move(result)); }));
    finish(writer->worker());
    REQUIRE(given);
    follow();
    return *given;
  }
  void withdraw(const std::string& id) {
    bool done = false;
    must(desk->withdraw(find(id), [&](const Result<Command>& result) { done = bool(result); }));
    finish(writer->worker());
    CHECK(done);
  }
  Command find(const std::string& id) {
    const auto found = must(desk->find("acme", "valve", id));
    REQUIRE(found);
    return *found;
  }
  State state(const std::string& id) { return state_of(find(id), clock.now()); }

  void follow() {
    clock.advance(std::chrono::milliseconds{100});
    finish(desk->worker());
  }
  void receive(std::vector<Bytes> records) {
    must(raw_writer->append(only, std::move(records), nullptr));
    finish(raw_writer->worker());
  }
  Bytes step(Kind kind, const std::string& id, const std::string& company = "acme",
             const std::string& device = "valve") const {
    CommandStep step{kind, company, device, id};
    if (kind == Kind::answered) {
      step.content_type = "text/plain";
      step.answer = "done";
      step.answer_bytes = 4;
    }
    return encode(record::SessionChange{clock.now(), "acme/valve/x", step});
  }
  void say(Kind kind, const std::string& id) {
    receive({step(kind, id)});
    follow();
  }

  std::vector<record::CommandRecord> sent() {
    const auto reader = must(commands->open_reader());
    const auto batch = must(reader->read(only, {0}, 1 << 20));
    std::vector<record::CommandRecord> records;
    for (const BytesView bytes : batch.records)
      records.push_back(must(record::decode_command(bytes)));
    return records;
  }
  std::int64_t number_of(const std::string& query) {
    auto database = must(sql::Database::open_read_only(directory.path / commands_file));
    auto statement = must(database.prepare(query));
    REQUIRE(must(statement.step()));
    return statement.integer(0);
  }
};

}  // namespace

TEST_CASE("a command is in the stream as it was given, and waits") {
  Fixture world;
  const Command given = world.give(Fixture::order(minutes{5}));
  CHECK(given.id.size() == 18);
  CHECK(given.position == 0u);
  CHECK(world.find(given.id) == given);
  CHECK(world.state(given.id) == State::waiting);
  REQUIRE(world.sent().size() == 1);
  const auto record = std::get<record::Command>(world.sent()[0]);
  CHECK(record.id == given.id);
  CHECK(record.expires_at == noon + minutes{5});
  CHECK(record.message.company == "acme");
  CHECK(record.message.topic == "devices/valve/commands");
  CHECK(record.message.received_at == noon);
  CHECK(record.message.payload == R"({"open":true})");
}

TEST_CASE("each fact that the gateway writes becomes the state, and the last word counts") {
  Fixture world;
  const std::string id = world.give(Fixture::order()).id;
  const struct {
    Kind kind;
    State state;
  } story[] = {{Kind::sent, State::sent},
               {Kind::given, State::given},
               {Kind::refused, State::refused},
               {Kind::acknowledged, State::acknowledged},
               {Kind::answered, State::answered}};
  for (const auto& [kind, state] : story) {
    world.say(kind, id);
    CHECK(world.state(id) == state);
  }
  const Command command = world.find(id);
  REQUIRE(command.answer);
  CHECK(*command.answer == Answer{"text/plain", "done", 4});
}

TEST_CASE("facts may come in any order and again: the earliest of a kind stays") {
  Fixture world;
  const std::string id = world.give(Fixture::order()).id;
  const Bytes sent = world.step(Kind::sent, id);
  const Time sent_at = world.clock.now();
  world.clock.advance(seconds{2});
  const Bytes acknowledged = world.step(Kind::acknowledged, id);
  world.clock.advance(seconds{2});
  world.receive({acknowledged, world.step(Kind::sent, id), sent, acknowledged});
  world.follow();
  const Command once = world.find(id);
  CHECK(once.sent_at == sent_at);
  CHECK(once.acknowledged_at == sent_at + seconds{2});
  world.say(Kind::sent, id);
  CHECK(world.find(id) == once);
}

TEST_CASE("of answers the last one counts, whichever way they are read") {
  Fixture world;
  const std::string id = world.give(Fixture::order()).id;
  const Bytes first = world.step(Kind::answered, id);
  world.clock.advance(seconds{1});
  CommandStep step{Kind::answered, "acme", "valve", id};
  step.answer = "really done";
  step.answer_bytes = 11;
  const Bytes second = encode(record::SessionChange{world.clock.now(), "", step});
  world.receive({first, second, first});
  world.follow();
  CHECK(world.find(id).answer == Answer{"", "really done", 11});
}

TEST_CASE("what a bridge acknowledges is not what the device has") {
  Fixture world;
  const std::string id = world.give(Fixture::order()).id;
  for (const Kind kind : {Kind::given, Kind::refused, Kind::acknowledged}) {
    const CommandStep step{kind, "acme", "valve", id};
    world.receive({encode(record::SessionChange{world.clock.now(), "acme/valve-bridge/x", step})});
  }
  world.follow();
  CHECK(world.state(id) == State::sent);
  CHECK(world.find(id).bridged_at);
  CHECK(must(world.desk->count_open("acme", "valve")) == 1);
  world.say(Kind::acknowledged, id);
  CHECK(world.state(id) == State::acknowledged);
}

TEST_CASE("a fact wins over time: what was acknowledged does not expire, what was sent does") {
  Fixture world;
  const std::string heard = world.give(Fixture::order(minutes{1})).id;
  const std::string unheard = world.give(Fixture::order(minutes{1})).id;
  world.say(Kind::sent, heard);
  world.say(Kind::sent, unheard);
  world.clock.advance(minutes{2});
  CHECK(world.state(unheard) == State::expired);
  CHECK(world.find(unheard).sent_at);
  world.say(Kind::acknowledged, heard);
  CHECK(world.state(heard) == State::acknowledged);
}

TEST_CASE("a command expires at its moment, and not before") {
  Fixture world;
  Command command;
  command.expires_at = noon;
  CHECK(state_of(command, noon - Duration{1}) == State::waiting);
  CHECK(state_of(command, noon) == State::expired);
}

TEST_CASE("a step of an unknown command, another company or another device changes nothing") {
  Fixture world;
  const Command given = world.give(Fixture::order());
  world.receive({world.step(Kind::answered, given.id, "rival"),
                 world.step(Kind::answered, given.id, "acme", "pump"),
                 world.step(Kind::acknowledged, "c-0000000000000000")});
  world.follow();
  CHECK(world.find(given.id) == given);
}

TEST_CASE("what is withdrawn is in the stream, and what had arrived before has arrived") {
  Fixture world;
  const std::string id = world.give(Fixture::order()).id;
  world.say(Kind::sent, id);
  world.withdraw(id);
  CHECK(world.state(id) == State::withdrawn);
  CHECK(world.find(id).sent_at);
  REQUIRE(world.sent().size() == 2);
  const auto withdrawal = std::get<record::Withdrawal>(world.sent()[1]);
  CHECK(withdrawal.id == id);
  CHECK(withdrawal.device == "valve");
  world.say(Kind::acknowledged, id);
  CHECK(world.state(id) == State::acknowledged);
}

TEST_CASE("what a company gave in a day is known, also after a restart") {
  Fixture world;
  const std::uint64_t bytes = Fixture::order().payload.size();
  CHECK(must(world.desk->given("acme")).commands == 0);
  world.give(Fixture::order());
  const Time first_at = must(world.desk->given("acme")).first_at;
  world.clock.advance(hours{1});
  world.withdraw(world.give(Fixture::order()).id);
  for (const bool restarted : {false, true}) {
    if (restarted) world.open();
    const Given given = must(world.desk->given("acme"));
    CHECK(given.commands == 2);
    CHECK(given.payload_bytes == 2 * bytes);
    CHECK(given.first_at == first_at);
    CHECK(must(world.desk->given("rival")).commands == 0);
  }
  world.clock.advance(first_at + hours{24} - world.clock.now());
  CHECK(must(world.desk->given("acme")).commands == 1);
  CHECK(must(world.desk->given("acme")).payload_bytes == bytes);
  world.clock.advance(hours{2});
  CHECK(must(world.desk->given("acme")).commands == 0);
  CHECK(must(world.desk->given("acme")).payload_bytes == 0);
}

TEST_CASE("a refused append leaves nothing behind") {
  Fixture world;
  const auto small =
      stream::memory::make_topic("commands", {.bytes_in_flight_max = 100}, world.clock);
  const auto full = must(small->open_writer());
  world.desk.reset();
  world.desk =
      must(Desk::open(world.directory.path, {*full, *world.raw, world.clock, world.random}));
  must(world.desk->give(Fixture::order(), [](const auto&) {}));
  CHECK(must(world.desk->given("acme")).commands == 1);
  bool answered = false;
  const auto refused = world.desk->give(Fixture::order(), [&](const auto&) { answered = true; });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().outcome == Outcome::exhausted);
  CHECK(world.number_of("SELECT count(*) FROM commands") == 1);
  CHECK(must(world.desk->given("acme")).commands == 1);
  const auto listed = must(world.desk->list("acme", "valve", "", 10));
  const auto withdrawn = world.desk->withdraw(listed[0], [&](const auto&) { answered = true; });
  REQUIRE_FALSE(withdrawn);
  CHECK(world.state(listed[0].id) == State::waiting);
  CHECK_FALSE(answered);
}

TEST_CASE("what was not in the stream yet is appended at the next start, once") {
  Fixture world;
  must(world.desk->give(Fixture::order(), [](const auto&) {}));
  // The process dies with the record in its memory.
  world.writer.reset();
  world.commands = stream::memory::make_topic("commands", {}, world.clock);
  world.writer = must(world.commands->open_writer());
  world.open();
  REQUIRE(world.sent().size() == 1);
  const auto record = std::get<record::Command>(world.sent()[0]);
  CHECK(record.message.payload == Fixture::order().payload);
  CHECK(world.state(record.id) == State::waiting);
  world.follow();
  world.open();
  CHECK(world.sent().size() == 1);
}

TEST_CASE("a withdrawal that was not in the stream yet is appended at the next start") {
  Fixture world;
  const std::string id = world.give(Fixture::order()).id;
  must(world.desk->withdraw(world.find(id), [](const auto&) {}));
  world.writer.reset();
  world.commands = stream::memory::make_topic("commands", {}, world.clock);
  world.writer = must(world.commands->open_writer());
  world.open();
  REQUIRE(world.sent().size() == 1);
  CHECK(std::get<record::Withdrawal>(world.sent()[0]).id == id);
  world.follow();
  world.open();
  CHECK(world.sent().size() == 1);
}

TEST_CASE("what expired, or was sent as its steps say, is not appended again") {
  Fixture world;
  for (const Duration wait : {Duration{minutes{1}}, Duration{hours{1}}})
    must(world.desk->give(Fixture::order(wait), [](const auto&) {}));
  const auto listed = must(world.desk->list("acme", "valve", "", 10));
  world.say(Kind::sent, listed[0].id);
  world.clock.advance(minutes{2});
  world.writer.reset();
  world.commands = stream::memory::make_topic("commands", {}, world.clock);
  world.writer = must(world.commands->open_writer());
  world.open();
  CHECK(world.sent().empty());
}

TEST_CASE("following begins at the end of raw and goes on where it was") {
  Fixture world;
  const std::string id = world.give(Fixture::order()).id;
  world.receive({world.step(Kind::sent, id)});
  world.open();
  CHECK(world.state(id) == State::waiting);
  world.follow();
  CHECK(world.state(id) == State::sent);
  // Another data directory has nothing to do with what is there already.
  const Directory other;
  const auto desk = must(Desk::open(std::filesystem::path(other.path),
                                    {*world.writer, *world.raw, world.clock, world.random}));
  auto database = must(sql::Database::open_read_only(other.path / commands_file));
  auto row = must(database.prepare("SELECT position FROM progress"));
  REQUIRE(must(row.step()));
  CHECK(row.integer(0) == 1);
}

TEST_CASE("telemetry is passed over, and where that ends is kept now and then") {
  Fixture world;
  const std::string id = world.give(Fixture::order()).id;
  record::Message message;
  message.company = "acme";
  message.device = "valve";
  message.topic = "devices/valve/telemetry";
  message.received_at = noon;
  world.clock.advance(seconds{10});
  world.follow();
  for (int round = 0; round < 3; ++round) {
    world.receive({record::encode(message), "no record at all"});
    world.follow();
  }
  const auto kept = [&] { return world.number_of("SELECT position FROM progress"); };
  const auto before = kept();
  CHECK(before < 6);
  world.clock.advance(seconds{10});
  world.receive({record::encode(record::Tick{world.clock.now()})});
  world.follow();
  CHECK(kept() == 7);
  const auto told = must(must(world.raw->open_cursors())->committed(cursor_group, only));
  REQUIRE(told);
  CHECK(told->number == 7);
  world.say(Kind::sent, id);
  CHECK(kept() == 8);
  CHECK(world.state(id) == State::sent);
}

TEST_CASE("what retention took before it was read is passed over") {
  Fixture world;
  const std::string id = world.give(Fixture::order()).id;
  world.receive({world.step(Kind::sent, id)});
  world.receive({"x"});
  must(world.raw_writer->trim(only, {1}));
  world.say(Kind::acknowledged, id);
  const Command command = world.find(id);
  CHECK_FALSE(command.sent_at);
  CHECK(command.acknowledged_at);
}

TEST_CASE("a session change that cannot be read is passed over") {
  Fixture world;
  const std::string id = world.give(Fixture::order()).id;
  Bytes damaged = world.step(Kind::sent, id);
  damaged.pop_back();
  world.receive({damaged, world.step(Kind::acknowledged, id)});
  world.follow();
  CHECK_FALSE(world.find(id).sent_at);
  CHECK(world.state(id) == State::acknowledged);
}

TEST_CASE("lists are of one device, the newest first, and cut into pages") {
  Fixture world;
  std::vector<std::string> ids;
  for (int index = 0; index < 3; ++index)
    ids.push_back(world.give(Fixture::order()).id);
  Order other = Fixture::order();
  other.device = "pump";
  world.give(other);
  const auto page = must(world.desk->list("acme", "valve", "", 2));
  REQUIRE(page.size() == 2);
  CHECK(page[0].id == ids[2]);
  CHECK(page[1].id == ids[1]);
  const auto rest = must(world.desk->list("acme", "valve", ids[1], 2));
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].id == ids[0]);
  CHECK(world.desk->list("acme", "pump", ids[1], 2).error().outcome == Outcome::not_found);
  CHECK(must(world.desk->list("rival", "valve", "", 2)).empty());
  CHECK_FALSE(must(world.desk->find("rival", "valve", ids[0])));
}

TEST_CASE("open are those that wait and those that were sent, as their state says") {
  for (unsigned facts = 0; facts < 128; ++facts) {
    CAPTURE(facts);
    Fixture world;
    const std::string id = world.give(Fixture::order()).id;
    const Kind kinds[] = {Kind::sent, Kind::given, Kind::acknowledged, Kind::refused,
                          Kind::answered};
    std::vector<Bytes> steps;
    for (unsigned kind = 0; kind < 5; ++kind)
      if ((facts & (1u << kind)) != 0) steps.push_back(world.step(kinds[kind], id));
    if ((facts & 32u) != 0) world.withdraw(id);
    if (!steps.empty()) world.receive(steps);
    world.follow();
    if ((facts & 64u) != 0) world.clock.advance(hours{1});
    CHECK(must(world.desk->count_open("acme", "valve")) == (is_open(world.state(id)) ? 1 : 0));
  }
}

TEST_CASE("commands are forgotten after their time, a piece at a time") {
  Fixture world;
  for (int index = 0; index < 3; ++index)
    must(world.desk->give(Fixture::order(), [](const auto&) {}));
  world.clock.advance(hours{24 * 30} + seconds{1});
  const std::string young = world.give(Fixture::order()).id;
  CHECK(world.number_of("SELECT count(*) FROM commands") == 1);
  CHECK(world.state(young) == State::waiting);
  auto store = must(Store::open(world.directory.path, sql::Durability::unsynced));
  CHECK(must(store->forget(time_max, 500)) == 1);
}

TEST_CASE("one process writes the commands") {
  Fixture world;
  const auto second =
      Desk::open(world.directory.path, {*world.writer, *world.raw, world.clock, world.random});
  REQUIRE_FALSE(second);
  CHECK(second.error().outcome == Outcome::conflict);
}

}  // namespace cauce::commands

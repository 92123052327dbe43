#include "api/installation_test.h"
#include "record/command.h"
#include "record/session.h"

namespace cauce::api {
namespace {

using record::CommandStep;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* path = "/api/v1/devices/pump-1/commands";
constexpr const char* body = R"({"payload":{"valve":1}})";

Reply give(Installation& world, const std::string& text = body, const std::string& key = "") {
  Asked asked{.token = "acme-operator", .body = text};
  if (!key.empty()) asked.headers["idempotency-key"] = key;
  return world.ask("POST", path, asked);
}

Reply show(Installation& world, const std::string& id) {
  return world.ask("GET", std::string(path) + '/' + id, {.token = "acme-viewer"});
}

Reply withdraw(Installation& world, const std::string& id) {
  return world.ask("DELETE", std::string(path) + '/' + id, {.token = "acme-operator"});
}

// As the gateway writes it.
void say(Installation& world, CommandStep step) {
  step.company = "acme";
  step.device = "pump-1";
  world.receive({record::encode(record::SessionChange{world.clock.now(), "", std::move(step)})});
  world.pass(milliseconds{100});
}

void say(Installation& world, CommandStep::Kind kind, const std::string& id) {
  say(world, CommandStep{.kind = kind, .company = {}, .device = {}, .id = id});
}

std::uint64_t records_of(Installation& world) {
  return must(must(world.commands->open_reader())->end(stream::Partition{0})).number;
}

}  // namespace

TEST_CASE("a command is created with an address, and tells what comes of it") {
  Installation world;
  const Reply made = give(world, R"({"payload":{"valve":1},"expires_in_s":60})");
  REQUIRE(made.status == 201);
  const std::string id = made.body["id"];
  CHECK(made.headers.at("Location") == std::string(path) + '/' + id);
  CHECK(made.body["state"] == "waiting");
  CHECK(made.body["topic"] == "devices/pump-1/commands");
  CHECK(made.body["given_by"] == "acme-operator");
  CHECK(made.body["given_at"] == "2027-01-15T08:00:00Z");
  CHECK(made.body["expires_at"] == "2027-01-15T08:01:00Z");
  CHECK(show(world, id).body["payload"] == R"({"valve":1})");
  CHECK(show(world, id).body["answer"].is_null());
  say(world, CommandStep::Kind::sent, id);
  CHECK(show(world, id).body["state"] == "sent");
  say(world, {.kind = CommandStep::Kind::answered,
              .company = {},
              .device = {},
              .id = id,
              .content_type = "application/json",
              .answer = "\"\xff",
              .answer_bytes = 70'000});
  const Reply answered = show(world, id);
  CHECK(answered.body["state"] == "answered");
  CHECK(answered.body["answer"]["text"] == "\"\xEF\xBF\xBD");
  CHECK(answered.body["answer"]["base64"] == "Iv8=");
  CHECK(answered.body["answer"]["bytes"] == 70'000);
}

TEST_CASE("the list shows the newest first, with the beginning of what was sent") {
  Installation world;
  // 200 bytes would cut the ñ, of two bytes, in its middle.
  const std::string first =
      give(world, R"({"payload":")" + std::string(199, 'x') + "ñandú\"}").body["id"];
  const std::string second = give(world).body["id"];
  const Reply page = world.ask("GET", path, {.token = "acme-viewer", .query = {{"limit", "1"}}});
  REQUIRE(page.body["items"].size() == 1);
  CHECK(page.body["items"][0]["id"] == second);
  CHECK(page.body["items"][0]["payload_start"] == R"({"valve":1})");
  const Reply rest =
      world.ask("GET", path, {.token = "acme-viewer", .query = {{"after", page.body["next"]}}});
  REQUIRE(rest.body["items"].size() == 1);
  CHECK(rest.body["items"][0]["id"] == first);
  CHECK(rest.body["items"][0]["payload_start"] == std::string(199, 'x'));
  CHECK(rest.body["items"][0]["payload_bytes"] == 206);
  CHECK(rest.body["next"].is_null());
  CHECK(world.ask("GET", path, {.token = "acme-viewer", .query = {{"after", "c-0"}}}).status ==
        400);
}

TEST_CASE("a command waits from 1 to 86,400 seconds") {
  Installation world;
  CHECK(give(world, R"({"payload":1,"expires_in_s":1})").status == 201);
  CHECK(give(world, R"({"payload":1,"expires_in_s":86400})").status == 201);
  for (const char* text :
       {R"({"payload":1,"expires_in_s":0})", R"({"payload":1,"expires_in_s":86401})"}) {
    const Reply refused = give(world, text);
    CHECK(refused.status == 422);
    CHECK(refused.body["detail"].get<std::string>().find("from 1 to 86400 seconds") !=
          std::string::npos);
  }
  CHECK(give(world, R"({"payload":1,"expires_in_s":-1})").status == 400);
  CHECK(records_of(world) == 2);
}

TEST_CASE("a command is withdrawn, also when it was sent, and is not sent any more") {
  Installation world;
  const std::string id = give(world).body["id"];
  say(world, CommandStep::Kind::sent, id);
  const Reply withdrawn = withdraw(world, id);
  CHECK(withdrawn.status == 200);
  CHECK(withdrawn.body["state"] == "withdrawn");
  CHECK_FALSE(withdrawn.body["sent_at"].is_null());
  CHECK(records_of(world) == 2);
  CHECK(withdraw(world, id).status == 200);
  CHECK(show(world, id).body["withdrawn_at"] == withdrawn.body["withdrawn_at"]);
}

TEST_CASE("what is over cannot be withdrawn, and the answer says why") {
  const std::pair<CommandStep::Kind, const char*> stories[] = {
      {CommandStep::Kind::given, "has left already"},
      {CommandStep::Kind::acknowledged, "has this command already"},
      {CommandStep::Kind::refused, "has refused"},
      {CommandStep::Kind::answered, "has answered"}};
  Installation world;
  for (const auto& [kind, words] : stories) {
    const std::string id = give(world).body["id"];
    say(world, kind, id);
    const Reply late = withdraw(world, id);
    CHECK(late.status == 409);
    CHECK(late.body["detail"].get<std::string>().find(words) != std::string::npos);
  }
  const std::string id = give(world, R"({"payload":1,"expires_in_s":1})").body["id"];
  world.pass(seconds{1});
  CHECK(withdraw(world, id).status == 409);
  CHECK(show(world, id).body["state"] == "expired");
  CHECK(records_of(world) == 5);
}

TEST_CASE("a device has so many open commands, and a company gives so many a day") {
  Options options;
  options.device_commands_max = 2;
  options.company_commands_max = 4;
  Installation world(options);
  const std::string first = give(world).body["id"];
  CHECK(give(world).status == 201);
  const Reply third = give(world);
  CHECK(third.status == 409);
  CHECK(third.body["detail"].get<std::string>().find("withdraw one") != std::string::npos);
  CHECK(withdraw(world, first).status == 200);
  const std::string freed = give(world).body["id"];
  say(world, CommandStep::Kind::acknowledged, freed);
  const std::string fourth = give(world).body["id"];
  CHECK(withdraw(world, fourth).status == 200);
  const Reply fifth = give(world);
  CHECK(fifth.status == 429);
  CHECK(fifth.body["detail"].get<std::string>().find("24 hours") != std::string::npos);
  CHECK(fifth.headers.at("Retry-After") == "86400");
  world.pass(hours{23});
  CHECK(give(world).headers.at("Retry-After") == "3600");
  world.pass(hours{1});
  CHECK(give(world).status == 201);
  CHECK(records_of(world) == 7);
}

TEST_CASE("the commands that a company gives in a day have so many bytes together") {
  Options options;
  options.company_command_bytes_max = 10;
  Installation world(options);
  CHECK(give(world, R"({"payload":"123456"})").status == 201);
  world.pass(hours{1});
  CHECK(give(world, R"({"payload":"1234"})").status == 201);
  const Reply over = give(world, R"({"payload":"1"})");
  CHECK(over.status == 429);
  CHECK(over.headers.at("Retry-After") == std::to_string(23 * 3600));
  CHECK(over.body["detail"].get<std::string>().find("limit of 10") != std::string::npos);
  world.pass(hours{23});
  CHECK(give(world, R"({"payload":"123456"})").status == 201);
  CHECK(give(world, R"({"payload":"1"})").status == 429);
  CHECK(records_of(world) == 3);
}

TEST_CASE("an Idempotency-Key gives one command, also over a restart") {
  Installation world;
  const Reply first = give(world, body, "once");
  REQUIRE(first.status == 201);
  // What was answered was in memory, and is gone.
  world.api =
      make_api({world.clock, world.random, *world.registry, *world.business, world.recent.reader(),
                *world.raw_reader, *world.desk, world.alarms, world.letters, world.ledger,
                world.platform, *world.gateway, *world.reports, *world.data, *world.charts},
               {});
  const Reply again = give(world, body, "once");
  CHECK(again.status == 201);
  CHECK(again.body["id"] == first.body["id"]);
  CHECK(again.headers.at("Idempotency-Replayed") == "true");
  CHECK(again.headers.at("Location") == first.headers.at("Location"));
  CHECK(give(world, R"({"payload":2})", "once").status == 422);
  CHECK(give(world, R"({"payload":2})", "twice").status == 201);
  CHECK(records_of(world) == 2);
  world.pass(hours{24});
  CHECK(give(world, body, "once").body["id"] != first.body["id"]);
}

TEST_CASE("a command may be read by viewers, and given and withdrawn by operators") {
  Installation world;
  const std::string id = give(world).body["id"];
  const std::string one = std::string(path) + '/' + id;
  CHECK(world.ask("POST", path, {.token = "acme-viewer", .body = body}).status == 403);
  CHECK(world.ask("DELETE", one, {.token = "acme-viewer"}).status == 403);
  CHECK(world.ask("GET", one, {.token = "acme-viewer"}).status == 200);
  CHECK(show(world, "c-none").status == 404);
}

}  // namespace cauce::api

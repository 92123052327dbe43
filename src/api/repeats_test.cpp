#include "api/repeats.h"

#include <doctest/doctest.h>

#include "api/installation_test.h"

namespace cauce::api {
namespace {

using Verdict = Repeats::Verdict;
constexpr Duration now{0};

Answer made(std::string json) {
  return {.status = 201, .json = std::move(json)};
}

Reply create(Installation& world, const std::string& key, const std::string& body,
             const std::string& token = "acme-operator") {
  return world.ask("POST", "/api/v1/devices",
                   {.token = token, .body = body, .headers = {{"idempotency-key", key}}});
}

}  // namespace

TEST_CASE("a key with the same request gives the same answer and does nothing again") {
  Installation world;
  const std::string body = R"({"name":"try-me"})";
  const Reply first = create(world, "a", body);
  REQUIRE(first.status == 201);
  CHECK_FALSE(first.headers.contains("Idempotency-Replayed"));
  const Reply second = create(world, "a", body);
  CHECK(second.status == 201);
  CHECK(second.text == first.text);  // with the same token, which cauce no longer knows
  CHECK(second.headers.at("Idempotency-Replayed") == "true");
  CHECK(second.headers.at("X-Request-Id") != first.headers.at("X-Request-Id"));
  CHECK(create(world, "b", body).status == 409);
}

TEST_CASE("a key with another request is refused") {
  Installation world;
  CHECK(create(world, "a", R"({"name":"one"})").status == 201);
  const Reply other = create(world, "a", R"({"name":"two"})");
  CHECK(other.status == 422);
  CHECK(other.body["title"] == "Unprocessable Content");
  const Reply elsewhere = world.ask("POST", "/api/v1/sites",
                                    {.token = "acme-operator",
                                     .body = R"({"name":"one"})",
                                     .headers = {{"idempotency-key", "a"}}});
  CHECK(elsewhere.status == 422);
}

TEST_CASE("the same key of another caller is another key") {
  Installation world;
  const std::string body = R"({"name":"try-me"})";
  const Reply ours = create(world, "a", body);
  const Reply theirs = create(world, "a", body, "rival-owner");
  CHECK(theirs.status == 201);
  CHECK(theirs.body["company"] == "rival");
  CHECK(theirs.body["token"] != ours.body["token"]);
}

TEST_CASE("what failed is not kept: the same key may try again") {
  Installation world;
  const std::string body = R"({"name":"p","site":"new"})";
  CHECK(create(world, "a", body).status == 400);
  CHECK(world.ask("POST", "/api/v1/sites", {.token = "acme-operator", .body = R"({"name":"new"})"})
            .status == 201);
  CHECK(create(world, "a", body).status == 201);
}

TEST_CASE("a key that comes while its first request waits for the disk is told so") {
  Installation world;
  world.hold_commands = true;
  const Asked asked{
      .token = "acme-operator", .body = R"({"payload":1})", .headers = {{"idempotency-key", "a"}}};
  const std::string path = "/api/v1/devices/pump-1/commands";
  const auto first = std::make_shared<Reply>();
  world.send("POST", path, asked, first);
  CHECK(world.ask("POST", path, asked).status == 409);
  world.hold_commands = false;
  world.work();
  CHECK(first->status == 201);
  const Reply again = world.ask("POST", path, asked);
  CHECK(again.status == 201);
  CHECK(again.body == first->body);
  CHECK(must(must(world.commands->open_reader())->end(stream::Partition{0})).number == 1);
}

TEST_CASE("a key has 1 to 128 printable characters") {
  CHECK(Repeats::is_key(std::string(128, 'k')));
  CHECK_FALSE(Repeats::is_key(std::string(129, 'k')));
  CHECK_FALSE(Repeats::is_key(""));
  CHECK_FALSE(Repeats::is_key("a b"));
  CHECK_FALSE(Repeats::is_key("\xC3\xA9"));
  Installation world;
  CHECK(create(world, "a b", R"({"name":"p"})").status == 400);
}

TEST_CASE("of too many answers the oldest go first") {
  Repeats repeats({.answers_max = 2});
  for (const std::string key : {"a", "b"}) {
    CHECK(repeats.begin(key, "r", now).verdict == Verdict::fresh);
    repeats.finish(key, made(key));
  }
  CHECK(repeats.begin("a", "r", now).answer.json == "a");
  CHECK(repeats.begin("c", "r", now).verdict == Verdict::fresh);
  repeats.finish("c", made("c"));
  CHECK(repeats.begin("b", "r", now).verdict == Verdict::answered);
  CHECK(repeats.begin("a", "r", now).verdict == Verdict::fresh);
}

TEST_CASE("answers that are too large together go as well") {
  Repeats repeats({.bytes_max = 4096});
  for (const std::string key : {"a", "b"}) {
    repeats.begin(key, "r", now);
    repeats.finish(key, made(std::string(3000, 'x')));
  }
  CHECK(repeats.begin("b", "r", now).verdict == Verdict::answered);
  CHECK(repeats.begin("a", "r", now).verdict == Verdict::fresh);
}

TEST_CASE("an answer is kept for 24 hours and not a moment longer") {
  Repeats repeats({});
  repeats.begin("a", "r", now);
  repeats.finish("a", made("a"));
  const Duration day = std::chrono::hours{24};
  CHECK(repeats.begin("a", "r", day - Duration{1}).verdict == Verdict::answered);
  CHECK(repeats.begin("a", "r", day).verdict == Verdict::fresh);
}

}  // namespace cauce::api

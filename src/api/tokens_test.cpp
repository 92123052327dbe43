#include <doctest/doctest.h>

#include "api/installation_test.h"
#include "crypto/crypto.h"

namespace cauce::api {
namespace {

Reply create(Installation& world, const std::string& body,
             const std::string& token = "acme-owner") {
  return world.ask("POST", "/api/v1/tokens", {.token = token, .body = body});
}

Reply list(Installation& world) {
  return world.ask("GET", "/api/v1/tokens", {.token = "acme-owner"});
}

}  // namespace

TEST_CASE("a token is shown once, works at once, and ends when it is deleted") {
  Installation world;
  const Reply made = create(world, R"({"title":"dashboard"})");
  REQUIRE(made.status == 201);
  CHECK(made.body["access"] == "viewer");
  const std::string token = made.body["token"];
  const std::string id = made.body["id"];
  const Reply session = world.ask("GET", "/api/v1/session", {.token = token});
  CHECK(session.body["company"] == "acme");
  CHECK(session.body["access"] == "viewer");
  CHECK(session.body["title"] == "dashboard");

  const std::string shown = list(world).text;
  CHECK(shown.find(id) != std::string::npos);
  CHECK(shown.find(token) == std::string::npos);
  const Bytes hash = crypto::sha256(token);
  CHECK(shown.find(to_hex(hash)) == std::string::npos);
  CHECK(shown.find(crypto::to_base64url(hash)) == std::string::npos);
  CHECK(to_hex(hash).find(id) == std::string::npos);  // nor a part of it

  const std::string path = "/api/v1/tokens/" + id;
  CHECK(world.ask("DELETE", path, {.token = "acme-owner"}).status == 204);
  CHECK(world.ask("GET", "/api/v1/session", {.token = token}).status == 401);
  CHECK(world.ask("DELETE", path, {.token = "acme-owner"}).status == 404);
}

TEST_CASE("a token may expire, at a time to come") {
  Installation world;
  const Reply made = create(
      world, R"({"title":"short","access":"operator","expires_at":"2027-01-15T09:00:10+01:00"})");
  REQUIRE(made.status == 201);
  CHECK(made.body["expires_at"] == "2027-01-15T08:00:10Z");
  const std::string token = made.body["token"];
  world.clock.advance(std::chrono::seconds{10} - Duration{1});
  CHECK(world.ask("GET", "/api/v1/session", {.token = token}).status == 200);
  world.clock.advance(Duration{1});
  CHECK(world.ask("GET", "/api/v1/session", {.token = token}).status == 401);
  for (const char* body :
       {R"({"title":"x","expires_at":"2027-01-15T08:00:10Z"})",
        R"({"title":"x","expires_at":"soon"})", R"({"title":"x","access":"all"})", "{}",
        R"({"title":"x","company":"rival"})"}) {
    CAPTURE(body);
    CHECK(create(world, body).status == 400);
  }
}

TEST_CASE("only an owner sees, makes and deletes tokens") {
  Installation world;
  for (const char* token : {"acme-viewer", "acme-operator"}) {
    CHECK(create(world, R"({"title":"x"})", token).status == 403);
    CHECK(world.ask("GET", "/api/v1/tokens", {.token = token}).status == 403);
    CHECK(world.ask("DELETE", "/api/v1/tokens/0123456789abcdef", {.token = token}).status == 403);
  }
}

TEST_CASE("tokens of the whole installation are in no company's list") {
  Installation world;
  const Reply acme =
      world.ask("GET", "/api/v1/tokens", {.token = "all-owner", .query = {{"company", "acme"}}});
  CHECK(acme.body["items"].size() == 3);
  CHECK(acme.text.find("all-") == std::string::npos);
}

TEST_CASE("a company has as many tokens as the limit says and not one more") {
  Options options;
  options.company_tokens_max = 5;
  Installation world(options);
  CHECK(create(world, R"({"title":"4"})").status == 201);
  CHECK(create(world, R"({"title":"5"})").status == 201);
  CHECK(create(world, R"({"title":"6"})").status == 409);
  CHECK(create(world, R"({"title":"1"})", "rival-owner").status == 201);
}

}  // namespace cauce::api

#include "api/access.h"

#include <doctest/doctest.h>

#include "api/installation_test.h"
#include "crypto/crypto.h"

namespace cauce::api {
namespace {

// A path of the route that leads nowhere in particular.
std::string path_of(const Route& route) {
  std::string path(route.pattern);
  for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
    path.replace(open, path.find('}') - open + 1, "x");
  }
  return path;
}

void add_token(Installation& world, const std::string& token, std::optional<Time> expires_at,
               bool once) {
  business::AccessToken row;
  row.token_hash = crypto::sha256(token);
  row.access = business::Access::owner;
  row.title = "first owner";
  row.expires_at = expires_at;
  row.once = once;
  must(world.business->create(row));
}

const std::map<std::string, std::string> from_page{{"x-requested-with", "cauce"}};

std::map<std::string, std::string> with_cookie(const std::string& token) {
  return {{"cookie", "other=1; cauce_token=" + token}};
}

}  // namespace

TEST_CASE("without a valid token every route that needs one answers 401 and nothing else") {
  Installation world;
  for (const Route& route : routes) {
    if (route.need == Need::nobody) continue;
    CAPTURE(std::string(route.method) + ' ' + std::string(route.pattern));
    const Reply none = world.ask(std::string(route.method), path_of(route));
    CHECK(none.status == 401);
    CHECK(none.headers.at("WWW-Authenticate") == "Bearer");
    CHECK(none.headers.at("Content-Type") == "application/problem+json");
    CHECK(none.body["status"] == 401);
    CHECK(none.body["instance"] == none.headers.at("X-Request-Id"));
    CHECK(world.ask(std::string(route.method), path_of(route), {.token = "guessed"}).status == 401);
  }
}

TEST_CASE("a viewer changes nothing but his own password, and gives a chart an address") {
  Installation world;
  for (const Route& route : routes) {
    if (route.method == "GET" || route.need == Need::nobody) continue;
    if (route.method == "PATCH" && route.pattern == "/api/v1/session") continue;
    // It shows what the viewer sees, and changes nothing that others have.
    if (route.method == "POST" && route.pattern == "/api/v1/charts") continue;
    CAPTURE(std::string(route.method) + ' ' + std::string(route.pattern));
    for (const char* token : {"acme-viewer", "all-viewer"}) {
      const Reply reply =
          world.ask(std::string(route.method), path_of(route), {.token = token, .body = "{}"});
      CHECK(reply.status == 403);
    }
  }
}

TEST_CASE("only an owner of the whole installation creates companies") {
  Installation world;
  const std::string body = R"({"name":"third"})";
  for (const char* token : {"acme-operator", "acme-owner"}) {
    CHECK(world.ask("POST", "/api/v1/companies", {.token = token, .body = body}).status == 403);
  }
  CHECK(world.ask("POST", "/api/v1/companies", {.token = "all-owner", .body = body}).status == 201);
  CHECK(world.ask("POST", "/api/v1/companies", {.token = "all-owner", .body = body}).status == 409);
}

TEST_CASE("a token is refused from the moment it expires") {
  Installation world;
  add_token(world, "short", Installation::start + std::chrono::seconds{10}, false);
  world.clock.advance(std::chrono::seconds{10} - Duration{1});
  CHECK(world.ask("GET", "/api/v1/session", {.token = "short"}).status == 200);
  world.clock.advance(Duration{1});
  CHECK(world.ask("GET", "/api/v1/session", {.token = "short"}).status == 401);
}

TEST_CASE("the first owner's key opens one session and nothing else") {
  Installation world;
  add_token(world, "once", std::nullopt, true);
  CHECK(world.ask("GET", "/api/v1/session", {.token = "once"}).status == 401);
  CHECK(world.ask("POST", "/api/v1/session", {.body = R"({"token":"once"})"}).status == 403);

  const Reply opened =
      world.ask("POST", "/api/v1/session", {.body = R"({"key":"once"})", .headers = from_page});
  REQUIRE(opened.status == 201);
  CHECK(opened.body["company"].is_null());
  CHECK(opened.body["access"] == "owner");
  const std::string token = opened.body["token"];
  CHECK(token.size() >= 43);
  CHECK(opened.headers.at("Set-Cookie").starts_with("cauce_token=" + token + "; Path=/; "));
  CHECK(opened.headers.at("Set-Cookie").ends_with("; HttpOnly; SameSite=Strict"));
  CHECK(world.ask("GET", "/api/v1/session", {.token = token}).status == 200);

  CHECK(world.ask("POST", "/api/v1/session", {.body = R"({"key":"once"})"}).status == 403);
  CHECK(world.ask("POST", "/api/v1/session", {.body = R"({"key":"all-owner"})"}).status == 403);
}

TEST_CASE("a key that has expired opens no session") {
  Installation world;
  add_token(world, "once", Installation::start, true);
  CHECK(world.ask("POST", "/api/v1/session", {.body = R"({"key":"once"})"}).status == 403);
}

TEST_CASE("only our own page is given a cookie, and another site cannot end its session") {
  Installation world;
  const std::string body = R"({"token":"all-owner"})";
  const Reply plain = world.ask("POST", "/api/v1/session", {.body = body});
  CHECK(plain.status == 201);
  CHECK_FALSE(plain.headers.contains("Set-Cookie"));
  CHECK_FALSE(plain.body.contains("token"));  // it is known already
  const Reply page = world.ask("POST", "/api/v1/session", {.body = body, .headers = from_page});
  CHECK(page.headers.contains("Set-Cookie"));
  CHECK_FALSE(world.ask("DELETE", "/api/v1/session").headers.contains("Set-Cookie"));
  const Reply left = world.ask("DELETE", "/api/v1/session", {.headers = from_page});
  CHECK(left.headers.at("Set-Cookie").find("Max-Age=0;") != std::string::npos);
}

TEST_CASE("the cookie reads, but changes only with the header that another site cannot send") {
  Installation world;
  auto headers = with_cookie("acme-operator");
  CHECK(world.ask("GET", "/api/v1/devices", {.headers = headers}).status == 200);
  const std::string path = "/api/v1/devices/pump-1";
  const Asked change{.body = R"({"enabled":false})", .headers = headers};
  CHECK(world.ask("PATCH", path, change).status == 403);
  headers.merge(std::map(from_page));
  CHECK(world.ask("PATCH", path, {.body = change.body, .headers = headers}).status == 200);
}

TEST_CASE("the header wins over the cookie, and its scheme may be written in any case") {
  Installation world;
  auto headers = with_cookie("acme-operator");
  headers["authorization"] = "bearer rival-owner";
  CHECK(world.ask("GET", "/api/v1/session", {.headers = headers}).body["company"] == "rival");
  headers["authorization"] = "Bearer wrong";
  CHECK(world.ask("GET", "/api/v1/session", {.headers = headers}).status == 401);
}

TEST_CASE("who sees several companies has to name one that exists") {
  Installation world;
  CHECK(world.ask("GET", "/api/v1/devices", {.token = "all-viewer"}).status == 400);
  const auto named = [&](const std::string& company) {
    return world.ask("GET", "/api/v1/devices",
                     {.token = "all-viewer", .query = {{"company", company}}});
  };
  CHECK(named("acme").body["items"].size() == 1);
  CHECK(named("rival").body["items"].empty());
  CHECK(named("nowhere").status == 404);
  CHECK(named("open").status == 404);
}

TEST_CASE("in open mode the company open can be named, by who sees all companies only") {
  Options options;
  options.open = true;
  Installation world(options);
  const std::map<std::string, std::string> open{{"company", "open"}};
  CHECK(world.ask("GET", "/api/v1/series", {.token = "all-viewer", .query = open}).status == 200);
  CHECK(world.ask("GET", "/api/v1/series", {.token = "acme-owner", .query = open}).status == 404);
}

}  // namespace cauce::api

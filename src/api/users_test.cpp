#include <doctest/doctest.h>

#include "api/installation_test.h"
#include "api/sign_in.h"

namespace cauce::api {
namespace {

constexpr const char* first_password = "0123456789";
constexpr const char* second_password = "9876543210";

std::string credentials(const std::string& user, const std::string& password) {
  return nlohmann::json{{"user", user}, {"password", password}}.dump();
}

Reply sign_in(Installation& world, const std::string& user, const std::string& password,
              std::map<std::string, std::string> headers = {}) {
  return world.ask("POST", "/api/v1/session",
                   {.body = credentials(user, password), .headers = std::move(headers)});
}

struct Staffed : Installation {
  Staffed() {
    const Reply made = ask("POST", "/api/v1/users",
                           {.token = "acme-owner",
                            .body = R"({"name":"Ana@Acme.example","password":"0123456789",)"
                                    R"("access":"operator"})"});
    REQUIRE(made.status == 201);
    CHECK(made.body["name"] == "ana@acme.example");
    CHECK(made.body["company"] == "acme");
    CHECK(made.text.find("argon2") == std::string::npos);
    CHECK(made.text.find(first_password) == std::string::npos);
  }
  Reply as_ana(const std::string& password = first_password) {
    return sign_in(*this, "ana@acme.example", password);
  }
  int status_with(const std::string& token) {
    return ask("GET", "/api/v1/session", {.token = token}).status;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Staffed, "a user signs in with name and password and is who he is") {
  const Reply entered = sign_in(*this, "ANA@acme.example", first_password);
  REQUIRE(entered.status == 201);
  CHECK(entered.body["company"] == "acme");
  CHECK(entered.body["access"] == "operator");
  const std::string token = entered.body["token"];
  CHECK(ask("GET", "/api/v1/session", {.token = token}).body["title"] == "ana@acme.example");
  CHECK(ask("POST", "/api/v1/sites", {.token = token, .body = R"({"name":"s"})"}).status == 201);
  CHECK(ask("GET", "/api/v1/users", {.token = token}).status == 403);
}

TEST_CASE_FIXTURE(Staffed, "the page gets a cookie and never sees the token") {
  const Reply entered =
      sign_in(*this, "ana@acme.example", first_password, {{"x-requested-with", "cauce"}});
  REQUIRE(entered.status == 201);
  CHECK_FALSE(entered.body.contains("token"));
  CHECK(entered.headers.at("Set-Cookie").find("HttpOnly") != std::string::npos);
  const std::string cookie = entered.headers.at("Set-Cookie").substr(0, 55);
  CHECK(ask("GET", "/api/v1/session", {.headers = {{"cookie", cookie}}}).status == 200);
  // Signing out ends the session itself.
  CHECK(ask("DELETE", "/api/v1/session",
            {.headers = {{"cookie", cookie}, {"x-requested-with", "cauce"}}})
            .status == 204);
  CHECK(ask("GET", "/api/v1/session", {.headers = {{"cookie", cookie}}}).status == 401);
}

TEST_CASE_FIXTURE(Staffed, "an unknown user, a wrong password and a disabled user look alike") {
  const Reply unknown = sign_in(*this, "nobody", first_password);
  CHECK(unknown.status == 403);
  CHECK(as_ana(second_password).lasting() == unknown.lasting());
  // The password that unknown users are compared with is nobody's either.
  CHECK(sign_in(*this, "nobody", "the password of nobody").lasting() == unknown.lasting());
  CHECK(ask("PATCH", "/api/v1/users/ana@acme.example",
            {.token = "acme-owner", .body = R"({"enabled":false})"})
            .status == 200);
  CHECK(as_ana().lasting() == unknown.lasting());
}

TEST_CASE_FIXTURE(Staffed, "an unknown user costs one comparison, as a wrong password does") {
  for (const char* user : {"nobody", "ana@acme.example"}) {
    auto reply = std::make_shared<Reply>();
    send("POST", "/api/v1/session", {.body = credentials(user, second_password)}, reply);
    must(api->worker().step());
    CHECK(reply->status == 0);  // the answer waits for the comparison
    CHECK(must(api->password_worker().step()) == work::Progress::worked);
    CHECK(must(api->password_worker().step()) == work::Progress::idle);
    must(api->worker().step());
    CHECK(reply->status == 403);
  }
}

TEST_CASE_FIXTURE(Staffed, "while a password is compared, the api answers others") {
  auto waiting = std::make_shared<Reply>();
  auto other = std::make_shared<Reply>();
  send("POST", "/api/v1/session", {.body = credentials("ana@acme.example", first_password)},
       waiting);
  send("GET", "/api/v1/session", {.token = "acme-viewer"}, other);
  while (must(api->worker().step()) == work::Progress::worked) {
  }
  CHECK(waiting->status == 0);
  CHECK(other->status == 200);
  work();
  CHECK(waiting->status == 201);
}

TEST_CASE_FIXTURE(Staffed, "after ten failures a user waits, whoever asks") {
  for (int failure = 0; failure < 10; ++failure) {
    CHECK(sign_in(*this, "ana@acme.example", second_password,
                  {{"x-forwarded-for", "198.51.100." + std::to_string(failure)}})
              .status == 403);
  }
  const Reply waits = as_ana();
  CHECK(waits.status == 429);
  CHECK(waits.headers.at("Retry-After") == "60");
  CHECK(waits.headers.at("Content-Type") == "application/problem+json");
  pass(std::chrono::minutes{1});
  CHECK(as_ana().status == 201);
  CHECK(as_ana(second_password).status == 403);  // success forgave what came before
}

TEST_CASE_FIXTURE(Staffed, "after ten failures an address waits, whomever it tries") {
  const std::map<std::string, std::string> address{{"x-forwarded-for", "10.0.0.1, 203.0.113.9"}};
  for (int failure = 0; failure < 10; ++failure) {
    CHECK(sign_in(*this, "user-" + std::to_string(failure), second_password, address).status ==
          403);
  }
  CHECK(sign_in(*this, "ana@acme.example", first_password, address).status == 429);
  CHECK(as_ana().status == 201);
}

TEST_CASE("many at once are no way around the limit, and their queue is bounded") {
  Options options;
  options.passwords_waiting_max = 3;
  Installation world{options};
  std::vector<std::shared_ptr<Reply>> replies;
  for (int index = 0; index < 5; ++index) {
    replies.push_back(std::make_shared<Reply>());
    world.send("POST", "/api/v1/session",
               {.body = credentials("user-" + std::to_string(index), first_password)},
               replies.back());
  }
  while (must(world.api->worker().step()) == work::Progress::worked) {
  }
  CHECK(replies[2]->status == 0);
  CHECK(replies[3]->status == 503);
  CHECK(replies[4]->status == 503);
  world.work();
  CHECK(replies[2]->status == 403);
}

TEST_CASE_FIXTURE(Staffed, "a new password ends the other sessions, one's own goes on anew") {
  const std::string first = as_ana().body["token"];
  const std::string second = as_ana().body["token"];
  const std::string body = R"({"password":"0123456789","new_password":"9876543210"})";
  const Reply wrong =
      ask("PATCH", "/api/v1/session",
          {.token = first, .body = R"({"password":"0000000000","new_password":"9876543210"})"});
  CHECK(wrong.status == 403);
  CHECK(status_with(second) == 200);
  const Reply changed = ask("PATCH", "/api/v1/session", {.token = first, .body = body});
  REQUIRE(changed.status == 200);
  CHECK(status_with(first) == 401);
  CHECK(status_with(second) == 401);
  CHECK(status_with(changed.body["token"]) == 200);
  CHECK(as_ana().status == 403);
  CHECK(as_ana(second_password).status == 201);
}

TEST_CASE_FIXTURE(Staffed, "an owner's change reaches the sessions that are open") {
  const std::string token = as_ana().body["token"];
  const std::string path = "/api/v1/users/ana@acme.example";
  const auto change = [&](const char* body) {
    return ask("PATCH", path, {.token = "acme-owner", .body = body}).status;
  };
  CHECK(change(R"({"access":"owner"})") == 200);
  CHECK(ask("GET", "/api/v1/users", {.token = token}).status == 200);
  CHECK(change(R"({"access":"viewer"})") == 200);
  CHECK(ask("GET", "/api/v1/users", {.token = token}).status == 403);
  CHECK(change(R"({"password":"9876543210"})") == 200);
  CHECK(status_with(token) == 401);
  const std::string fresh = as_ana(second_password).body["token"];
  CHECK(ask("DELETE", path, {.token = "acme-owner"}).status == 204);
  CHECK(status_with(fresh) == 401);
  CHECK(as_ana(second_password).status == 403);
}

TEST_CASE_FIXTURE(Staffed, "sessions of one user are bounded, the oldest ends first") {
  std::vector<std::string> tokens;
  for (std::size_t count = 0; count <= business::user_sessions_max; ++count) {
    pass(std::chrono::seconds{1});
    tokens.push_back(as_ana().body["token"]);
  }
  CHECK(status_with(tokens[0]) == 401);
  CHECK(status_with(tokens[1]) == 200);
  CHECK(status_with(tokens.back()) == 200);
}

TEST_CASE_FIXTURE(Staffed, "a session runs out") {
  const std::string token = as_ana().body["token"];
  pass(options.session_span - std::chrono::seconds{1});
  CHECK(status_with(token) == 200);
  pass(std::chrono::seconds{1});
  CHECK(status_with(token) == 401);
}

TEST_CASE_FIXTURE(Staffed, "what a user may not be is refused by name") {
  for (const char* body :
       {R"({"name":"a b","password":"0123456789"})", R"({"name":"","password":"0123456789"})",
        R"({"name":"bea","password":"012345678"})", R"({"name":"bea"})",
        R"({"name":"bea","password":"0123456789","access":"root"})"}) {
    CAPTURE(body);
    CHECK(ask("POST", "/api/v1/users", {.token = "acme-owner", .body = body}).status == 400);
  }
  CHECK(
      ask("POST", "/api/v1/users",
          {.token = "acme-owner", .body = R"({"name":"ANA@acme.example","password":"0123456789"})"})
          .status == 409);
  for (const char* body : {R"({"user":"ana"})", R"({"password":"x"})", "{}",
                           R"({"user":"ana","password":"x","token":"y"})"}) {
    CAPTURE(body);
    CHECK(ask("POST", "/api/v1/session", {.body = body}).status == 400);
  }
  CHECK(ask("POST", "/api/v1/users",
            {.token = "all-owner", .body = R"({"name":"bea","password":"0123456789"})"})
            .status == 400);  // two companies: one has to be named
}

TEST_CASE("an owner's link replaces the lost one, works once and runs out") {
  Installation world;
  const std::string lost =
      world.ask("POST", "/api/v1/owner-links", {.token = "all-owner"}).body["key"];
  const std::string key =
      world.ask("POST", "/api/v1/owner-links", {.token = "all-owner"}).body["key"];
  const auto open = [&](const std::string& with) {
    return world.ask("POST", "/api/v1/session", {.body = R"({"key":")" + with + R"("})"});
  };
  CHECK(open(lost).status == 403);
  const Reply opened = open(key);
  CHECK(opened.status == 201);
  CHECK(opened.body["access"] == "owner");
  CHECK(open(key).status == 403);
  const std::string late =
      world.ask("POST", "/api/v1/owner-links", {.token = "all-owner"}).body["key"];
  world.pass(world.options.owner_link_span);
  CHECK(open(late).status == 403);
  CHECK(world.ask("POST", "/api/v1/owner-links", {.token = "acme-owner"}).status == 403);
}

TEST_CASE("an address is the peer's, or the last that a proxy on this machine names") {
  net::Request request;
  request.peer = "198.51.100.7:4000";
  request.headers["x-forwarded-for"] = "1.2.3.4";
  CHECK(address_of(request) == "198.51.100.7");
  request.peer = "127.0.0.1:4000";
  request.headers["x-forwarded-for"] = "1.2.3.4, 203.0.113.9";
  CHECK(address_of(request) == "203.0.113.9");
  request.headers.clear();
  CHECK(address_of(request) == "127.0.0.1");
}

TEST_CASE("a device becomes a bridge only when that is said") {
  Installation world;
  const auto made = world.ask("POST", "/api/v1/devices",
                              {.token = "acme-operator", .body = R"({"name":"m","bridge":true})"});
  REQUIRE(made.status == 201);
  CHECK(world.ask("GET", "/api/v1/devices/m", {.token = "acme-viewer"}).body["bridge"] == true);
  CHECK(world.ask("GET", "/api/v1/devices/pump-1", {.token = "acme-viewer"}).body["bridge"] ==
        false);
  CHECK(world
            .ask("PATCH", "/api/v1/devices/m",
                 {.token = "acme-operator", .body = R"({"bridge":false})"})
            .body["bridge"] == false);
}

}  // namespace cauce::api

#include "net/request_id.h"

#include <doctest/doctest.h>

#include "api/installation_test.h"

namespace cauce::api {

TEST_CASE("the id that a client gives comes back, on success and on failure") {
  Installation world;
  const std::map<std::string, std::string> headers{{"x-request-id", "order-17.b_2"}};
  for (const std::string path : {"/api/v1/devices", "/healthz", "/", "/metrics"}) {
    CAPTURE(path);
    const Reply reply = world.ask("GET", path, {.token = "acme-viewer", .headers = headers});
    CHECK(reply.headers.at("X-Request-Id") == "order-17.b_2");
  }
  const Reply refused = world.ask("GET", "/api/v1/none", {.headers = headers});
  CHECK(refused.headers.at("X-Request-Id") == "order-17.b_2");
  CHECK(refused.body["instance"] == "order-17.b_2");
}

TEST_CASE("an id that is long or could do harm is replaced by one of our own") {
  Installation world;
  const std::string longest(net::request_id_bytes_max, 'a');
  CHECK(net::is_request_id(longest));
  for (const std::string& given :
       {longest + "a", std::string(), std::string("a b"), std::string("a\r\nSet-Cookie: x"),
        std::string("\"}"), std::string("\xC3\xA9")}) {
    CAPTURE(given);
    CHECK_FALSE(net::is_request_id(given));
    const Reply reply = world.ask("GET", "/healthz", {.headers = {{"x-request-id", given}}});
    CHECK(net::is_request_id(reply.headers.at("X-Request-Id")));
    CHECK(reply.headers.at("X-Request-Id") != given);
  }
  CHECK(world.ask("GET", "/healthz").headers.at("X-Request-Id") !=
        world.ask("GET", "/healthz").headers.at("X-Request-Id"));
}

TEST_CASE("what is no HTTP is answered like every other failure") {
  Installation world;
  for (const int status : {400, 408, 413, 431}) {
    const net::Response response = world.api->refusal(status, {}, {});
    CHECK(response.status == status);
    const auto body = nlohmann::json::parse(response.body);
    CHECK(body["status"] == status);
    CHECK(net::is_request_id(body["instance"].get<std::string>()));
  }
}

}  // namespace cauce::api

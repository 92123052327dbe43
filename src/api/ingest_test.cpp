#include "api/ingest.h"

#include <doctest/doctest.h>

#include "api/installation_test.h"

namespace cauce::api {
namespace {

constexpr const char* path = "/api/v1/devices/pump-1/messages";

// A gateway that keeps what it is asked and answers what it is told to.
struct Gateway {
  net::Address address;
  std::vector<net::Request> asked;
  net::Response answer{200, {{"Content-Type", "application/json"}}, "{\"accepted\": 1}"};
  std::vector<net::Respond> held;
  bool hold = false;

  explicit Gateway(net::Loop& loop) {
    auto listener = must(net::Listener::bind({"127.0.0.1", 0}));
    address = listener.address();
    must(net::serve_http(loop, std::move(listener),
                         [this](const net::Request& request, net::Respond respond) {
                           asked.push_back(request);
                           if (hold) {
                             held.push_back(std::move(respond));
                           } else {
                             respond(answer);
                           }
                         },
                         {}));
  }
};

// Turns the loop until the reply is there.
Reply sent(Installation& world, const std::string& method, const Asked& asked) {
  auto reply = std::make_shared<Reply>();
  world.send(method, path, asked, reply);
  for (int turn = 0; turn < 5000 && reply->status == 0; ++turn)
    world.loop->run_ready();
  return *reply;
}

// The api looks where the gateway is once a second.
void find(Installation& world, std::optional<net::Address> address) {
  world.platform.ingest_now = std::move(address);
  world.pass(std::chrono::seconds{1});
}

}  // namespace

TEST_CASE("a device's request goes to the gateway as it is, and its answer comes back") {
  Installation world;
  Gateway gateway(*world.loop);
  find(world, gateway.address);
  const Asked asked{.token = "device token",
                    .body = "{\"t\": 1}",
                    .query = {},
                    .headers = {{"content-type", "application/senml+json"}, {"cookie", "c=1"}}};
  const Reply reply = sent(world, "POST", asked);
  CHECK(reply.status == 200);
  CHECK(reply.text == "{\"accepted\": 1}");
  CHECK(reply.headers.at("Content-Type") == "application/json");
  REQUIRE(gateway.asked.size() == 1);
  const net::Request& request = gateway.asked[0];
  CHECK(request.method == "POST");
  CHECK(request.path == path);
  CHECK(request.body == "{\"t\": 1}");
  CHECK(request.headers.at("authorization") == "Bearer device token");
  CHECK(request.headers.at("content-type") == "application/senml+json");
  CHECK(request.headers.at("x-request-id") == reply.headers.at("X-Request-Id"));
  CHECK_FALSE(request.headers.contains("cookie"));
  gateway.answer = {
      503, {{"Retry-After", "1"}, {"Content-Type", "application/problem+json"}}, "{}"};
  const Reply refused = sent(world, "PUT", asked);
  CHECK(refused.status == 503);
  CHECK(refused.headers.at("Retry-After") == "1");
  CHECK(gateway.asked[1].method == "PUT");
}

TEST_CASE("without its gateway the api acknowledges nothing") {
  Installation world;
  const Asked asked{.token = "device token", .body = "1"};
  {
    net::Address nobody;
    {
      const auto listener = must(net::Listener::bind({"127.0.0.1", 0}));
      nobody = listener.address();
    }
    find(world, nobody);
    const Reply refused = sent(world, "POST", asked);
    CHECK(refused.status == 503);
    CHECK(refused.headers.at("Retry-After") == "1");
    CHECK(refused.body["detail"].get<std::string>().starts_with("The gateway does not answer"));
  }
  find(world, std::nullopt);
  CHECK(sent(world, "POST", asked).status == 503);
  Gateway gateway(*world.loop);
  find(world, gateway.address);
  gateway.hold = true;
  auto reply = std::make_shared<Reply>();
  world.send("POST", path, asked, reply);
  for (int turn = 0; turn < 5000 && gateway.held.empty(); ++turn)
    world.loop->run_ready();
  CHECK(reply->status == 0);
  gateway.held.clear();  // it dies: 500 is what is left of it
  for (int turn = 0; turn < 5000 && reply->status == 0; ++turn)
    world.loop->run_ready();
  CHECK(reply->status == 500);
}

TEST_CASE("only the messages of one device are handed on") {
  CHECK(Ingest::takes(path));
  CHECK(Ingest::takes("/api/v1/devices/a b/messages"));
  for (const char* other :
       {"/api/v1/devices/messages", "/api/v1/devices//messages", "/api/v1/devices/a/messages/",
        "/api/v1/devices/a/b/messages", "/api/v1/devices/a", "/api/v1/devicesx/a/messages",
        "/api/v1/devices/a/token", "/messages", ""}) {
    CAPTURE(other);
    CHECK_FALSE(Ingest::takes(other));
  }
}

}  // namespace cauce::api

// Commands for devices that speak HTTP.
#include <doctest/doctest.h>

#include "gateway/http/http_house_test.h"
#include "gateway/http/target.h"

namespace cauce::gateway {
namespace {

using Texts = std::vector<std::string>;

struct CommandHouse : HttpHouse {
  Reply ask_for(const std::string& device) {
    return ask("GET /api/v1/devices/" + device +
               "/commands HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer token of " + device +
               "\r\n\r\n");
  }
  // As HttpHouse::ask, and the archive reads.
  Reply ask(const Bytes& bytes) {
    TestClient client = dial_http();
    client.send(bytes);
    Reply reply;
    client.run_until([&] {
      sync();
      settle();
      Bytes received = client.received();
      reply = take_reply(received);
      return reply.status != 0;
    });
    return reply;
  }
  Reply answer(const std::string& device, const std::string& id, const std::string& body,
               const std::string& by = {}) {
    const std::string token = "token of " + (by.empty() ? device : by);
    return ask("POST /api/v1/devices/" + device + "/commands/" + id +
               "/result HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + token +
               "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
  }
};

Texts ids(const Reply& reply) {
  Texts found;
  for (const auto& command : reply.body.at("commands"))
    found.push_back(command.at("id"));
  return found;
}

}  // namespace

TEST_CASE("a path of this port speaks of messages, commands or a result") {
  const auto messages = http::target_of("/api/v1/devices/mote-1/messages");
  REQUIRE(messages);
  CHECK(messages->kind == http::Target::Kind::messages);
  CHECK(messages->device == "mote-1");
  const auto result = http::target_of("/api/v1/devices/mote-1/commands/c-1/result");
  REQUIRE(result);
  CHECK(result->kind == http::Target::Kind::result);
  CHECK(result->device == "mote-1");
  CHECK(result->command == "c-1");
  CHECK(http::target_of("/api/v1/devices/mote-1/commands")->kind == http::Target::Kind::commands);
  for (const char* path :
       {"", "/", "/api/v1/devices", "/api/v1/devices/", "/api/v1/devices//messages",
        "/api/v1/devices/a", "/api/v1/devices/a/", "/api/v1/devices/a/messages/",
        "/api/v1/devices/a/commands/", "/api/v1/devices/a/commands/c",
        "/api/v1/devices/a/commands//result", "/api/v1/devices/a/commands/c/result/",
        "/api/v1/devices/a/commands/c/d/result", "/api/v1/devices/a/result"}) {
    CAPTURE(path);
    CHECK_FALSE(http::target_of(path));
  }
}

TEST_CASE_FIXTURE(CommandHouse,
                  "a device that asks gets its commands until it says what came of them") {
  start();
  give("c-1", "mote-1", "open");
  give("c-2", "mote-1", "shut");
  give("c-3", "mote-2", "other");
  const Reply first = ask_for("mote-1");
  CHECK(first.status == 200);
  CHECK(ids(first) == Texts{"c-1", "c-2"});
  const auto& command = first.body.at("commands").at(0);
  CHECK(command.at("payload") == "open");
  CHECK(command.at("content_type") == "text/plain");
  CHECK(command.at("expires_at") == format_time(clock.now() + std::chrono::hours{24}));
  CHECK(ids(ask_for("mote-1")) == Texts{"c-1", "c-2"});
  CHECK(answer("mote-1", "c-1", "done").status == 200);
  CHECK(ids(ask_for("mote-1")) == Texts{"c-2"});
  CHECK(answer("mote-1", "c-2", "").status == 200);
  CHECK(ids(ask_for("mote-1")).empty());
  CHECK(steps() == Texts{"sent c-1", "sent c-2", "answered c-1 done", "answered c-2"});
  CHECK(messages() ==
        Texts{"devices/mote-1/commands/c-1/result=done", "devices/mote-1/commands/c-2/result="});
}

TEST_CASE_FIXTURE(CommandHouse, "nobody gets another one's commands, or answers them") {
  start();
  give("c-1", "mote-1", "open");
  CHECK(answer("mote-1", "c-1", "done", "mote-2").status == 401);
  CHECK(answer("mote-2", "c-1", "done").status == 404);
  CHECK(answer("mote-1", "c-9", "done").status == 404);
  CHECK(ids(ask_for("mote-2")).empty());
  CHECK(steps().empty());
  CHECK(messages().empty());
}

TEST_CASE_FIXTURE(CommandHouse, "what has expired or was withdrawn is not handed over") {
  start();
  give("c-1", "mote-1", "soon over", std::chrono::minutes{1});
  give("c-2", "mote-1", "withdrawn");
  give("c-3", "mote-1", "good");
  withdraw("c-2", "mote-1");
  CHECK(ids(ask_for("mote-1")) == Texts{"c-1", "c-3"});
  pass(std::chrono::minutes{1});
  CHECK(ids(ask_for("mote-1")) == Texts{"c-3"});
}

TEST_CASE_FIXTURE(CommandHouse, "what came by MQTT and was acknowledged does not come by HTTP") {
  start();
  auto device = connect("mote-1");
  device.send(mqtt::subscribe(1, "devices/mote-1/commands", 1));
  REQUIRE(device.run_until_received(5));
  device.take_received();
  give("c-1", "mote-1", "open");
  REQUIRE(device.run_until_received(4));
  CHECK(ids(ask_for("mote-1")) == Texts{"c-1"});
  device.send(Bytes("\x40\x02\x00\x01", 4));
  device.run_until([&] {
    sync();
    return steps().size() == 2;
  });
  CHECK(steps() == Texts{"sent c-1", "acknowledged c-1"});
  CHECK(ids(ask_for("mote-1")).empty());
}

TEST_CASE_FIXTURE(CommandHouse, "a restart loses no command and brings none back") {
  start();
  give("c-1", "mote-1", "done before");
  give("c-2", "mote-1", "waits");
  CHECK(answer("mote-1", "c-1", "done").status == 200);
  restart();
  give("c-3", "mote-1", "after");
  CHECK(ids(ask_for("mote-1")) == Texts{"c-2", "c-3"});
}

TEST_CASE_FIXTURE(CommandHouse, "methods and sizes are judged as everywhere") {
  start();
  give("c-1", "mote-1", "open");
  const std::string head = "HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer token of mote-1\r\n";
  const Reply post =
      ask("POST /api/v1/devices/mote-1/commands " + head + "Content-Length: 0\r\n\r\n");
  CHECK(post.status == 405);
  CHECK(post.head.find("Allow: GET") != std::string::npos);
  CHECK(ask("GET /api/v1/devices/mote-1/commands/c-1/result " + head + "\r\n").status == 405);
  CHECK(answer("mote-1", "c-1", std::string(record::payload_bytes_max + 1, 'x')).status == 413);
  CHECK(steps().empty());
}

}  // namespace cauce::gateway

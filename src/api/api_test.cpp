#include "api/api.h"

#include <doctest/doctest.h>

#include "api/installation_test.h"
#include "crypto/crypto.h"
#include "record/command.h"

namespace cauce::api {
namespace {

Reply read(Installation& world, const std::string& path,
           std::map<std::string, std::string> query = {}) {
  return world.ask("GET", path, {.token = "acme-viewer", .query = std::move(query)});
}

Reply change(Installation& world, const std::string& method, const std::string& path,
             const std::string& body) {
  return world.ask(method, path, {.token = "acme-operator", .body = body});
}

// Business data on a disk that failed: nothing can be written any more.
class FailedBusiness final : public business::Business {
 public:
  Result<void> create(const business::Company&) override { return failed(); }
  Result<void> create(const business::Site&) override { return failed(); }
  Result<void> create(const business::DeviceType&) override { return failed(); }
  Result<void> create(const business::Device&) override { return failed(); }
  Result<void> create(const business::Rule&) override { return failed(); }
  Result<void> create(const business::User&) override { return failed(); }
  Result<void> create(const business::AccessToken&) override { return failed(); }
  Result<void> update(const business::Company&) override { return failed(); }
  Result<void> update(const business::DeviceType&) override { return failed(); }
  Result<void> update(const business::Device&) override { return failed(); }
  Result<void> update(const business::Rule&) override { return failed(); }
  Result<void> update(const business::User&) override { return failed(); }
  Result<void> remove_user(std::string_view) override { return failed(); }
  Result<void> remove_rule(std::string_view, std::string_view) override { return failed(); }
  Result<void> remove_token(BytesView) override { return failed(); }

 private:
  static Error failed() { return {Outcome::corrupt, "the last sync failed"}; }
};

constexpr const char* curve = "/api/v1/series/acme/pump-1/motor/temperature/points";

}  // namespace

TEST_CASE("a new device gets a token, a key and a line that publishes, each shown once") {
  Installation world;
  const Reply made =
      change(world, "POST", "/api/v1/devices", R"({"name":"try-me","site":"plant"})");
  REQUIRE(made.status == 201);
  const std::string token = made.body["token"];
  CHECK(made.body["type"] == "json");  // made on demand
  CHECK(made.body["key_id"] == 1);
  CHECK(made.body["key"].get<std::string>().size() == 2 * crypto::key_bytes);
  CHECK(made.body["topic"] == "devices/try-me/telemetry");
  CHECK(made.body["publish"] == "mosquitto_pub -h 127.0.0.1 -p 1883 -u try-me -P " + token +
                                    " -q 1 -t devices/try-me/telemetry -m '{\"t\":21.5}'");
  world.refresh();
  const business::Device* device = world.registry->device_by_token(crypto::sha256(token));
  REQUIRE(device != nullptr);
  CHECK(device->name == "try-me");
  CHECK(to_hex(device->keys.at(0).secret) == made.body["key"].get<std::string>());
  const Reply shown = read(world, "/api/v1/devices/try-me");
  CHECK(shown.status == 200);
  CHECK(shown.text.find(token) == std::string::npos);
  CHECK(shown.text.find(made.body["key"].get<std::string>()) == std::string::npos);
  CHECK(change(world, "POST", "/api/v1/devices", R"({"name":"try-me"})").status == 409);
  CHECK(change(world, "POST", "/api/v1/devices", R"({"name":"second"})").status == 201);
}

TEST_CASE("an encrypted device gets the encrypted type") {
  Installation world;
  const Reply made =
      change(world, "POST", "/api/v1/devices", R"({"name":"safe","encrypted":true})");
  CHECK(made.status == 201);
  CHECK(made.body["type"] == "json-aes256gcm");
  CHECK(made.body["encryption"] == "aes256gcm");
  CHECK(made.body["publish"].get<std::string>().ends_with("-f payload.bin"));
  CHECK(
      change(world, "POST", "/api/v1/devices", R"({"name":"both","encrypted":true,"type":"motor"})")
          .status == 400);
}

TEST_CASE("a device with a wrong name, type or site is refused and leaves nothing behind") {
  Installation world;
  for (const char* body :
       {R"({"name":""})", R"({"name":"a/b"})", R"({"name":"-a"})", R"({"name":"a","type":"none"})",
        R"({"name":"a","site":"none"})", "{}", R"({"name":"a","key":"00"})"}) {
    CAPTURE(body);
    CHECK(change(world, "POST", "/api/v1/devices", body).status == 400);
  }
  CHECK(read(world, "/api/v1/devices").body["items"].size() == 1);
  CHECK(read(world, "/api/v1/device-types").body["items"].size() == 1);
}

TEST_CASE("a device shows its last values, its open alarms and what could not be decoded") {
  Installation world;
  const Reply device = read(world, "/api/v1/devices/pump-1");
  CHECK(device.body["last_seen"] == "2027-01-15T08:00:09Z");
  REQUIRE(device.body["last_values"].size() == 2);
  CHECK(device.body["last_values"][0]["metric"] == "motor/temperature");
  CHECK(device.body["last_values"][0]["value"] == 29.0);
  CHECK(device.body["last_values"][0]["unit"] == "Cel");
  REQUIRE(device.body["open_alarms"].size() == 1);
  CHECK(device.body["open_alarms"][0]["id"] == 7);
  CHECK(device.body["undecodable"] == 2);
}

TEST_CASE("a change of a device touches only what it names") {
  Installation world;
  const std::string path = "/api/v1/devices/pump-1";
  CHECK(change(world, "PATCH", path, R"({"enabled":false,"area":"hall 2"})").status == 200);
  const Reply shown = read(world, path);
  CHECK(shown.body["enabled"] == false);
  CHECK(shown.body["area"] == "hall 2");
  CHECK(shown.body["site"] == "plant");
  CHECK(change(world, "PATCH", path, R"({"site":"none"})").status == 400);
  CHECK(change(world, "PATCH", path, R"({"site":""})").status == 200);
  CHECK(change(world, "PATCH", path, R"({"type":"json"})").body["detail"] ==
        "\"type\" is not known here.");
}

TEST_CASE("a new token ends the old one and keeps the key") {
  Installation world;
  const Reply renewed = change(world, "POST", "/api/v1/devices/pump-1/token", "");
  REQUIRE(renewed.status == 200);
  world.refresh();
  CHECK(world.registry->device_by_token(crypto::sha256("pump-1-token")) == nullptr);
  const auto* device =
      world.registry->device_by_token(crypto::sha256(renewed.body["token"].get<std::string>()));
  REQUIRE(device != nullptr);
  CHECK(device->keys.at(0).secret == Bytes(crypto::key_bytes, 'k'));
}

TEST_CASE("a command is answered when it is durable, not before") {
  Installation world;
  world.hold_commands = true;
  auto reply = std::make_shared<Reply>();
  world.send("POST", "/api/v1/devices/pump-1/commands",
             {.token = "acme-operator", .body = R"({"payload":{"valve":1}})"}, reply);
  world.work();
  CHECK(reply->status == 0);
  world.hold_commands = false;
  world.work();
  CHECK(reply->status == 201);
  CHECK(reply->body["position"] == 0);
  const auto reader = must(world.commands->open_reader());
  const auto batch = must(reader->read(stream::Partition{0}, stream::Position{0}, 4096));
  REQUIRE(batch.records.size() == 1);
  const auto record = std::get<record::Command>(must(record::decode_command(batch.records[0])));
  CHECK(record.message.company == "acme");
  CHECK(record.message.device == "pump-1");
  CHECK(record.message.topic == "devices/pump-1/commands");
  CHECK(record.message.content_type == "application/json");
  CHECK(record.message.payload == R"({"valve":1})");
  CHECK(record.message.received_at == Installation::start);
}

TEST_CASE("lists are cut into pages that together hold everything once") {
  Installation world;
  for (const char* name : {"b", "a", "c"}) {
    change(world, "POST", "/api/v1/devices", std::string(R"({"name":")") + name + "\"}");
  }
  std::string names;
  std::string after;
  for (int page = 0; page < 9; ++page) {
    const Reply reply = read(world, "/api/v1/devices", {{"limit", "2"}, {"after", after}});
    for (const auto& item : reply.body["items"]) {
      names += item["name"].get<std::string>() + ' ';
    }
    if (reply.body["next"].is_null()) break;
    after = reply.body["next"];
  }
  CHECK(names == "a b c pump-1 ");
  CHECK(read(world, "/api/v1/devices", {{"limit", "1000"}}).status == 200);
  for (const char* limit : {"0", "1001", "-1", "x", "1e3"}) {
    CHECK(read(world, "/api/v1/devices", {{"limit", limit}}).status == 400);
  }
}

TEST_CASE("series are listed in pages, of one device if wanted") {
  Installation world;
  const Reply first = read(world, "/api/v1/series", {{"limit", "1"}});
  REQUIRE(first.body["items"].size() == 1);
  CHECK(first.body["items"][0]["metric"] == "motor/temperature");
  CHECK(first.body["next"] == "pump-1/motor/temperature");
  const Reply second =
      read(world, "/api/v1/series", {{"limit", "1"}, {"after", "pump-1/motor/temperature"}});
  CHECK(second.body["items"][0]["metric"] == "temperature");
  CHECK(second.body["next"].is_null());
  CHECK(read(world, "/api/v1/series", {{"device", "pump-1"}}).body["items"].size() == 2);
  CHECK(read(world, "/api/v1/series", {{"device", "pump"}}).body["items"].empty());
}

TEST_CASE("points are cut by time and into pages") {
  Installation world;
  const Reply all = read(world, curve);
  CHECK(all.body["items"].size() == 10);
  CHECK(all.body["unit"] == "Cel");
  CHECK(all.body["series"]["metric"] == "motor/temperature");
  CHECK(all.body["items"][3] ==
        nlohmann::json{{"time", "2027-01-15T08:00:03Z"}, {"value", 23.0}, {"quality", "good"}});
  const Reply part =
      read(world, curve, {{"from", "2027-01-15T08:00:02Z"}, {"to", "2027-01-15T08:00:05Z"}});
  CHECK(part.body["items"].size() == 3);
  const Reply page = read(world, curve, {{"limit", "4"}});
  CHECK(page.body["next"] == "2027-01-15T08:00:03Z");
  const Reply next = read(world, curve, {{"limit", "6"}, {"after", "2027-01-15T08:00:03Z"}});
  CHECK(next.body["items"].size() == 6);
  CHECK(next.body["items"][0]["time"] == "2027-01-15T08:00:04Z");
  CHECK(next.body["next"].is_null());
  CHECK(read(world, curve, {{"limit", "5000"}}).status == 200);
  CHECK(read(world, curve, {{"limit", "5001"}}).status == 400);
  CHECK(read(world, curve, {{"from", "yesterday"}}).status == 400);
  CHECK(read(world, "/api/v1/series/acme/pump-1/none/points").status == 404);
}

TEST_CASE("alarms are listed open or all, and for a stretch of a curve") {
  Installation world;
  CHECK(read(world, "/api/v1/alarms").body["items"].size() == 1);
  const Reply all = read(world, "/api/v1/alarms", {{"state", "all"}, {"limit", "1"}});
  CHECK(all.body["next"] == "7");
  const Reply next = read(world, "/api/v1/alarms", {{"state", "all"}, {"after", "7"}});
  REQUIRE(next.body["items"].size() == 1);
  CHECK(next.body["items"][0]["state"] == "cleared");
  CHECK(read(world, "/api/v1/alarms", {{"state", "closed"}}).status == 400);
  CHECK(read(world, "/api/v1/alarms", {{"after", "x"}}).status == 400);
  CHECK(read(world, "/api/v1/alarms/x").status == 404);
  const std::string path = "/api/v1/series/acme/pump-1/temperature/alarms";
  CHECK(read(world, path).body["items"].size() == 2);
  CHECK(read(world, path, {{"from", "2027-01-15T08:00:05Z"}}).body["items"].size() == 1);
  CHECK(read(world, path, {{"to", "2027-01-15T08:00:00Z"}}).body["items"].empty());
}

TEST_CASE("rules are created with the members of their kind only, listed and removed") {
  Installation world;
  CHECK(change(world, "POST", "/api/v1/rules",
               R"({"name":"quiet","kind":"silence","duration_seconds":300})")
            .status == 201);
  for (const char* body :
       {R"({"name":"x","kind":"silence","duration_seconds":300,"raise_at":5})",
        R"({"name":"x","kind":"noise"})", R"({"name":"x","kind":"threshold","metric":"t"})",
        R"({"name":"x","kind":"threshold","metric":"t","raise_at":1,"direction":"up"})",
        R"({"name":"x","kind":"silence","duration_seconds":604801})",
        R"({"name":"x","kind":"anomaly","direction":"above"})",
        R"({"name":"x","kind":"anomaly","raise_at":"high"})",
        R"({"kind":"silence","duration_seconds":300})"}) {
    CAPTURE(body);
    CHECK(change(world, "POST", "/api/v1/rules", body).status == 400);
  }
  const Reply unusual =
      change(world, "POST", "/api/v1/rules", R"({"name":"unusual","kind":"anomaly"})");
  CHECK(unusual.status == 201);
  CHECK(unusual.body["metric"] == "");
  CHECK(unusual.body["raise_at"] == business::anomaly_score_default);
  CHECK(unusual.body["duration_seconds"] == 600);
  CHECK(change(world, "DELETE", "/api/v1/rules/unusual", "").status == 204);
  CHECK(read(world, "/api/v1/rules").body["items"].size() == 2);
  CHECK(change(world, "DELETE", "/api/v1/rules/quiet", "").status == 204);
  CHECK(change(world, "DELETE", "/api/v1/rules/quiet", "").status == 404);
  CHECK(read(world, "/api/v1/rules").body["items"].size() == 1);
}

TEST_CASE("dead letters are listed, counted by cause, and shown with their bytes") {
  Installation world;
  const Reply list = read(world, "/api/v1/dead-letters", {{"limit", "1"}});
  CHECK(list.body["items"][0]["id"] == "0-42");
  CHECK_FALSE(list.body["items"][0].contains("payload"));
  CHECK(list.body["next"] == "0-42");
  const Reply next = read(world, "/api/v1/dead-letters", {{"after", "0-42"}});
  CHECK(next.body["items"][0]["id"] == "0-41");
  const Reply counts = read(world, "/api/v1/dead-letters/summary");
  REQUIRE(counts.body["items"].size() == 1);
  CHECK(counts.body["items"][0]["count"] == 2);
  CHECK(counts.body["items"][0]["text"]["en"] == counts.body["items"][0]["reason"]);
  CHECK(counts.body["items"][0]["text"]["es"] == "clave 7 enviada, clave 3 registrada");
  CHECK(read(world, "/api/v1/dead-letters/0-42").body["payload"] == "AP9hYmM=");
  CHECK(read(world, "/api/v1/dead-letters/0-41").body["payload"] == "YWI=");
  for (const char* id : {"0-43", "0", "a-b", "4294967296-1", "0-42x"}) {
    CHECK(read(world, std::string("/api/v1/dead-letters/") + id).status == 404);
  }
}

TEST_CASE("a full queue answers 503 and takes requests again when it has room") {
  Options options;
  options.requests_waiting_max = 2;
  Installation world(options);
  std::vector<std::shared_ptr<Reply>> replies;
  for (int index = 0; index < 3; ++index) {
    replies.push_back(std::make_shared<Reply>());
    world.send("GET", "/api/v1/devices", {.token = "acme-viewer"}, replies.back());
  }
  CHECK(replies[1]->status == 0);
  CHECK(replies[2]->status == 503);
  CHECK(replies[2]->headers.at("Retry-After") == "1");
  world.work();
  CHECK(replies[0]->status == 200);
  CHECK(replies[1]->status == 200);
  CHECK(read(world, "/api/v1/devices").status == 200);
}

TEST_CASE("after a failed write the api answers, and its worker stops the process") {
  Installation world;
  FailedBusiness failed;
  world.api = make_api({world.clock, world.random, *world.registry, failed, world.recent.reader(),
                        *world.raw_reader, *world.desk, world.alarms, world.letters, world.ledger,
                        world.platform, *world.gateway, *world.reports, *world.data, *world.charts},
                       {});
  const auto reply = std::make_shared<Reply>();
  world.send("DELETE", "/api/v1/rules/hot", {.token = "acme-operator"}, reply);
  const auto step = world.api->worker().step();
  REQUIRE_FALSE(step);
  CHECK(step.error().message == "api: the last sync failed");
  CHECK(reply->status == 500);
  CHECK(reply->text.find("sync") == std::string::npos);
}

TEST_CASE("a body may have 256 KiB and not one byte more") {
  Installation world;
  const std::string start = R"({"payload":")";
  const std::string most = start + std::string((256 << 10) - start.size() - 2, 'x') + "\"}";
  const std::string path = "/api/v1/devices/pump-1/commands";
  CHECK(change(world, "POST", path, most).status == 201);
  CHECK(change(world, "POST", path, most + ' ').status == 413);
}

TEST_CASE("bytes that are not UTF-8 do not break an answer") {
  Installation world;
  world.letters.kept[0].reason = "unexpected \xff";
  const Reply reply = read(world, "/api/v1/dead-letters");
  CHECK(reply.status == 200);
  CHECK(reply.body["items"][0]["reason"] == "unexpected \xEF\xBF\xBD");
}

}  // namespace cauce::api

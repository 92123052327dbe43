#include "api/precondition.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "api/installation_test.h"

namespace cauce::api {
namespace {

Reply change(Installation& world, const std::string& path, const std::string& body,
             const std::string& if_match) {
  return world.ask("PATCH", path,
                   {.token = "acme-operator", .body = body, .headers = {{"if-match", if_match}}});
}

std::string etag(Installation& world, const std::string& path) {
  return world.ask("GET", path, {.token = "acme-viewer"}).headers.at("ETag");
}

}  // namespace

TEST_CASE("a change that names what was read is made, one that names something older is not") {
  for (const auto& [path, body, other] :
       {std::tuple{"/api/v1/devices/pump-1", R"({"area":"a"})", R"({"area":"b"})"},
        std::tuple{"/api/v1/rules/hot", R"({"raise_at":85})", R"({"raise_at":90})"}}) {
    CAPTURE(path);
    Installation world;
    const std::string read = etag(world, path);
    const Reply changed = change(world, path, body, read);
    REQUIRE(changed.status == 200);
    CHECK(changed.headers.at("ETag") != read);
    CHECK(changed.headers.at("ETag") == etag(world, path));
    const Reply late = change(world, path, other, read);
    CHECK(late.status == 412);
    CHECK(late.body["title"] == "Precondition Failed");
    CHECK(etag(world, path) == changed.headers.at("ETag"));
  }
}

TEST_CASE("If-Match takes a list and a star, but no weak tag") {
  Installation world;
  const std::string path = "/api/v1/devices/pump-1";
  const std::string body = R"({"area":""})";
  const std::string read = etag(world, path);
  CHECK(change(world, path, body, "\"other\" ,\t" + read).status == 200);
  CHECK(change(world, path, body, "*").status == 200);
  for (const std::string& wrong : {"W/" + read, std::string("\"\""), read + "x", std::string()}) {
    CAPTURE(wrong);
    CHECK(change(world, path, body, wrong).status == 412);
  }
}

TEST_CASE("the tag of a device does not move with its values") {
  Installation world;
  const std::string read = etag(world, "/api/v1/devices/pump-1");
  recent::Change later;
  later.summaries.push_back({{"acme", "pump-1", "temperature"},
                             "Cel",
                             {Installation::start + std::chrono::seconds{20},
                              99.0,
                              record::Quality::good,
                              {0, 99, 0, 0}}});
  must(world.recent.commit(later));
  CHECK(world.ask("GET", "/api/v1/devices/pump-1", {.token = "acme-viewer"}).body["last_seen"] ==
        "2027-01-15T08:00:20Z");
  CHECK(etag(world, "/api/v1/devices/pump-1") == read);
}

TEST_CASE("a rule that changed is not removed by who read it before") {
  Installation world;
  const std::string path = "/api/v1/rules/hot";
  const Asked late{.token = "acme-operator", .headers = {{"if-match", "\"older\""}}};
  CHECK(world.ask("DELETE", path, late).status == 412);
  const Asked right{.token = "acme-operator", .headers = {{"if-match", etag(world, path)}}};
  CHECK(world.ask("DELETE", path, right).status == 204);
}

TEST_CASE("a change of a rule touches only what it names and keeps to its kind") {
  Installation world;
  const std::string path = "/api/v1/rules/hot";
  const auto patch = [&](const std::string& body) {
    return world.ask("PATCH", path, {.token = "acme-operator", .body = body});
  };
  const Reply changed = patch(R"({"raise_at":90,"severity":"critical","enabled":false})");
  REQUIRE(changed.status == 200);
  const Reply shown = world.ask("GET", path, {.token = "acme-viewer"});
  CHECK(shown.body == changed.body);
  CHECK(shown.body["raise_at"] == 90.0);
  CHECK(shown.body["clear_at"] == 70.0);
  CHECK(shown.body["metric"] == "temperature");
  CHECK(shown.body["direction"] == "above");
  CHECK(shown.body["enabled"] == false);
  for (const char* body :
       {R"({"name":"x"})", R"({"kind":"silence"})", R"({"count":2})", R"({"raise_at":60})",
        R"({"duration_seconds":604801})", R"({"direction":"up"})", R"({"device":"none"})"}) {
    CAPTURE(body);
    CHECK(patch(body).status >= 400);
  }
  CHECK(world.ask("GET", path, {.token = "acme-viewer"}).body == shown.body);
}

}  // namespace cauce::api

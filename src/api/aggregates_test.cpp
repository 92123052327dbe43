#include <doctest/doctest.h>

#include "api/installation_test.h"

namespace cauce::api {
namespace {

constexpr const char* path = "/api/v1/series/acme/pump-1/temperature/aggregates";

Reply read(Installation& world, std::map<std::string, std::string> query) {
  return world.ask("GET", path, {.token = "acme-viewer", .query = std::move(query)});
}

}  // namespace

TEST_CASE("aggregates are of a minute, a quarter of an hour, an hour or a day") {
  Installation world;
  const std::map<std::string, std::string> ends{
      {"1m", "2027-01-15T08:01:00Z"}, {"minute", "2027-01-15T08:01:00Z"},
      {"", "2027-01-15T08:01:00Z"},   {"15m", "2027-01-15T08:15:00Z"},
      {"1h", "2027-01-15T09:00:00Z"}, {"hour", "2027-01-15T09:00:00Z"},
      {"1d", "2027-01-15T23:00:00Z"}};
  for (const auto& [resolution, end] : ends) {
    CAPTURE(resolution);
    const Reply reply = read(world, {{"resolution", resolution}});
    CHECK(reply.body["resolution"] == (resolution.empty() ? "minute" : resolution));
    REQUIRE(reply.body["items"].size() == 1);
    const auto item = reply.body["items"][0];
    CHECK(item["end"] == end);
    CHECK(item["count"] == 10);
    CHECK(item["mean"] == 24.5);
    CHECK(item["p50"].get<double>() == doctest::Approx(24).epsilon(0.01));
    CHECK(item["p95"].get<double>() == doctest::Approx(29).epsilon(0.01));
    CHECK(item["p95"].get<double>() <= 29);
  }
  for (const char* resolution : {"day", "2m", "1M", "1d "}) {
    CHECK(read(world, {{"resolution", resolution}}).status == 400);
  }
}

TEST_CASE("a day is one of the site's time zone, and of its new one when the device has moved") {
  Installation world;
  Reply reply = read(world, {{"resolution", "1d"}});
  CHECK(reply.body["time_zone"] == "Europe/Madrid");
  CHECK(reply.body["items"][0]["day"] == "2027-01-15");
  CHECK(reply.body["items"][0]["start"] == "2027-01-14T23:00:00Z");
  const auto change = [&](const std::string& method, const std::string& where,
                          const std::string& body) {
    return world.ask(method, where, {.token = "acme-operator", .body = body}).status;
  };
  CHECK(change("POST", "/api/v1/sites", R"({"name":"bay","time_zone":"America/Los_Angeles"})") ==
        201);
  CHECK(change("PATCH", "/api/v1/devices/pump-1", R"({"site":"bay"})") == 200);
  reply = read(world, {{"resolution", "1d"}});
  CHECK(reply.body["time_zone"] == "America/Los_Angeles");
  CHECK(reply.body["items"][0]["start"] == "2027-01-15T08:00:00Z");
  CHECK(change("PATCH", "/api/v1/devices/pump-1", R"({"site":""})") == 200);
  reply = read(world, {{"resolution", "1d"}});
  CHECK(reply.body["time_zone"] == "UTC");
  CHECK(reply.body["items"][0]["start"] == "2027-01-15T00:00:00Z");
}

TEST_CASE("a day of which hours have passed their time to live is not answered") {
  Installation world;
  world.pass(world.options.recent_time_to_live - std::chrono::hours{9});
  CHECK(read(world, {{"resolution", "1d"}}).body["items"].size() == 1);
  world.pass(Duration{1});
  CHECK(read(world, {{"resolution", "1d"}}).body["items"].empty());
}

TEST_CASE("a page of days has 1000 at most") {
  Installation world;
  CHECK(read(world, {{"resolution", "1d"}, {"limit", "1000"}}).status == 200);
  CHECK(read(world, {{"resolution", "1d"}, {"limit", "1001"}}).status == 400);
  CHECK(read(world, {{"resolution", "1h"}, {"limit", "5000"}}).status == 200);
}

TEST_CASE("a site in a zone that does not exist is refused by its name") {
  Installation world;
  const Reply reply =
      world.ask("POST", "/api/v1/sites",
                {.token = "acme-operator", .body = R"({"name":"x","time_zone":"Mars/Base"})"});
  CHECK(reply.status == 400);
  CHECK(reply.text.find("Mars/Base") != std::string::npos);
}

}  // namespace cauce::api

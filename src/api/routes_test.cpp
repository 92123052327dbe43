#include "api/routes.h"

#include <doctest/doctest.h>

#include "api/installation_test.h"

namespace cauce::api {

TEST_CASE("a path finds its route and what stands in its braces") {
  const Match match = find_route("GET", "/api/v1/devices/pump-1");
  REQUIRE(match.route != nullptr);
  CHECK((match.route->handler == show_device));
  CHECK(match.parameters == std::vector<std::string>{"pump-1"});
  CHECK((find_route("GET", "/api/v1/devices/").route->handler == list_devices));
  CHECK((find_route("GET", "/api/v1/dead-letters/summary").route->handler == count_dead_letters));
  CHECK((find_route("GET", "/api/v1/dead-letters/0-7").route->handler == show_dead_letter));
}

TEST_CASE("a metric may hold slashes and even end like a route") {
  for (const std::string metric : {"t", "motor/temperature", "a/b/points", "points"}) {
    CAPTURE(metric);
    const Match match = find_route("GET", "/api/v1/series/acme/pump-1/" + metric + "/points");
    REQUIRE(match.route != nullptr);
    CHECK((match.route->handler == show_points));
    CHECK(match.parameters == std::vector<std::string>{"acme", "pump-1", metric});
  }
}

TEST_CASE("what fits no row is no route") {
  for (const char* path :
       {"", "/", "api/v1/devices", "/api/v1", "/api/v1/", "/api/v2/devices", "/api/v1/devices//x",
        "/api/v1/devices/a/b", "/api/v1/series/acme/pump-1/points", "//", "/api/v1//devices"}) {
    CAPTURE(path);
    const Match match = find_route("GET", path);
    CHECK(match.route == nullptr);
    CHECK(match.allowed.empty());
  }
}

TEST_CASE("an unknown path answers 404, a wrong method 405 with those that are right") {
  Installation world;
  const Reply unknown = world.ask("GET", "/api/v1/none");
  CHECK(unknown.body["type"] == "about:blank");
  CHECK(unknown.body["title"] == "Not Found");
  CHECK(unknown.status == 404);
  CHECK(unknown.headers.at("Content-Type") == "application/problem+json");
  CHECK(world.ask("GET", "/none").status == 404);
  const Reply wrong = world.ask("PUT", "/api/v1/devices");
  CHECK(wrong.status == 405);
  CHECK(wrong.headers.at("Allow") == "GET, POST");
  CHECK(world.ask("POST", "/healthz").headers.at("Allow") == "GET");
  CHECK(world.ask("POST", "/").headers.at("Allow") == "GET");
}

TEST_CASE("a query parameter that a route does not take is refused by name") {
  Installation world;
  const Reply reply =
      world.ask("GET", "/api/v1/devices", {.token = "acme-viewer", .query = {{"form", "1"}}});
  CHECK(reply.status == 400);
  CHECK(reply.body["detail"] == "The query parameter \"form\" is not known here.");
  const Reply blank = world.ask("GET", "/api/v1/devices",
                                {.token = "acme-viewer", .query = {{"after limit", "1"}}});
  CHECK(blank.status == 400);
}

TEST_CASE("the page is served with a policy that lets nothing foreign in") {
  Installation world;
  const Reply page = world.ask("GET", "/");
  CHECK(page.status == 200);
  CHECK(page.text.starts_with("<!doctype html>"));
  CHECK(page.headers.at("Content-Security-Policy").starts_with("default-src 'self';"));
  CHECK(page.headers.at("X-Content-Type-Options") == "nosniff");
  // Each file that the page names is there, and nothing is loaded from elsewhere.
  for (const char* path : {"/page.css", "/page.js", "/icon.svg"}) {
    CHECK(page.text.find(std::string("\"") + path + '"') != std::string::npos);
    CHECK(world.ask("GET", path).status == 200);
  }
  CHECK(page.text.find("http") == std::string::npos);
  const Reply script = world.ask("GET", "/page.js");
  CHECK(script.headers.at("Content-Type").starts_with("text/javascript"));
  for (std::size_t at = script.text.find("from \"./"); at != std::string::npos;
       at = script.text.find("from \"./", at + 1)) {
    const std::size_t start = at + std::string("from \".").size();
    const std::string file = script.text.substr(start, script.text.find('"', start) - start);
    CAPTURE(file);
    CHECK(world.ask("GET", file).status == 200);
  }
}

}  // namespace cauce::api

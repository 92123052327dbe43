// Pages of lists, the same on every list.
#include <doctest/doctest.h>

#include "api/installation_test.h"
#include "api/routes.h"

namespace cauce::api {
namespace {

// A path of the route about what the installation has.
std::string path_of(std::string path) {
  for (const auto& [name, value] : {std::pair<std::string, std::string>{"{company}", "acme"},
                                    {"{device}", "pump-1"},
                                    {"{metric*}", "temperature"}}) {
    if (const std::size_t at = path.find(name); at != std::string::npos)
      path.replace(at, name.size(), value);
  }
  return path;
}

}  // namespace

TEST_CASE("every list refuses a damaged cursor and a wrong limit, and says whether more follows") {
  Installation world;
  std::size_t lists = 0;
  for (const Route& route : routes) {
    if (route.query.find("after") == std::string_view::npos) continue;
    CAPTURE(std::string(route.pattern));
    ++lists;
    const std::string path = path_of(std::string(route.pattern));
    const auto read = [&](std::map<std::string, std::string> query) {
      return world.ask("GET", path, {.token = "acme-owner", .query = std::move(query)});
    };
    CHECK(read({}).status == 200);
    CHECK(read({}).body.contains("next"));
    for (const std::string cursor :
         {"\xff", "?", "-", "a b", "../x", "1-/", "2027-13-01T00:00:00Z"}) {
      CAPTURE(cursor);
      const Reply damaged = read({{"after", cursor}});
      CHECK(damaged.status == 400);
      CHECK(damaged.body["detail"].get<std::string>().starts_with("\"after\" is not a cursor"));
    }
    for (const std::string limit : {"0", "-1", "x", "5001"}) {
      CHECK(read({{"limit", limit}}).status == 400);
    }
    CHECK(read({{"limit", "1000"}}).status == 200);
  }
  CHECK(lists >= 12);
}

TEST_CASE("alarms of a stretch come in pages that together hold everything once") {
  Installation world;
  const std::string path = "/api/v1/series/acme/pump-1/temperature/alarms";
  const auto read = [&](std::map<std::string, std::string> query) {
    return world.ask("GET", path, {.token = "acme-viewer", .query = std::move(query)});
  };
  const Reply first = read({{"limit", "1"}});
  REQUIRE(first.body["items"].size() == 1);
  CHECK(first.body["items"][0]["id"] == 7);
  CHECK(first.body["next"] == "7");
  const Reply second = read({{"limit", "1"}, {"after", "7"}});
  REQUIRE(second.body["items"].size() == 1);
  CHECK(second.body["items"][0]["id"] == 6);
  CHECK(second.body["next"].is_null());
}

}  // namespace cauce::api

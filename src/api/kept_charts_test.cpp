#include <doctest/doctest.h>

#include "api/chart_desk.h"
#include "api/installation_test.h"

namespace cauce::api {
namespace {

using Query = std::map<std::string, std::string>;

std::string upload(Installation& world, const std::string& name = "cars.csv") {
  const Reply made =
      world.ask("POST", "/api/v1/datasets",
                {.token = "acme-operator",
                 .file = AskedFile{"mpg,weight,origin\n18,3504,USA\n15,3693,USA\n30,2130,Japan\n"
                                   "27,2200,Japan\n25,2672,USA\n",
                                   name}});
  REQUIRE(made.status == 201);
  return made.body["id"];
}

nlohmann::json pin(Installation& world, const std::string& set, const std::string& column) {
  world.pass(std::chrono::seconds{1});
  const Reply made = world.ask("POST", "/api/v1/charts",
                               {.token = "acme-viewer",
                                .body = R"({"kind":"histogram","dataset":")" + set +
                                        R"(","options":{"x":")" + column + R"("}})"});
  REQUIRE(made.status == 201);
  return made.body;
}

Reply list(Installation& world, Query query = {}) {
  return world.ask("GET", "/api/v1/charts", {.token = "acme-viewer", .query = std::move(query)});
}

std::vector<std::string> ids_of(const Reply& page) {
  std::vector<std::string> ids;
  for (const auto& item : page.body["items"]) {
    ids.push_back(item["id"]);
  }
  return ids;
}

// A link as a browser without any token follows it.
int follow(Installation& world, const std::string& link) {
  const std::size_t mark = link.find('?');
  Query query;
  std::string rest = link.substr(mark + 1);
  while (!rest.empty()) {
    const std::string pair = rest.substr(0, rest.find('&'));
    query[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
    rest.erase(0, pair.size() + 1);
  }
  return world.ask("GET", link.substr(0, mark), {.query = query}).status;
}

}  // namespace

TEST_CASE("charts with an address are listed, the youngest first, page by page and by data set") {
  Installation world;
  const std::string cars = upload(world);
  const std::string more = upload(world, "more.csv");
  const auto first = pin(world, cars, "mpg");
  const auto second = pin(world, more, "mpg");
  const auto third = pin(world, cars, "weight");
  const Reply all = list(world);
  REQUIRE(all.status == 200);
  CHECK(all.body["next"].is_null());
  const std::vector<std::string> expected{third["id"], second["id"], first["id"]};
  CHECK(ids_of(all) == expected);
  const auto& item = all.body["items"][0];
  CHECK(item["kind"] == "histogram");
  CHECK(item["dataset"] == cars);
  CHECK(item["version"] == 1);
  CHECK(item["alternative_text"] == third["alternative_text"]);
  CHECK(item["urls"] == third["urls"]);
  CHECK(item["created_at"] == "2027-01-15T08:00:03Z");

  std::vector<std::string> paged;
  std::string after;
  do {
    const Reply page = list(world, {{"limit", "1"}, {"after", after}});
    REQUIRE(page.status == 200);
    REQUIRE(ids_of(page).size() == 1);
    paged.push_back(ids_of(page)[0]);
    after = page.body["next"].is_null() ? "" : page.body["next"].get<std::string>();
  } while (!after.empty());
  CHECK(paged == expected);
  CHECK(ids_of(list(world, {{"dataset", cars}})) ==
        std::vector<std::string>{third["id"], first["id"]});
  CHECK(list(world, {{"dataset", std::string(32, '0')}}).status == 404);
  CHECK(list(world, {{"after", "nonsense"}}).status == 400);
  CHECK(list(world, {{"limit", "0"}}).status == 400);
}

TEST_CASE("a chart that was removed is gone with its links, also when somebody makes it again") {
  Installation world;
  const std::string cars = upload(world);
  const auto goes = pin(world, cars, "mpg");
  const auto stays = pin(world, cars, "weight");
  const std::string path = "/api/v1/charts/" + goes["id"].get<std::string>();
  CHECK(follow(world, goes["links"]["svg"]) == 200);
  CHECK(world.ask("DELETE", path, {.token = "acme-viewer"}).status == 403);
  CHECK(world.ask("DELETE", path + ".png", {.token = "acme-operator"}).status == 404);
  CHECK(world.ask("DELETE", path, {.token = "acme-operator"}).status == 204);
  CHECK(follow(world, goes["links"]["svg"]) == 401);
  CHECK(world.ask("GET", goes["urls"]["png"], {.token = "acme-viewer"}).status == 404);
  CHECK(world.ask("DELETE", path, {.token = "acme-operator"}).status == 404);
  CHECK(follow(world, stays["links"]["svg"]) == 200);
  CHECK(ids_of(list(world)) == std::vector<std::string>{stays["id"]});
  const auto again = pin(world, cars, "mpg");
  CHECK(again["id"] == goes["id"]);
  CHECK(follow(world, goes["links"]["svg"]) == 401);
  CHECK(follow(world, again["links"]["svg"]) == 200);
  // Of what is there already another link is made, and the first one stays good.
  CHECK(pin(world, cars, "mpg")["id"] == goes["id"]);
  CHECK(follow(world, again["links"]["svg"]) == 200);
}

TEST_CASE("what is recommended for a data set can be asked for as it stands") {
  Installation world;
  const std::string cars = upload(world);
  const Reply reply =
      world.ask("GET", "/api/v1/datasets/" + cars + "/recommendations", {.token = "acme-viewer"});
  REQUIRE(reply.status == 200);
  const auto& found = reply.body["recommendations"];
  REQUIRE(found.size() >= 2);
  CHECK(found.size() <= 3);
  CHECK(found[0]["kind"] == "scatter");
  for (const auto& one : found) {
    CHECK(one["reason"]["en"] != one["reason"]["es"]);
    const nlohmann::json asked = {
        {"kind", one["kind"]}, {"dataset", cars}, {"options", one["options"]}};
    CHECK(world.ask("POST", "/api/v1/charts", {.token = "acme-viewer", .body = asked.dump()})
              .status == 201);
  }
  const Reply constant =
      world.ask("POST", "/api/v1/datasets",
                {.token = "acme-operator", .file = AskedFile{"a\n1\n1\n", "constant.csv"}});
  const std::string path =
      "/api/v1/datasets/" + constant.body["id"].get<std::string>() + "/recommendations";
  CHECK(world.ask("GET", path, {.token = "acme-viewer"}).body["recommendations"].empty());
}

}  // namespace cauce::api

// A data set that its owner keeps for himself: nobody else of his company finds it on any way, but
// administrators; links to its charts stay as they are.
#include <doctest/doctest.h>

#include "api/installation_test.h"

namespace cauce::api {
namespace {

using Query = std::map<std::string, std::string>;

// What another operator of acme, who shares nothing with the first, may see of it.
struct Company {
  Installation world;
  std::string colleague;
  std::string set;
  nlohmann::json chart;

  Company() {
    const Reply made =
        world.ask("POST", "/api/v1/tokens",
                  {.token = "acme-owner", .body = R"({"title":"colleague","access":"operator"})"});
    REQUIRE(made.status == 201);
    colleague = made.body["token"];
    world.refresh();
    const AskedFile cars{"mpg,origin\n18,USA\n30,Japan\n25,USA\n"};
    set =
        world.ask("POST", "/api/v1/datasets", {.token = "acme-operator", .file = cars}).body["id"];
    chart = draw("acme-operator").body;
  }
  Reply draw(const std::string& token) {
    return world.ask(
        "POST", "/api/v1/charts",
        {.token = token,
         .body = R"({"kind":"histogram","options":{"x":"mpg"},"dataset":")" + set + R"("})"});
  }
  Reply share(const std::string& token, const std::string& sharing) {
    return world.ask("PATCH", "/api/v1/datasets/" + set,
                     {.token = token, .body = R"({"sharing":")" + sharing + R"("})"});
  }
  Reply get(const std::string& token, const std::string& path, Query query = {}) {
    return world.ask("GET", path, {.token = token, .query = std::move(query)});
  }
  // Each way to the data set, by what it answers.
  std::map<std::string, int> ways(const std::string& token) {
    const std::string path = "/api/v1/datasets/" + set;
    const std::string address = chart["urls"]["png"];
    const std::string pieces = R"({"bytes":9,"dataset":")" + set + R"("})";
    return {
        {"show", get(token, path).status},
        {"recommend", get(token, path + "/recommendations").status},
        {"charts", get(token, "/api/v1/charts", {{"dataset", set}}).status},
        {"draw", get(token, "/api/v1/charts/histogram", {{"dataset", set}, {"x", "mpg"}}).status},
        {"numbers", get(token, "/api/v1/charts/histogram",
                        {{"dataset", set}, {"x", "mpg"}, {"format", "json"}})
                        .status},
        {"address", get(token, address).status},
        {"pin", draw(token).status},
        {"columns", get(token, "/datacols").status},
        {"plot", get(token, "/barplot", {{"x", "origin"}, {"y", "mpg"}}).status},
        {"boxes", get(token, "/boxplot").status},
        {"rename",
         world.ask("PATCH", path, {.token = token, .body = R"({"name":"cars.csv"})"}).status},
        {"pieces", world.ask("POST", "/api/v1/uploads", {.token = token, .body = pieces}).status},
        {"in the list", int(get(token, "/api/v1/datasets").body["items"].size())},
        {"charts in the list",
         get(token, "/api/v1/charts").text.find(chart["id"]) == std::string::npos ? 0 : 1},
    };
  }
};

// As a browser without any token follows it.
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

TEST_CASE("a private data set is found on no way by a colleague, and on all by its owner") {
  Company company;
  const auto before = company.ways("acme-operator");
  CHECK(company.ways(company.colleague) == before);
  CHECK(company.get("acme-viewer", "/api/v1/datasets").body["items"][0]["sharing"] == "company");
  const Reply shared = company.share("acme-operator", "private");
  REQUIRE(shared.status == 200);
  CHECK(shared.body["sharing"] == "private");
  CHECK(company.ways("acme-operator") == before);
  CHECK(company.ways("acme-owner") == before);
  for (const auto& [way, status] : company.ways(company.colleague)) {
    CAPTURE(way);
    CHECK(status == (way.ends_with("list") ? 0 : 404));
  }
  const std::string path = "/api/v1/datasets/" + company.set;
  const AskedFile file{"mpg,origin\n1,USA\n"};
  CHECK(company.world.ask("POST", path + "/versions", {.token = company.colleague, .file = file})
            .status == 404);
  const std::string id = company.chart["id"];
  CHECK(company.world.ask("DELETE", "/api/v1/charts/" + id, {.token = company.colleague}).status ==
        404);
  CHECK(company.world.ask("DELETE", path, {.token = company.colleague}).status == 404);
  for (const auto& [way, status] : company.ways("rival-owner")) {
    CAPTURE(way);
    CHECK((status == 404 || status == 0));
  }
  // Whoever has a link keeps it.
  CHECK(follow(company.world, company.chart["links"]["svg"]) == 200);
  REQUIRE(company.share("acme-operator", "company").status == 200);
  CHECK(company.ways(company.colleague) == before);
}

TEST_CASE("only its owner or an administrator shares a data set") {
  Company company;
  CHECK(company.share(company.colleague, "private").status == 403);
  CHECK(company.share("acme-viewer", "private").status == 403);
  CHECK(company.share("acme-operator", "everybody").status == 400);
  CHECK(company.share("rival-owner", "private").status == 404);
  CHECK(company.share("acme-owner", "private").status == 200);
  CHECK(company.share(company.colleague, "company").status == 404);
  CHECK(company.share("acme-owner", "company").status == 200);
  CHECK(company.get(company.colleague, "/api/v1/datasets/" + company.set).status == 200);
}

}  // namespace cauce::api

#include <doctest/doctest.h>

#include <fstream>

#include "api/data_desk.h"
#include "api/installation_test.h"

namespace cauce::api {
namespace {

const std::string cars = "mpg,origin\n18,USA\n15,USA\n30,Japan\n";

Reply upload(Installation& world, const AskedFile& file,
             std::map<std::string, std::string> query = {},
             const std::string& path = "/api/v1/datasets") {
  return world.ask("POST", path,
                   {.token = "acme-operator", .query = std::move(query), .file = file});
}

Reply read(Installation& world, const std::string& path,
           std::map<std::string, std::string> query = {}) {
  return world.ask("GET", path, {.token = "acme-viewer", .query = std::move(query)});
}

}  // namespace

TEST_CASE("an uploaded file becomes a data set with typed columns") {
  Installation world;
  const Reply made = upload(world, {cars});
  REQUIRE(made.status == 201);
  const std::string id = made.body["id"];
  CHECK(made.headers.at("Location") == "/api/v1/datasets/" + id);
  CHECK(made.body["name"] == "cars.csv");
  CHECK(made.body["owner"] == "acme-operator");
  CHECK(made.body["rows"] == 3);
  CHECK(made.body["version"] == 1);
  CHECK(made.body["bytes"] == cars.size());
  CHECK(made.body["expires_at"].is_null());
  REQUIRE(made.body["columns"].size() == 2);
  CHECK(made.body["columns"][0]["name"] == "mpg");
  CHECK(made.body["columns"][0]["type"] == "number");
  CHECK(made.body["columns"][1]["type"] == "text");
  const Reply shown = read(world, "/api/v1/datasets/" + id);
  CHECK(shown.body == made.body);
  CHECK(read(world, "/api/v1/datasets").body["items"][0]["id"] == id);
}

TEST_CASE("what the reader decided is told in both languages") {
  Installation world;
  std::string codes = "zip,v\n02134,1\n";
  for (int row = 0; row < 200; ++row)
    codes += std::to_string(70'000 + row) + ",2\n";
  const Reply made = upload(world, {codes});
  REQUIRE(made.status == 201);
  REQUIRE(made.body["notes"].size() == 1);
  CHECK(made.body["notes"][0]["en"] ==
        "column zip is text: 1 of its cells has leading zeros, as codes have");
  CHECK(made.body["notes"][0]["es"] ==
        "la columna zip es texto: 1 de sus celdas empieza con ceros, como los códigos");
  CHECK(read(world, "/api/v1/datasets/" + made.body["id"].get<std::string>()).body == made.body);
}

TEST_CASE("uploading to a data set makes the next version of it") {
  Installation world;
  const std::string id = upload(world, {cars}).body["id"];
  const Reply made =
      upload(world, {"mpg\n1\n", "new.csv"}, {}, "/api/v1/datasets/" + id + "/versions");
  REQUIRE(made.status == 201);
  CHECK(made.body["id"] == id);
  CHECK(made.body["version"] == 2);
  CHECK(made.body["versions"].size() == 2);
  CHECK(made.body["columns"].size() == 1);
  CHECK(made.body["versions"][0]["sha256"] != made.body["versions"][1]["sha256"]);
}

TEST_CASE("a data set is named by the query, by the form or by its file") {
  Installation world;
  CHECK(upload(world, {cars}, {{"name", "Cars"}}).body["name"] == "Cars");
  CHECK(upload(world, {cars, "x.csv", {{"name", "Coches ñ"}}}).body["name"] == "Coches ñ");
  CHECK(upload(world, {cars, "C:\\data\\x\n.csv"}).body["name"] == "x.csv");
  CHECK(upload(world, {cars, ""}).body["name"] == "data");
  CHECK(upload(world, {cars, std::string(300, 'n')}).body["name"] == std::string(200, 'n'));
  CHECK(upload(world, {cars}, {{"name", std::string(201, 'n')}}).status == 400);
}

TEST_CASE("a file that is no table is refused by line, column and value, and leaves nothing") {
  Installation world;
  const Reply refused = upload(world, {"a,b\n1,2\n1,2,3\n"});
  CHECK(refused.status == 422);
  CHECK(refused.headers.at("Content-Type") == "application/problem+json");
  CHECK(refused.body["errors"].is_array());
  CHECK(refused.body["error_count"].is_number());
  CHECK(refused.body["detail"].get<std::string>().find("3") != std::string::npos);
  CHECK(upload(world, {""}).status == 422);
  CHECK(read(world, "/api/v1/datasets").body["items"].empty());
  CHECK(world.objects->list("datasets/")->empty());
  CHECK(world.ask("POST", "/api/v1/datasets", {.token = "acme-operator"}).status == 400);
}

TEST_CASE("a data set is renamed, expires and is removed") {
  Installation world;
  const std::string path =
      "/api/v1/datasets/" + upload(world, {cars}).body["id"].get<std::string>();
  const auto change = [&](const std::string& body) {
    return world.ask("PATCH", path, {.token = "acme-operator", .body = body});
  };
  CHECK(change(R"({"name":"Coches"})").body["name"] == "Coches");
  CHECK(change(R"({"expires_at":"2027-01-15T09:00:00Z"})").body["expires_at"] ==
        "2027-01-15T09:00:00Z");
  CHECK(change(R"({"expires_at":"2027-01-15T07:00:00Z"})").status == 400);
  CHECK(change(R"({"colour":"red"})").status == 400);
  world.pass(std::chrono::minutes{59});
  CHECK(read(world, path).status == 200);
  world.pass(std::chrono::minutes{2});
  CHECK(read(world, path).status == 404);
  CHECK(world.objects->list("datasets/")->empty());

  const std::string other =
      "/api/v1/datasets/" + upload(world, {cars}).body["id"].get<std::string>();
  CHECK(world.ask("DELETE", other, {.token = "acme-viewer"}).status == 403);
  CHECK(world.ask("DELETE", other, {.token = "acme-operator"}).status == 204);
  CHECK(read(world, other).status == 404);
}

TEST_CASE("who repeats an upload with its key gets the same data set") {
  Installation world;
  const auto again = [&](const std::string& content) {
    return world.ask("POST", "/api/v1/datasets",
                     {.token = "acme-operator",
                      .headers = {{"idempotency-key", "k1"}},
                      .file = AskedFile{content}});
  };
  const Reply first = again(cars);
  CHECK(again(cars).body == first.body);
  CHECK(again(cars + "1,2\n").status == 422);
  CHECK(read(world, "/api/v1/datasets").body["items"].size() == 1);
}

TEST_CASE("an upload in pieces tells its offset and becomes a data set with its last byte") {
  Installation world;
  const auto begin = [&](const std::string& body) {
    return world.ask("POST", "/api/v1/uploads", {.token = "acme-operator", .body = body});
  };
  const Reply begun = begin(R"({"bytes":)" + std::to_string(cars.size()) +
                            R"(,"file_name":"cars.csv","name":"Cars"})");
  REQUIRE(begun.status == 201);
  CHECK(begun.body["offset"] == 0);
  const std::string path = "/api/v1/uploads/" + begun.body["id"].get<std::string>();
  CHECK(begun.headers.at("Location") == path);
  // What net::Spooling does with each piece.
  const auto upload = must(world.data->uploads().find("acme", begun.body["id"].get<std::string>()));
  const auto put = [&](const std::string& piece) {
    std::ofstream(world.data->uploads().file(upload), std::ios::app) << piece;
    return world.ask("PUT", path, {.token = "acme-operator"});
  };
  CHECK(put(cars.substr(0, 10)).body["offset"] == 10);
  CHECK(world.ask("GET", path, {.token = "acme-operator"}).body["offset"] == 10);
  const Reply made = put(cars.substr(10));
  REQUIRE(made.status == 201);
  CHECK(made.body["name"] == "Cars");
  CHECK(made.body["rows"] == 3);
  CHECK(world.ask("GET", path, {.token = "acme-operator"}).status == 404);

  for (const char* wrong :
       {R"({})", R"({"bytes":0})", R"({"bytes":1.5})", R"({"bytes":1e30})",
        R"({"bytes":1,"name":""})", R"({"bytes":1,"expires_at":"yesterday"})"}) {
    CAPTURE(wrong);
    CHECK(begin(wrong).status == 400);
  }
}

TEST_CASE("an upload is judged by its head: token, company, room and offset") {
  Installation world;
  const auto place = [&](const std::string& method, const std::string& path,
                         const std::string& token, std::map<std::string, std::string> query = {},
                         const std::string& range = "") {
    net::Request head;
    head.method = method;
    head.path = path;
    head.query = std::move(query);
    if (!token.empty()) head.headers["authorization"] = "Bearer " + token;
    if (!range.empty()) head.headers["content-range"] = range;
    const net::Spooling spooling = world.api->spooling();
    REQUIRE(spooling.wants(head));
    auto placed = std::make_shared<std::variant<net::BodyTarget, net::Response>>();
    spooling.decide(head, [placed](auto answer) { *placed = std::move(answer); });
    world.work();
    return *placed;
  };
  const auto status = [](const std::variant<net::BodyTarget, net::Response>& placed) {
    const auto* response = std::get_if<net::Response>(&placed);
    return response == nullptr ? 200 : response->status;
  };
  const std::string sets = "/api/v1/datasets";
  CHECK(status(place("POST", sets, "acme-operator")) == 200);
  CHECK(status(place("POST", sets, "")) == 401);
  CHECK(status(place("POST", sets, "nonsense")) == 401);
  CHECK(status(place("POST", sets, "acme-viewer")) == 403);
  CHECK(status(place("POST", sets, "rival-owner", {{"company", "acme"}})) == 404);
  CHECK(status(place("POST", sets, "acme-operator", {{"colour", "red"}})) == 400);
  CHECK(status(place("POST", sets + "/" + std::string(32, '0') + "/versions", "acme-operator")) ==
        404);
  CHECK(status(place("POST", "/dataload", "acme-operator")) == 200);

  const Reply begun =
      world.ask("POST", "/api/v1/uploads", {.token = "acme-operator", .body = R"({"bytes":10})"});
  const std::string path = "/api/v1/uploads/" + begun.body["id"].get<std::string>();
  const auto placed = place("PUT", path, "acme-operator", {{"offset", "0"}});
  REQUIRE(status(placed) == 200);
  CHECK(std::get<net::BodyTarget>(placed).bytes_max == 10);
  CHECK(std::get<net::BodyTarget>(placed).continue_at == 0);
  CHECK(status(place("PUT", path, "acme-operator", {}, "bytes 0-4/10")) == 200);
  CHECK(status(place("PUT", path, "acme-operator", {}, "bytes 5-9/10")) == 409);
  CHECK(status(place("PUT", path, "acme-operator", {{"offset", "1"}})) == 409);
  CHECK(status(place("PUT", path, "acme-operator", {{"offset", "x"}})) == 400);
  CHECK(status(place("PUT", path, "acme-operator")) == 400);

  net::Request other;
  other.method = "POST";
  other.path = "/api/v1/charts";
  CHECK_FALSE(world.api->spooling().wants(other));
}

}  // namespace cauce::api

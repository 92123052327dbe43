#include <doctest/doctest.h>

#include "api/installation_test.h"

namespace cauce::api {
namespace {

constexpr const char* path = "/api/v1/reports/daily-site-summary";

Reply read(Installation& world, std::map<std::string, std::string> query = {},
           std::map<std::string, std::string> headers = {}) {
  return world.ask("GET", path,
                   {.token = "acme-viewer", .query = std::move(query), .headers = headers});
}

}  // namespace

TEST_CASE("a report is answered as JSON") {
  Installation world;
  world.fill_warehouse();
  const Reply reply = read(world, {{"site", "plant"}, {"from", "2027-01-15"}});
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("Content-Type") == "application/json");
  REQUIRE(reply.body["items"].size() == 1);
  const auto item = reply.body["items"][0];
  CHECK(item["site"] == "plant");
  CHECK(item["day"] == "2027-01-15");
  CHECK(item["time_zone"] == "Europe/Madrid");
  CHECK(item["facts"] == 1);
  CHECK(item["p95"] == 21.5);
  CHECK(reply.body["next"].is_null());
}

TEST_CASE("a report is CSV when the parameter or the header says so, and the parameter wins") {
  Installation world;
  world.fill_warehouse();
  const std::string header = "company,site,day,time_zone,metric,unit,devices,facts,min,mean,p50,";
  for (const Reply& reply :
       {read(world, {{"format", "csv"}}), read(world, {}, {{"accept", "text/csv"}})}) {
    CHECK(reply.status == 200);
    CHECK(reply.headers.at("Content-Type").starts_with("text/csv"));
    CHECK(reply.text.starts_with(header));
    CHECK(reply.text.find("acme,plant,2027-01-15,Europe/Madrid,temperature,Cel,1,1,21.5,") !=
          std::string::npos);
  }
  CHECK(read(world, {{"format", "json"}}, {{"accept", "text/csv"}}).body["items"].size() == 1);
}

TEST_CASE("what is no day, no format and no site of the company is refused") {
  Installation world;
  CHECK(read(world, {{"from", "yesterday"}}).status == 400);
  CHECK(read(world, {{"to", "2027-02-30"}}).status == 400);
  CHECK(read(world, {{"from", "2027-01-16"}, {"to", "2027-01-15"}}).status == 400);
  CHECK(read(world, {{"format", "xml"}}).status == 400);
  CHECK(read(world, {{"site", "none"}}).status == 404);
}

TEST_CASE("a report that takes long holds up no other call, and only so many wait") {
  Installation world;
  world.fill_warehouse();
  world.hold_reports = true;
  std::vector<std::shared_ptr<Reply>> waiting;
  for (std::size_t count = 0; count < ReportDeskOptions{}.reports_waiting_max; ++count) {
    waiting.push_back(std::make_shared<Reply>());
    world.send("GET", path, {.token = "acme-viewer"}, waiting.back());
    world.work();
    CHECK(waiting.back()->status == 0);
  }
  const Reply refused = read(world);
  CHECK(refused.status == 503);
  CHECK(refused.headers.at("Retry-After") == "1");
  CHECK(world.ask("GET", "/api/v1/devices", {.token = "acme-viewer"}).status == 200);
  world.hold_reports = false;
  world.work();
  for (const auto& reply : waiting) {
    CHECK(reply->status == 200);
  }
}

}  // namespace cauce::api

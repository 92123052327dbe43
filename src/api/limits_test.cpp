#include <doctest/doctest.h>

#include "api/installation_test.h"

namespace cauce::api {
namespace {

constexpr const char* pump = "/api/v1/devices/pump-1";
constexpr const char* acme = "/api/v1/companies/acme";

nlohmann::json limits_with(const std::string& name, int value) {
  nlohmann::json limits{{"messages_per_second", nullptr},
                        {"bytes_per_second", nullptr},
                        {"connections", nullptr},
                        {"in_flight", nullptr},
                        {"payload_bytes", nullptr}};
  if (!name.empty()) limits[name] = value;
  return limits;
}

}  // namespace

TEST_CASE_FIXTURE(Installation, "a device's limits are set and taken away one by one, or all") {
  CHECK(ask("GET", pump, {.token = "acme-viewer"}).body["limits"] == limits_with("", 0));
  const auto change = [&](const std::string& limits) {
    return ask("PATCH", pump, {.token = "acme-owner", .body = R"({"limits":)" + limits + "}"});
  };
  CHECK(change(R"({"in_flight":9,"connections":1})").status == 200);
  CHECK(change(R"({"connections":null})").body["limits"] == limits_with("in_flight", 9));
  CHECK(ask("GET", pump, {.token = "acme-viewer"}).body["limits"] == limits_with("in_flight", 9));
  // What has nothing to do with them leaves them.
  CHECK(ask("PATCH", pump, {.token = "acme-owner", .body = R"({"area":"x"})"}).body["limits"] ==
        limits_with("in_flight", 9));
  CHECK(change("null").body["limits"] == limits_with("", 0));
  const Reply over = change(R"({"payload_bytes":1048577})");
  CHECK(over.status == 400);
  CHECK(over.body["detail"] ==
        "\"limits.payload_bytes\" must be an integer from 1 to 1048576, or null.");
  CHECK(change(R"({"weather":1})").status == 400);
}

TEST_CASE_FIXTURE(Installation, "limits of devices are an owner's to set") {
  const std::string body = R"({"name":"m","limits":{"in_flight":9}})";
  const std::string limits = R"({"limits":{"in_flight":9}})";
  CHECK(ask("PATCH", pump, {.token = "acme-operator", .body = limits}).status == 403);
  CHECK(ask("PATCH", pump, {.token = "acme-operator", .body = R"({"limits":null})"}).status == 403);
  CHECK(ask("POST", "/api/v1/devices", {.token = "acme-operator", .body = body}).status == 403);
  CHECK(ask("GET", "/api/v1/devices/m", {.token = "acme-viewer"}).status == 404);
  CHECK(ask("POST", "/api/v1/devices", {.token = "acme-owner", .body = body}).status == 201);
  CHECK(ask("GET", "/api/v1/devices/m", {.token = "acme-viewer"}).body["limits"] ==
        limits_with("in_flight", 9));
}

TEST_CASE_FIXTURE(Installation, "limits of a company are the installation's owner's to set") {
  const std::string limits = R"({"limits":{"messages_per_second":100000000}})";
  for (const char* token : {"acme-viewer", "acme-operator", "acme-owner"}) {
    CAPTURE(token);
    CHECK(ask("PATCH", acme, {.token = token, .body = limits}).status == 403);
  }
  const Reply changed = ask("PATCH", acme, {.token = "all-owner", .body = limits});
  CHECK(changed.status == 200);
  CHECK(changed.body["limits"] == limits_with("messages_per_second", 100'000'000));
  // A company sees its own.
  const auto seen = ask("GET", "/api/v1/companies", {.token = "acme-viewer"}).body["items"];
  CHECK(seen[0]["limits"] == limits_with("messages_per_second", 100'000'000));
  const Reply made =
      ask("POST", "/api/v1/companies",
          {.token = "all-owner", .body = R"({"name":"zeta","limits":{"connections":2}})"});
  CHECK(made.body["limits"] == limits_with("connections", 2));
}

}  // namespace cauce::api

#include <doctest/doctest.h>

#include "api/installation_test.h"

namespace cauce::api {
namespace {

Reply create(Installation& world, const std::string& body) {
  return world.ask("POST", "/api/v1/device-types", {.token = "acme-operator", .body = body});
}

}  // namespace

TEST_CASE("a device type declares format, encryption and metrics, and shows what it declared") {
  Installation world;
  const Reply made = create(
      world, R"({"name":"lists","format":"senml","encryption":"aes256gcm","metrics":[)"
             R"({"source":"t","metric":"temperature","unit":"Cel","scale":0.1,"offset":-40},)"
             R"({"source":"h"}]})");
  REQUIRE(made.status == 201);
  CHECK(made.body["format"] == "senml");
  CHECK(made.body["encryption"] == "aes256gcm");
  CHECK(made.body["metrics"][0] == nlohmann::json{{"source", "t"},
                                                  {"metric", "temperature"},
                                                  {"unit", "Cel"},
                                                  {"scale", 0.1},
                                                  {"offset", -40.0}});
  CHECK(made.body["metrics"][1] ==
        nlohmann::json{
            {"source", "h"}, {"metric", "h"}, {"unit", ""}, {"scale", 1.0}, {"offset", 0.0}});
  const Reply listed = world.ask("GET", "/api/v1/device-types", {.token = "acme-viewer"});
  CHECK(listed.body["items"][0] == made.body);
}

TEST_CASE("what is wrong in a device type is named") {
  Installation world;
  struct Case {
    const char* members;
    const char* detail;
  };
  for (const Case& wrong : {
           Case{R"("format":"cbor")", R"("format" must be "json" or "senml".)"},
           Case{R"("encryption":"rot13")", R"("encryption" must be "none" or "aes256gcm".)"},
           Case{R"("metrics":[{"metric":"x"}])", R"("metrics[0].source" is missing.)"},
           Case{R"("metrics":[{"source":"a","colour":1}])", R"("metrics[0].colour" is not known)"},
           Case{R"("metrics":[{"source":"a","scale":"1"}])",
                R"("metrics[0].scale" must be a numb)"},
           Case{R"("metrics":[{"source":"a","scale":0}])", "device type: scale must not be 0"},
           Case{R"("metrics":[{"source":"a b"}])", "device type: source of a metric must be 1 to"},
           Case{R"("metrics":[{"source":"a"},{"source":"a","metric":"b"}])",
                "device type: two metrics have the same source \"a\""},
           Case{R"("metrics":[{"source":"a"},{"source":"b","metric":"a"}])",
                "device type: two sources become the same metric \"a\""},
           Case{R"("metrics":{})", R"("metrics" must be an array of at most 256 objects.)"},
       }) {
    CAPTURE(wrong.members);
    const Reply refused = create(world, R"({"name":"x",)" + std::string(wrong.members) + "}");
    CHECK(refused.status == 400);
    const std::string detail = refused.body["detail"];
    CAPTURE(detail);
    CHECK(detail.starts_with(wrong.detail));
  }
}

}  // namespace cauce::api

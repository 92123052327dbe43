#include "business/normalise.h"

#include <doctest/doctest.h>

namespace cauce::business {
namespace {

const DeviceType type{"acme",
                      "thermometer",
                      Format::json,
                      Encryption::none,
                      {{"t", "temperature", "Cel", 0.1, -40}, {"door", "door/open", "1"}}};

record::Reading reading(std::string metric, record::Value value) {
  record::Reading made;
  made.company = "acme";
  made.device = "mote-1";
  made.metric = std::move(metric);
  made.value = std::move(value);
  made.unit = "raw";
  return made;
}

}  // namespace

TEST_CASE("a mapped number is scaled, moved and named") {
  const auto normalised = normalise(reading("t", 615.0), &type);
  REQUIRE(normalised);
  CHECK(normalised->metric == "temperature");
  CHECK(normalised->unit == "Cel");
  CHECK(std::get<double>(normalised->value) == doctest::Approx(21.5));
}

TEST_CASE("a mapped truth value or text keeps its value") {
  CHECK(*normalise(reading("door", true), &type) == Normalised{"door/open", true, "1"});
  CHECK(*normalise(reading("t", std::string("broken")), &type) ==
        Normalised{"temperature", std::string("broken"), "Cel"});
}

TEST_CASE("what is not mapped stays as it is") {
  const Normalised kept{"humidity", 40.0, "raw"};
  CHECK(*normalise(reading("humidity", 40.0), &type) == kept);
  CHECK(*normalise(reading("humidity", 40.0), nullptr) == kept);
  // A source is not found under the name it becomes.
  CHECK(normalise(reading("temperature", 40.0), &type)->value == record::Value{40.0});
}

TEST_CASE("a number that the scale makes infinite is invalid") {
  DeviceType steep = type;
  steep.metrics[0].scale = 1e300;
  const auto refused = normalise(reading("t", 1e300), &steep);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().outcome == Outcome::invalid);
  CHECK(refused.error().message.find("mote-1") != std::string::npos);
}

}  // namespace cauce::business

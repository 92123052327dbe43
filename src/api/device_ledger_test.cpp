// What GET /devices/{device}/ledger says of what the ledger holds.
#include <doctest/doctest.h>

#include "api/installation_test.h"
#include "ledger/ledger.h"

namespace cauce::api {
namespace {

using std::chrono::seconds;

struct World : Installation {
  std::unique_ptr<ledger::Ledger> writer =
      must(ledger::Ledger::open(folder.path, stream::Partition{0}, clock));
  std::uint64_t position = 0;

  void arrives(const std::string& company, ledger::Arrival arrival) {
    clock.advance(seconds{1});
    arrival.received_at = clock.now();
    must(writer->enter({position++}, company, "pump-1", arrival));
    must(writer->keep());
  }
  void arrives(std::uint64_t number) {
    ledger::Arrival arrival;
    arrival.payload_bytes = 100;
    arrival.readings = 2;
    arrival.sequence = "seq";
    arrival.numbers = {number};
    arrival.measured_at = clock.now();
    arrival.is_one_of_a_kind = true;
    arrival.mark = number;
    arrives("acme", arrival);
  }
  nlohmann::json shown() {
    const Reply reply = ask("GET", "/api/v1/devices/pump-1/ledger", {.token = "acme-viewer"});
    CHECK(reply.status == 200);
    return reply.body;
  }
};

}  // namespace

TEST_CASE_FIXTURE(World, "of a device that sent nothing the ledger says so") {
  const auto none = shown();
  CHECK(none["findings"][0]["code"] == "never_seen");
  CHECK(none["as_of"].is_null());
  CHECK(none["last_seen"].is_null());
  CHECK(none["silence"].is_null());
  CHECK(none["clock"].is_null());
  CHECK(none["sequence"].is_null());
  CHECK(none["total"]["messages"] == 0);
  CHECK(none["days"].empty());
}

TEST_CASE_FIXTURE(World, "a device is seen when its message arrives, whatever its own clock says") {
  const auto seen = [this] {
    const Reply device = ask("GET", "/api/v1/devices/pump-1", {.token = "acme-viewer"});
    const Reply overview = ask("GET", "/api/v1/overview", {.token = "acme-viewer"});
    CHECK(device.status == 200);
    bool is_silent = false;
    for (const auto& silent : overview.body["silent"])
      is_silent = is_silent || silent["device"] == "pump-1";
    return std::pair{device.body["last_seen"], is_silent};
  };
  ledger::Arrival late;
  late.readings = 1;
  late.measured_at = clock.now() - std::chrono::hours{2};
  arrives("acme", late);
  CHECK(seen() == std::pair{nlohmann::json(format_time(clock.now())), false});
  const Time arrived_at = clock.now();
  pass(std::chrono::minutes{16});
  CHECK(seen() == std::pair{nlohmann::json(format_time(arrived_at)), true});
}

TEST_CASE_FIXTURE(World, "what arrived is told, and what cannot be known is null") {
  ledger::Arrival plain;
  plain.readings = 1;
  arrives("acme", plain);
  const auto unknown = shown()["total"];
  CHECK(unknown["messages"] == 1);
  CHECK(unknown["missing"].is_null());
  CHECK(unknown["duplicates"].is_null());
  for (const std::uint64_t number : {1, 2, 5, 5, 9, 7})
    arrives(number);
  const auto known = shown();
  CHECK(known["total"]["messages"] == 7);
  CHECK(known["total"]["payload_bytes"] == 600);
  CHECK(known["total"]["missing"] == 5);
  CHECK(known["total"]["late"] == 1);
  CHECK(known["total"]["duplicates"] == 1);
  CHECK(known["clock"]["last_seconds"] == 1);
  CHECK(known["silence"]["typical_seconds"] == 1);
  CHECK(known["silence"]["now_seconds"] == 0);
  CHECK(known["sequence"]["last"] == 9);
  REQUIRE(known["sequence"]["gaps"].size() == 3);
  CHECK(known["sequence"]["gaps"][0]["from"] == 3);
  CHECK(known["sequence"]["gaps"][0]["count"] == 2);
  CHECK(known["hours"].size() == 1);
  CHECK(known["days"][0]["messages"] == 7);
  CHECK(known["days"][0]["start"] == "2027-01-15T00:00:00Z");
  CHECK(known["findings"][0]["code"] == "missing");
  CHECK(known["last_seen"] == format_time(clock.now()));
}

TEST_CASE_FIXTURE(World, "a device of the same name in another company has a ledger of its own") {
  arrives("rival", {});
  CHECK(shown()["total"]["messages"] == 0);
}

TEST_CASE_FIXTURE(World, "the value that counts is named when a type is made, or later") {
  const auto operate = [this](const std::string& method, const std::string& path,
                              const std::string& body) {
    return ask(method, path, {.token = "acme-operator", .body = body});
  };
  const Reply made =
      operate("POST", "/api/v1/device-types", R"({"name":"counting","sequence":"seq"})");
  CHECK(made.status == 201);
  CHECK(made.body["sequence"] == "seq");
  CHECK(operate("POST", "/api/v1/device-types", R"({"name":"x","sequence":"no name"})").status ==
        400);
  const std::string path = "/api/v1/device-types/motor";
  const Reply changed = operate("PATCH", path, R"({"sequence":"n"})");
  CHECK(changed.status == 200);
  CHECK(changed.body["sequence"] == "n");
  CHECK(changed.body["metrics"].size() == 1);
  CHECK(operate("PATCH", path, R"({"sequence":"no name"})").status == 400);
  CHECK(operate("PATCH", path, R"({"format":"senml"})").status == 400);
  CHECK(operate("PATCH", "/api/v1/device-types/none", R"({"sequence":"n"})").status == 404);
  CHECK(ask("PATCH", path,
            {.token = "acme-operator",
             .body = R"({"sequence":"m"})",
             .headers = {{"if-match", "\"0\""}}})
            .status == 412);
  refresh();
  CHECK(registry->device_type("acme", "motor")->sequence == "n");
  CHECK(operate("PATCH", path, R"({"sequence":""})").status == 200);
}

}  // namespace cauce::api

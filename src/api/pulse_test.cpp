#include "api/pulse.h"

#include <doctest/doctest.h>

#include "api/installation_test.h"
#include "metrics/metrics.h"

namespace cauce::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Bytes message() {
  record::Message message;
  message.company = "acme";
  message.device = "pump-1";
  message.topic = record::telemetry_topic("pump-1");
  message.received_at = Installation::start;
  return record::encode(message);
}
Bytes tick() {
  return record::encode(record::Tick{Installation::start});
}

std::vector<std::string> problems_of(Installation& world) {
  return world.ask("GET", "/healthz").body["problems"];
}

// One second in which the gateway writes.
void live(Installation& world) {
  world.receive({tick()});
  world.pass(seconds{1});
}

Reply overview(Installation& world) {
  return world.ask("GET", "/api/v1/overview",
                   {.token = "all-owner", .query = {{"company", "acme"}}});
}

}  // namespace

TEST_CASE("health is ok while the gateway writes and nothing lags") {
  Installation world;
  for (int second = 0; second < 10; ++second) {
    live(world);
  }
  const Reply reply = world.ask("GET", "/healthz");
  CHECK(reply.status == 200);
  CHECK(reply.body["status"] == "ok");
  CHECK(reply.body["open"] == false);
  CHECK(reply.body["problems"].empty());
}

TEST_CASE("health says that the gateway is open") {
  Options options;
  options.open = true;
  Installation world(options);
  live(world);
  CHECK(world.ask("GET", "/healthz").body["open"] == true);
}

TEST_CASE("before the first look health is not ok") {
  Installation world;
  auto reply = std::make_shared<Reply>();
  world.send("GET", "/healthz", {}, reply);
  CHECK(reply->status == 503);
  CHECK(reply->body["problems"] == nlohmann::json{"Starting: nothing was measured yet."});
}

TEST_CASE("a disk whose syncs take long is a problem as long as they do, in words and numbers") {
  Installation world;
  const auto sync = [&world](int count, int milliseconds_each) {
    static metrics::Metrics metrics;
    const auto syncs = metrics.histograms("cauce_stream_sync_seconds", "", {"topic"}).at({"raw"});
    syncs.observe(milliseconds{milliseconds_each}, std::uint64_t(count));
    world.platform.metrics_now = {{"gateway", true, metrics.text()}};
    live(world);
  };
  sync(100, 2);
  sync(100, 2);
  CHECK(problems_of(world).empty());
  for (int second = 0; second < 15; ++second) {
    sync(4, 201);
  }
  REQUIRE(problems_of(world).size() == 1);
  CHECK(problems_of(world)[0].starts_with("The disk is slow: it took 201 ms"));
  for (int second = 0; second < 5; ++second) {
    sync(4, 99);
  }
  CHECK(problems_of(world).size() == 1);
  for (int second = 0; second < 6; ++second) {
    sync(4, 99);
  }
  CHECK(problems_of(world).empty());
}

TEST_CASE("a gateway that writes nothing is a problem after five seconds, not before") {
  Installation world;
  live(world);
  for (int second = 0; second < 5; ++second) {
    world.pass(seconds{1});
  }
  CHECK(problems_of(world).empty());
  world.pass(seconds{1});
  REQUIRE(problems_of(world).size() == 1);
  CHECK(problems_of(world)[0].starts_with("The gateway has written nothing for 6 s"));
  CHECK(world.ask("GET", "/healthz").status == 503);
  live(world);
  CHECK(problems_of(world).empty());
}

TEST_CASE("a process that does not run is named with how it ended") {
  Installation world;
  world.platform.processes_now = {
      {"gateway", "running", 0, "", Installation::start},
      {"flow", "restarting", 3, "killed by signal 9", Installation::start}};
  live(world);
  CHECK(problems_of(world) ==
        std::vector<std::string>{"The process flow is restarting: killed by signal 9."});
  const auto shown = overview(world).body["health"]["problems"];
  REQUIRE(shown.size() == 1);
  CHECK(shown[0]["en"] == "The process flow is restarting: killed by signal 9.");
  CHECK(shown[0]["es"] == "El proceso flow está reiniciándose: terminado por la señal 9.");
}

TEST_CASE("a group is behind beyond the limit, not at it") {
  Installation world;
  world.platform.groups_now = {{"lake", "raw", 12, minutes{5}}};
  live(world);
  CHECK(problems_of(world).empty());
  world.platform.groups_now[0].oldest_age += milliseconds{1};
  live(world);
  REQUIRE(problems_of(world).size() == 1);
  CHECK(problems_of(world)[0].starts_with("lake is behind: the oldest of 12 unprocessed records"));
}

TEST_CASE("the disk is a problem below 15 %, and another below 5 %") {
  Installation world;
  const auto with_free = [&](std::uint64_t free) {
    world.platform.disk_now = {free, 1000};
    live(world);
    return problems_of(world);
  };
  CHECK(with_free(150).empty());
  REQUIRE(with_free(149).size() == 1);
  CHECK(with_free(149)[0].starts_with("The disk has 14.9 % left, below 15 %"));
  CHECK(with_free(50)[0].find("below 15 %") != std::string::npos);
  REQUIRE(with_free(49).size() == 1);
  CHECK(with_free(49)[0].find("the gateway refuses") != std::string::npos);
}

TEST_CASE("what cannot be measured is said, without telling strangers why") {
  Installation world;
  world.platform.fault = Error{Outcome::unavailable, "cannot read /secret/place"};
  live(world);
  CHECK(problems_of(world) ==
        std::vector<std::string>{"Cannot measure the disk: the log says why.",
                                 "Cannot read the states of the processes: the log says why.",
                                 "Cannot measure how far the groups are: the log says why.",
                                 "Cannot read what the processes count: the log says why."});
  CHECK(world.ask("GET", "/healthz").text.find("secret") == std::string::npos);
}

TEST_CASE("health is answered from memory while the worker hangs, and says that it hangs") {
  Installation world;
  live(world);
  world.clock.advance(seconds{6});
  auto reply = std::make_shared<Reply>();
  world.send("GET", "/healthz", {}, reply);  // the worker does not run
  CHECK(reply->status == 503);
  CHECK(reply->body["problems"][0].get<std::string>().starts_with(
      "The api has not looked at the installation for 6 s"));
}

TEST_CASE("messages per second are counted once a second, without ticks") {
  Installation world;
  live(world);
  world.receive({message(), message(), tick(), message()});
  world.pass(seconds{1});
  CHECK(overview(world).body["installation"]["messages_per_second"] == 3.0);
  world.receive({tick()});
  world.pass(seconds{1});
  CHECK(overview(world).body["installation"]["messages_per_second"] == 0.0);
  world.receive(std::vector<Bytes>(100, message()));
  world.pass(seconds{2});
  CHECK(overview(world).body["installation"]["messages_per_second"] == 50.0);
  world.pass(milliseconds{999});
  const auto before = overview(world).body["installation"]["messages_per_second_history"];
  CHECK(before == nlohmann::json{3.0, 0.0, 50.0});
}

TEST_CASE("the history of messages per second is bounded") {
  Installation world;
  for (std::size_t second = 0; second < Pulse::rates_max + 10; ++second) {
    live(world);
  }
  CHECK(overview(world).body["installation"]["messages_per_second_history"].size() ==
        Pulse::rates_max);
}

TEST_CASE("a device is silent after the limit; one that never sent is listed as well") {
  Installation world;
  must(world.ask("POST", "/api/v1/devices",
                 {.token = "acme-operator", .body = R"({"name":"new-1"})"})
                   .status == 201
           ? Result<void>{}
           : Error{Outcome::invalid, "not created"});
  const auto silent = [&] { return overview(world).body["silent"]; };
  // The newest value is of second 9.
  world.pass(minutes{15} + seconds{9});
  REQUIRE(silent().size() == 1);
  CHECK(silent()[0]["device"] == "new-1");
  CHECK(silent()[0]["last_seen"].is_null());
  world.pass(Duration{1});
  REQUIRE(silent().size() == 2);
  CHECK(silent()[1]["device"] == "pump-1");
  CHECK(silent()[1]["last_seen"] == "2027-01-15T08:00:09Z");
}

}  // namespace cauce::api

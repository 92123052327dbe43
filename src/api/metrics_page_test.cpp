#include "api/metrics_page.h"

#include <doctest/doctest.h>

#include "api/installation_test.h"

namespace cauce::api {
namespace {

Options open_on_loopback() {
  Options options;
  options.metrics_open = true;
  return options;
}

}  // namespace

TEST_CASE("metrics need the owner of the installation, unless only this machine can ask") {
  Installation guarded;
  CHECK(guarded.ask("GET", "/metrics").status == 401);
  for (const char* token : {"acme-owner", "all-viewer"}) {
    CHECK(guarded.ask("GET", "/metrics", {.token = token}).status == 403);
  }
  CHECK(guarded.ask("GET", "/metrics", {.token = "all-owner"}).status == 200);

  Installation open(open_on_loopback());
  CHECK(open.ask("GET", "/metrics").status == 200);
  CHECK(open.ask("POST", "/metrics").status == 405);
  // A proxy on this machine asks for anybody.
  for (const char* header : {"forwarded", "x-forwarded-for"}) {
    CHECK(open.ask("GET", "/metrics", {.headers = {{header, "for=192.0.2.1"}}}).status == 401);
  }
  // A foreign page reaches us under its own name only.
  const auto asked_as = [&](const std::string& host) {
    return open.ask("GET", "/metrics", {.headers = {{"host", host}}}).status;
  };
  for (const char* host : {"127.0.0.1:8080", "localhost", "localhost:8080", "[::1]:8080"}) {
    CHECK(asked_as(host) == 200);
  }
  for (const char* host :
       {"example.org", "localhost.example.org", "127.0.0.1.example.org", "10.0.0.1:8080", ""}) {
    CHECK(asked_as(host) == 401);
  }
}

TEST_CASE("the metrics of all processes are one text, and one that hangs shows as down") {
  Installation world(open_on_loopback());
  metrics::Metrics gateway;
  gateway.counter("cauce_gateway_messages_total", "Messages.").add(3);
  world.platform.metrics_now = {{"flow", false, ""}, {"gateway", true, gateway.text()}};
  world.platform.topics_now = {{"raw", 5, 17}};
  world.platform.processes_now = {{"flow", "restarting", 2, "killed by signal 9", {}}};
  world.platform.groups_now = {{"lake", "raw", 12, std::chrono::milliseconds{1500}},
                               {"stats", "jobs", 4, Duration{0}}};
  world.pass(std::chrono::seconds{2});
  const Reply reply = world.ask("GET", "/metrics");
  CHECK(reply.headers.at("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  for (const std::string line :
       {"cauce_process_up{process=\"flow\"} 0", "cauce_process_up{process=\"gateway\"} 1",
        "cauce_gateway_messages_total{process=\"gateway\"} 3",
        "cauce_stream_first_position{topic=\"raw\"} 5",
        "cauce_stream_end_position{topic=\"raw\"} 17",
        "cauce_process_restarts_total{process=\"flow\"} 2",
        "cauce_group_lag_records{group=\"lake\",topic=\"raw\"} 12",
        "cauce_group_lag_seconds{group=\"lake\",topic=\"raw\"} 1.5", "cauce_jobs_waiting 4",
        "cauce_disk_free_bytes 700000000000", "cauce_healthy 0"}) {
    CAPTURE(line);
    CHECK(reply.text.find('\n' + line + '\n') != std::string::npos);
  }
}

TEST_CASE("requests are counted by route and status, never by path") {
  Options options;
  metrics::Metrics metrics;
  options.meters = Meters::in(metrics);
  Installation world(options);
  world.ask("GET", "/api/v1/devices/pump-1", {.token = "acme-viewer"});
  world.ask("GET", "/api/v1/devices/none", {.token = "acme-viewer"});
  world.ask("GET", "/api/v1/nothing-like-this");
  world.ask("GET", "/page.js");
  const std::string text = metrics.text();
  for (const std::string sample :
       {"{route=\"GET /api/v1/devices/{device}\",status=\"200\"} 1",
        "{route=\"GET /api/v1/devices/{device}\",status=\"404\"} 1",
        "{route=\"none\",status=\"404\"} 1", "{route=\"page\",status=\"200\"} 1"}) {
    CAPTURE(sample);
    CHECK(text.find("cauce_api_requests_total" + sample + '\n') != std::string::npos);
  }
  CHECK(text.find("cauce_api_request_seconds_count{route=\"GET /api/v1/devices/{device}\"} 2\n") !=
        std::string::npos);
  CHECK(text.find("pump-1") == std::string::npos);
  CHECK(text.find("nothing") == std::string::npos);
}

}  // namespace cauce::api

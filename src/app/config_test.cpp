#include "app/config.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace cauce::app {
namespace {

Result<Config> configured(const std::string& text) {
  const auto file = std::filesystem::temp_directory_path() / "cauce-config-test.toml";
  std::ofstream{file} << text;
  Config config;
  const Result<void> read = read_config(file, config);
  std::filesystem::remove(file);
  if (!read) return read.error();
  return config;
}

}  // namespace

TEST_CASE("a file sets what it names and nothing else") {
  const auto config =
      configured("[mqtt]\nport = 0\n[lake]\nwindow = \"2s\"\n[gateway]\nhttp = {port = 9}\n");
  REQUIRE(config);
  CHECK(config->mqtt.port == 0);
  CHECK(config->mqtt.host == "127.0.0.1");
  CHECK(config->ingest == net::Address{"127.0.0.1", 9});
  CHECK(config->lake_window == std::chrono::seconds{2});
}

TEST_CASE("derived topics are compressed unless a file says otherwise") {
  CHECK(configured("")->stream_compress == PackedTopics::derived);
  CHECK(configured("[stream]\ncompress = \"none\"")->stream_compress == PackedTopics::none);
  CHECK(configured("[stream]\ncompress = \"all\"")->stream_compress == PackedTopics::all);
  CHECK(configured("[stream]\ncompress = true")
            .error()
            .message.find("\"none\", \"derived\" or \"all\"") != std::string::npos);
}

TEST_CASE("what is wrong in a file is named with its line and what is allowed") {
  for (const char* text :
       {"[mqtt]\nprot = 1", "[mqtt]\nport = 70000", "[mqtt]\nport = \"1\"", "[lake]\nwindow = 5",
        "[lake]\nwindow = \"0s\"", "x = [", "[log]\nlevel=1"}) {
    CAPTURE(text);
    const auto config = configured(text);
    REQUIRE_FALSE(config);
    CHECK(config.error().outcome == Outcome::invalid);
  }
  CHECK(configured("[mqtt]\nport = 70000")
            .error()
            .message.find(":2: \"mqtt.port\" must be a whole number from 0 to 65535") !=
        std::string::npos);
}

TEST_CASE("a door that is named by host or port is open, with the other part as documented") {
  const auto config = configured(
      "[tls]\ncertificate = \"c\"\nkey = \"k\"\n[mqtt.tls]\nhost = \"0.0.0.0\"\n"
      "[mqtt.websocket]\nport = 1\n[gateway.http.tls]\nport = 2\n");
  REQUIRE(config);
  CHECK(config->mqtt_tls == net::Address{"0.0.0.0", 8883});
  CHECK(config->websocket == net::Address{"127.0.0.1", 1});
  CHECK(config->ingest_tls == net::Address{"127.0.0.1", 2});
  CHECK_FALSE(config->websocket_tls);
  CHECK_FALSE(config->http_tls);
  CHECK(config->tls == net::TlsFiles{"c", "k"});
  CHECK(check_config(*config));
}

TEST_CASE("limits of devices and companies are set one by one") {
  const gateway::AllowanceLimits usual;
  const auto config =
      configured("[limits.device]\nmessages_per_second = 1\n[limits.company]\nconnections = 7\n");
  REQUIRE(config);
  CHECK(config->limits.device.messages_per_second == 1);
  CHECK(config->limits.device.bytes_per_second == usual.device.bytes_per_second);
  CHECK(config->limits.company.connections == 7);
  const auto small =
      configured("[limits.device]\nin_flight = 9\n[limits.company]\npayload_bytes = 1048576\n");
  REQUIRE(small);
  CHECK(small->limits.device.in_flight == 9);
  CHECK(small->limits.company.in_flight == usual.company.in_flight);
  CHECK(small->limits.company.payload_bytes == 1 << 20);
  CHECK_FALSE(configured("[limits.company]\npayload_bytes = 1048577\n"));
  CHECK_FALSE(configured("[limits.device]\nmessages_per_second = 0\n"));
  CHECK_FALSE(configured("[limits.device]\nbytes_per_second = 1.5\n"));
}

TEST_CASE("an encrypted door needs a certificate and may be anywhere; another one may not") {
  Config config;
  config.mqtt_tls = net::Address{"0.0.0.0", 8883};
  CHECK(check_config(config).error().outcome == Outcome::invalid);
  config.tls = {"c", "k"};
  CHECK(check_config(config));
  config.websocket = net::Address{"0.0.0.0", 8083};
  CHECK(check_config(config).error().outcome == Outcome::denied);
  config.websocket->host = "127.0.0.1";
  config.open = true;
  CHECK(check_config(config).error().outcome == Outcome::denied);
}

TEST_CASE("only loopback is served without encryption unless the operator says so") {
  Config config;
  CHECK(check_config(config));
  config.mqtt.host = "0.0.0.0";
  CHECK_FALSE(check_config(config));
  config.allow_plaintext = true;
  CHECK(check_config(config));
  config.open = true;
  CHECK_FALSE(check_config(config));
  Config devices;
  devices.ingest.host = "0.0.0.0";
  CHECK_FALSE(check_config(devices));
  const auto coap = configured("[coap]\nhost = \"0.0.0.0\"\n");
  REQUIRE(coap);
  CHECK(coap->coap == net::Address{"0.0.0.0", 5683});
  CHECK_FALSE(check_config(*coap));
}

TEST_CASE("CoAP by DTLS listens anywhere, and needs no certificate") {
  const auto coaps = configured("[coaps]\nhost = \"0.0.0.0\"\n");
  REQUIRE(coaps);
  CHECK(coaps->coaps == net::Address{"0.0.0.0", 5684});
  CHECK(check_config(*coaps));
}

}  // namespace cauce::app

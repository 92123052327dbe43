// What an operator can set, with the defaults that need no configuration at all. The file is TOML;
// docs/operations/configuration.md lists every key. An unknown key is an error, not a surprise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "app/packed_topics.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "gateway/account_limits.h"
#include "net/net.h"
#include "net/tls.h"

namespace cauce::app {

struct Config {
  std::filesystem::path data = "cauce-data";

  net::Address mqtt{"127.0.0.1", 1883};
  net::Address http{"127.0.0.1", 8080};
  net::Address ingest{"127.0.0.1", 8081};  // devices that speak HTTP
  // What is only listened on when it is named.
  std::optional<net::Address> mqtt_tls;
  std::optional<net::Address> websocket;  // MQTT over WebSocket
  std::optional<net::Address> websocket_tls;
  std::optional<net::Address> ingest_tls;
  std::optional<net::Address> http_tls;
  std::optional<net::Address> coap;   // UDP
  std::optional<net::Address> coaps;  // the same, encrypted by shared keys
  net::TlsFiles tls;                  // for all that end in _tls
  // Lets those that are not encrypted listen on other addresses than loopback.
  bool allow_plaintext = false;
  // Admits any MQTT client on any topic, for benchmarks and conformance suites; loopback only.
  bool open = false;

  gateway::AllowanceLimits limits;

  Duration stream_retention = std::chrono::hours{24};
  PackedTopics stream_compress = PackedTopics::derived;

  Duration lake_window = std::chrono::seconds{60};
  std::size_t lake_batch_bytes_max = 64u << 20;

  Duration warehouse_window = std::chrono::seconds{60};
  std::size_t warehouse_batch_bytes_max = 128u << 20;

  std::uint32_t stats_workers = 2;
  Duration recent_ttl = std::chrono::hours{24 * 90};

  log::Level log_level = log::Level::notice;
  log::Format log_format = log::Format::text;
};

// Reads the file over `config`. Errors name the file, the key, the value and what is allowed.
Result<void> read_config(const std::filesystem::path& file, Config& config);

// Rules that concern several keys, whatever their source: addresses, TLS, `open`.
Result<void> check_config(const Config& config);

bool is_loopback(std::string_view host);

}  // namespace cauce::app

#include "app/doors.h"

#include <array>

namespace cauce::app {
namespace {

using Place = std::optional<net::Address>;

constexpr std::array<Door, 10> doors{{
    {"mqtt", "gateway", "--mqtt-port", "  mqtt  {}", Protection::none, false,
     [](const Config& config) -> Place { return config.mqtt; }},
    {"mqtt_tls", "gateway", "mqtt.tls.port", "  mqtt  {}  (TLS)", Protection::certificate, false,
     [](const Config& config) { return config.mqtt_tls; }},
    {"websocket", "gateway", "mqtt.websocket.port", "  mqtt  ws://{}/", Protection::none, false,
     [](const Config& config) { return config.websocket; }},
    {"websocket_tls", "gateway", "mqtt.websocket.tls.port", "  mqtt  wss://{}/",
     Protection::certificate, false, [](const Config& config) { return config.websocket_tls; }},
    {"ingest", "gateway", "--ingest-port", "  ingest http://{}/api/v1/devices/{{device}}/messages",
     Protection::none, false, [](const Config& config) -> Place { return config.ingest; }},
    {"ingest_tls", "gateway", "gateway.http.tls.port",
     "  ingest https://{}/api/v1/devices/{{device}}/messages", Protection::certificate, false,
     [](const Config& config) { return config.ingest_tls; }},
    {"coap", "gateway", "coap.port", "  coap  coap://{}/devices/{{device}}/telemetry",
     Protection::none, true, [](const Config& config) { return config.coap; }},
    {"coaps", "gateway", "coaps.port", "  coap  coaps://{}/devices/{{device}}/telemetry",
     Protection::shared_keys, true, [](const Config& config) { return config.coaps; }},
    {"http", "api", "--http-port", "  http  http://{}/", Protection::none, false,
     [](const Config& config) -> Place { return config.http; }},
    {"http_tls", "api", "http.tls.port", "  http  https://{}/", Protection::certificate, false,
     [](const Config& config) { return config.http_tls; }},
}};

}  // namespace

std::span<const Door> all_doors() {
  return doors;
}

std::optional<net::Listener> take(Listeners& listeners, std::string_view name) {
  const auto found = listeners.find(name);
  if (found == listeners.end()) return std::nullopt;
  std::optional<net::Listener> listener(std::move(found->second));
  listeners.erase(found);
  return listener;
}

}  // namespace cauce::app

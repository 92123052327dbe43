#include "app/doors.h"

#include <array>

namespace cauce::app {
namespace {

using Place = std::optional<net::Address>;

constexpr std::array<Door, 8> doors{{
    {"mqtt", "gateway", "--mqtt-port", "  mqtt  {}", false,
     [](const Config& config) -> Place { return config.mqtt; }},
    {"mqtt_tls", "gateway", "mqtt.tls.port", "  mqtt  {}  (TLS)", true,
     [](const Config& config) { return config.mqtt_tls; }},
    {"websocket", "gateway", "mqtt.websocket.port", "  mqtt  ws://{}/", false,
     [](const Config& config) { return config.websocket; }},
    {"websocket_tls", "gateway", "mqtt.websocket.tls.port", "  mqtt  wss://{}/", true,
     [](const Config& config) { return config.websocket_tls; }},
    {"ingest", "gateway", "--ingest-port", "  ingest http://{}/api/v1/devices/{{device}}/messages",
     false, [](const Config& config) -> Place { return config.ingest; }},
    {"ingest_tls", "gateway", "gateway.http.tls.port",
     "  ingest https://{}/api/v1/devices/{{device}}/messages", true,
     [](const Config& config) { return config.ingest_tls; }},
    {"http", "api", "--http-port", "  http  http://{}/", false,
     [](const Config& config) -> Place { return config.http; }},
    {"http_tls", "api", "http.tls.port", "  http  https://{}/", true,
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

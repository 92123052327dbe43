// Every address that cauce listens on, and those that it can be told to.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/config.h"
#include "net/net.h"

namespace cauce::app {

enum class Protection {
  none,
  certificate,  // TLS, with the server's certificate; shared keys too
  shared_keys,  // DTLS, with nothing else
};

struct Door {
  std::string_view name;     // "mqtt_tls": in addresses.json, and from supervisor to process
  std::string_view role;     // who takes what comes in
  std::string_view setting;  // what gives it another port: "--mqtt-port", "mqtt.tls.port"
  std::string_view title;    // for people who start cauce, with {} for host and port
  Protection protection = Protection::none;
  bool datagrams = false;                                        // UDP
  std::optional<net::Address> (*address)(const Config& config);  // nullopt: it stays shut
};

std::span<const Door> all_doors();

using Listeners = std::map<std::string, net::Listener, std::less<>>;  // by name of the door

// Takes one out; nullopt when that door is shut.
std::optional<net::Listener> take(Listeners& listeners, std::string_view name);

}  // namespace cauce::app

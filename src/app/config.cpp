#include "app/config.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <functional>
#include <map>

#include "app/doors.h"

namespace cauce::app {
namespace {

// Sets one key's value; answers what is allowed when the value is not, or an empty text.
using Setter = std::function<std::string(const toml::node& value)>;

Setter text(std::string& target) {
  return [&target](const toml::node& value) -> std::string {
    const auto text = value.value_exact<std::string>();
    if (!text || text->empty()) return "a text";
    target = *text;
    return "";
  };
}

Setter boolean(bool& target) {
  return [&target](const toml::node& value) -> std::string {
    const auto truth = value.value_exact<bool>();
    if (!truth) return "true or false";
    target = *truth;
    return "";
  };
}

// Naming either part of an address opens it; the other part is then as said here.
net::Address& opened(std::optional<net::Address>& target, std::uint16_t port) {
  if (!target) target = net::Address{"127.0.0.1", port};
  return *target;
}

Setter text(std::optional<net::Address>& target, std::uint16_t port_default) {
  return [&target, port_default](const toml::node& value) {
    return text(opened(target, port_default).host)(value);
  };
}

Setter path(std::filesystem::path& target) {
  return [&target](const toml::node& value) -> std::string {
    const auto text = value.value_exact<std::string>();
    if (!text || text->empty()) return "a text, the name of a file";
    target = *text;
    return "";
  };
}

template <class Number>
Setter number(Number& target, std::int64_t least, std::int64_t most) {
  return [&target, least, most](const toml::node& value) -> std::string {
    const auto number = value.value_exact<std::int64_t>();
    if (!number || *number < least || *number > most) {
      return fmt::format("a whole number from {} to {}", least, most);
    }
    target = Number(*number);
    return "";
  };
}

Setter port(std::optional<net::Address>& target, std::uint16_t port_default) {
  return [&target, port_default](const toml::node& value) {
    return number(opened(target, port_default).port, 0, 65535)(value);
  };
}

Setter duration(Duration& target, Duration least, Duration most) {
  return [&target, least, most](const toml::node& value) -> std::string {
    const auto text = value.value_exact<std::string>();
    const Result<Duration> span = parse_duration(text.value_or(""));
    if (!span || *span < least || *span > most) {
      return fmt::format("a duration such as \"30s\", from {} ms to {} h", least.count() / 1000,
                         most.count() / 3'600'000'000);
    }
    target = *span;
    return "";
  };
}

Setter level(log::Level& target) {
  return [&target](const toml::node& value) -> std::string {
    static const std::map<std::string, log::Level, std::less<>> levels{
        {"detail", log::Level::detail},
        {"notice", log::Level::notice},
        {"warning", log::Level::warning},
        {"error", log::Level::error}};
    const auto found = levels.find(value.value_or(std::string_view{}));
    if (found == levels.end()) return "\"detail\", \"notice\", \"warning\" or \"error\"";
    target = found->second;
    return "";
  };
}

Setter format(log::Format& target) {
  return [&target](const toml::node& value) -> std::string {
    const auto text = value.value_or(std::string_view{});
    if (text != "text" && text != "json") return "\"text\" or \"json\"";
    target = text == "json" ? log::Format::json : log::Format::text;
    return "";
  };
}

Setter packed_topics(PackedTopics& target) {
  return [&target](const toml::node& value) -> std::string {
    static const std::map<std::string, PackedTopics, std::less<>> topics{
        {"none", PackedTopics::none},
        {"derived", PackedTopics::derived},
        {"all", PackedTopics::all}};
    const auto found = topics.find(value.value_or(std::string_view{}));
    if (found == topics.end()) return "\"none\", \"derived\" or \"all\"";
    target = found->second;
    return "";
  };
}

void add_optional_doors(Config& config, std::map<std::string, Setter, std::less<>>& setters) {
  const auto add = [&setters](const std::string& name, std::optional<net::Address>& target,
                              std::uint16_t port_default) {
    setters.emplace(name + ".host", text(target, port_default));
    setters.emplace(name + ".port", port(target, port_default));
  };
  add("mqtt.tls", config.mqtt_tls, 8883);
  add("mqtt.websocket", config.websocket, 8083);
  add("mqtt.websocket.tls", config.websocket_tls, 8084);
  add("gateway.http.tls", config.ingest_tls, 8444);
  add("http.tls", config.http_tls, 8443);
  add("coap", config.coap, 5683);
  add("coaps", config.coaps, 5684);
  setters.emplace("tls.certificate", path(config.tls.certificate));
  setters.emplace("tls.key", path(config.tls.key));
}

Setter rate(double& target, std::int64_t most) {
  return [&target, most](const toml::node& value) {
    std::int64_t whole = 0;
    std::string allowed = number(whole, 1, most)(value);
    if (allowed.empty()) target = double(whole);
    return allowed;
  };
}

void add_limits(const std::string& whose, gateway::AccountLimits& limits,
                std::map<std::string, Setter, std::less<>>& setters) {
  setters.emplace(whose + ".messages_per_second", rate(limits.messages_per_second, 100'000'000));
  setters.emplace(whose + ".bytes_per_second",
                  rate(limits.bytes_per_second, std::int64_t{1} << 40));
  setters.emplace(whose + ".connections", number(limits.connections, 1, 1'000'000));
  setters.emplace(whose + ".in_flight", number(limits.in_flight, 1, 1'000'000));
  setters.emplace(whose + ".payload_bytes",
                  number(limits.payload_bytes, 1, std::int64_t(record::payload_bytes_max)));
}

std::map<std::string, Setter, std::less<>> setters_of(Config& config) {
  using std::chrono::hours;
  using std::chrono::milliseconds;
  constexpr std::int64_t mebibyte = 1 << 20;
  return {
      {"mqtt.host", text(config.mqtt.host)},
      {"mqtt.port", number(config.mqtt.port, 0, 65535)},
      {"http.host", text(config.http.host)},
      {"http.port", number(config.http.port, 0, 65535)},
      {"gateway.http.host", text(config.ingest.host)},
      {"gateway.http.port", number(config.ingest.port, 0, 65535)},
      {"allow_plaintext", boolean(config.allow_plaintext)},
      {"stream.retention", duration(config.stream_retention, hours{1}, hours{24 * 30})},
      {"stream.compress", packed_topics(config.stream_compress)},
      {"lake.window", duration(config.lake_window, milliseconds{100}, hours{1})},
      {"lake.batch_bytes_max", number(config.lake_batch_bytes_max, mebibyte, 1024 * mebibyte)},
      {"warehouse.window", duration(config.warehouse_window, milliseconds{100}, hours{1})},
      {"warehouse.batch_bytes_max",
       number(config.warehouse_batch_bytes_max, mebibyte, 1024 * mebibyte)},
      {"stats.workers", number(config.stats_workers, 1, 64)},
      {"recent.ttl", duration(config.recent_ttl, hours{24}, hours{24 * 36600})},
      {"log.level", level(config.log_level)},
      {"log.format", format(config.log_format)},
  };
}

Result<void> apply(const std::string& file, const toml::table& table, const std::string& prefix,
                   const std::map<std::string, Setter, std::less<>>& setters) {
  for (const auto& [name, value] : table) {
    const std::string key = prefix + std::string(name.str());
    const auto line = value.source().begin.line;
    if (const toml::table* inner = value.as_table()) {
      if (const Result<void> applied = apply(file, *inner, key + ".", setters); !applied) {
        return applied;
      }
      continue;
    }
    const auto setter = setters.find(key);
    if (setter == setters.end()) {
      return Error{Outcome::invalid, fmt::format("{}:{}: there is no setting \"{}\"; "
                                                 "docs/operations/configuration.md lists them all",
                                                 file, line, key)};
    }
    if (const std::string allowed = setter->second(value); !allowed.empty()) {
      return Error{Outcome::invalid,
                   fmt::format("{}:{}: \"{}\" must be {}", file, line, key, allowed)};
    }
  }
  return {};
}

}  // namespace

Result<void> read_config(const std::filesystem::path& file, Config& config) {
  try {
    const toml::table table = toml::parse_file(file.string());
    auto setters = setters_of(config);
    add_optional_doors(config, setters);
    add_limits("limits.device", config.limits.device, setters);
    add_limits("limits.company", config.limits.company, setters);
    return apply(file.string(), table, "", setters);
  } catch (const toml::parse_error& failure) {
    return Error{Outcome::invalid, fmt::format("{}:{}: {}", file.string(),
                                               failure.source().begin.line, failure.description())};
  }
}

bool is_loopback(std::string_view host) {
  return host == "::1" || host == "localhost" || host.substr(0, 4) == "127.";
}

Result<void> check_config(const Config& config) {
  for (const Door& door : all_doors()) {
    const auto address = door.address(config);
    if (!address) continue;
    if (door.protection == Protection::certificate &&
        (config.tls.certificate.empty() || config.tls.key.empty())) {
      return Error{Outcome::invalid,
                   fmt::format("{} needs a certificate and its key: set tls.certificate and "
                               "tls.key to their files",
                               door.setting)};
    }
    if (is_loopback(address->host)) continue;
    if (config.open) {
      return Error{Outcome::denied,
                   fmt::format("--open admits anybody and therefore listens on loopback only; "
                               "\"{}\" is not loopback",
                               address->host)};
    }
    if (door.protection == Protection::none && !config.allow_plaintext) {
      return Error{
          Outcome::denied,
          fmt::format("listening on \"{}\" would carry tokens unencrypted over the "
                      "network; encrypt it (mqtt.tls, mqtt.websocket.tls, "
                      "gateway.http.tls, http.tls, coaps), or say --allow-plaintext if you "
                      "accept that",
                      address->host)};
    }
  }
  return {};
}

}  // namespace cauce::app

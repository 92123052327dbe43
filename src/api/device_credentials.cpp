// Tokens and keys of devices: made here, shown once in the answer, kept as a hash or encrypted.
#include <fmt/core.h>

#include "api/body.h"
#include "api/device.h"
#include "api/handlers.h"
#include "api/limits.h"
#include "base/names.h"
#include "crypto/crypto.h"
#include "record/message.h"

namespace cauce::api {
namespace {

constexpr std::string_view plain_type = "json";
constexpr std::string_view encrypted_type = "json-aes256gcm";
constexpr std::uint32_t first_key_id = 1;

// A first message in the words of the type; one that is encrypted is a file for the device to make.
std::string_view first_message(const business::DeviceType& type) {
  return type.format == business::Format::senml ? R"([{"n":"t","u":"Cel","v":21.5}])"
                                                : R"({"t":21.5})";
}

bool encrypts(const business::DeviceType& type) {
  return type.encryption != business::Encryption::none;
}

// A line for a shell that sends a first message by MQTT.
std::string publish_line(const Call& call, const business::Device& device,
                         const business::DeviceType& type, std::string_view token) {
  const auto gateway = call.house.platform.gateway_address();
  const net::Address address = gateway.value_or(net::Address{"127.0.0.1", 1883});
  const std::string payload =
      encrypts(type) ? "-f payload.bin" : fmt::format("-m '{}'", first_message(type));
  return fmt::format("mosquitto_pub -h {} -p {} -u {} -P {} -q 1 -t {} {}", address.host,
                     address.port, device.name, token, record::telemetry_topic(device.name),
                     payload);
}

// The same by HTTP.
std::string publish_http_line(const Call& call, const business::Device& device,
                              const business::DeviceType& type, std::string_view token) {
  const auto ingest = call.house.platform.ingest_address();
  const net::Address address = ingest.value_or(net::Address{"127.0.0.1", 8081});
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  const std::string payload =
      encrypts(type) ? "@payload.bin" : fmt::format("'{}'", first_message(type));
  return fmt::format(
      "curl -sS -H 'Authorization: Bearer {}' -H 'Content-Type: {}' --data-binary {} "
      "http://{}{}{}:{}/api/v1/devices/{}/messages",
      token, encrypts(type) ? "application/octet-stream" : "application/json", payload,
      is_ipv6 ? "[" : "", address.host, is_ipv6 ? "]" : "", address.port, device.name);
}

// The type that a new device names, or the default one, which is made when the company has none.
Result<const business::DeviceType*> type_of(Call& call, const std::string& named,
                                            std::optional<bool> encrypted) {
  const business::Registry& registry = call.house.registry;
  if (!named.empty()) {
    const business::DeviceType* type = registry.device_type(call.company, named);
    if (type == nullptr)
      return Error{Outcome::invalid,
                   "\"type\" names no device type of this company: create it first."};
    if (encrypted && *encrypted != (type->encryption != business::Encryption::none))
      return Error{Outcome::invalid, "\"encrypted\" contradicts the device type: leave it out."};
    return type;
  }
  business::DeviceType type;
  type.company = call.company;
  type.name = encrypted.value_or(false) ? encrypted_type : plain_type;
  if (encrypted.value_or(false)) type.encryption = business::Encryption::aes256gcm;
  if (const auto* known = registry.device_type(call.company, type.name)) return known;
  const auto created = call.house.business.create(type);
  if (!created) return created.error();
  const auto refreshed = call.house.registry.refresh();
  if (!refreshed) return refreshed.error();
  const auto* made = registry.device_type(call.company, type.name);
  if (made == nullptr)
    return Error{Outcome::unavailable, "the registry does not show the device type just created"};
  return made;
}

}  // namespace

Result<Answer> create_device(Call& call) {
  Body body(call.request.body);
  business::Device device;
  device.company = call.company;
  device.name = body.text("name");
  const std::string named_type = body.text_or("type", "");
  device.site = body.text_or("site", "");
  device.area = body.text_or("area", "");
  device.bridge = body.optional_boolean("bridge").value_or(false);
  const std::optional<bool> encrypted = body.optional_boolean("encrypted");
  const bool limited = change_limits(body, device.limits);
  if (const auto fault = body.fault()) return *fault;
  if (limited && !may_limit(call.caller)) return refuse_to_limit();
  if (!is_name(device.name))
    return Error{Outcome::invalid,
                 fmt::format("\"name\" must be 1 to {} of A-Z a-z 0-9 _ - . and begin with a "
                             "letter or a digit.",
                             name_bytes_max)};
  if (call.house.registry.device(call.company, device.name) != nullptr)
    return Error{Outcome::conflict, "A device of this name exists: choose another name."};
  if (!device.site.empty() && call.house.registry.site(call.company, device.site) == nullptr)
    return Error{Outcome::invalid, "\"site\" names no site of this company: create it first."};
  const auto type = type_of(call, named_type, encrypted);
  if (!type) return type.error();
  // The registry may be read anew while the device is made.
  const business::DeviceType made_of = **type;

  device.type = made_of.name;
  device.created_at = call.house.clock.now();
  const std::string token = crypto::make_token(call.house.random);
  device.token_hash = crypto::sha256(token);
  device.keys.push_back({first_key_id, call.house.random.bytes(crypto::key_bytes)});
  const auto created = call.house.business.create(device);
  if (!created) return created.error();
  return answer(201, {{"device", device.name},
                      {"company", device.company},
                      {"type", device.type},
                      {"encryption", name_of(made_of.encryption)},
                      {"token", token},
                      {"key_id", first_key_id},
                      {"key", to_hex(device.keys.front().secret)},
                      {"topic", record::telemetry_topic(device.name)},
                      {"publish", publish_line(call, device, made_of, token)},
                      {"publish_http", publish_http_line(call, device, made_of, token)}});
}

Result<Answer> renew_token(Call& call) {
  const auto known = device_of(call, call.parameters[0]);
  if (!known) return known.error();
  business::Device device = **known;
  bool keeps_earlier = false;
  if (!call.request.body.empty()) {
    Body body(call.request.body);
    keeps_earlier = body.optional_boolean("keep_earlier").value_or(false);
    if (const auto fault = body.fault()) return *fault;
  }
  device.earlier_token_hash = keeps_earlier ? device.token_hash : Bytes{};
  const std::string token = crypto::make_token(call.house.random);
  device.token_hash = crypto::sha256(token);
  const auto updated = call.house.business.update(device);
  if (!updated) return updated.error();
  const auto* known_type = call.house.registry.device_type(call.company, device.type);
  const business::DeviceType type = known_type == nullptr ? business::DeviceType{} : *known_type;
  return answer(200, {{"device", device.name},
                      {"token", token},
                      {"topic", record::telemetry_topic(device.name)},
                      {"publish", publish_line(call, device, type, token)},
                      {"publish_http", publish_http_line(call, device, type, token)}});
}

}  // namespace cauce::api

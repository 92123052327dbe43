// Keys that devices share with cauce: given or made here, shown once in the answer, kept encrypted.
#include <fmt/core.h>

#include <algorithm>

#include "api/body.h"
#include "api/device.h"
#include "api/handlers.h"
#include "business/shared_key.h"
#include "crypto/crypto.h"
#include "record/message.h"

namespace cauce::api {
namespace {

// Of randomness; written as 32 characters, because some clients take a key only as text, and some
// only up to 32 bytes.
constexpr std::size_t made_key_random_bytes = 24;

Result<Bytes> secret_of(Call& call, const std::optional<std::string>& given) {
  if (!given) return crypto::to_base64url(call.house.random.bytes(made_key_random_bytes));
  Bytes secret;
  if (!from_hex(*given, secret) || secret.size() < business::shared_key_bytes_min ||
      secret.size() > business::shared_key_bytes_max) {
    return Error{
        Outcome::invalid,
        fmt::format("\"key\" must be {} to {} bytes as hexadecimal digits, it has {} "
                    "characters.",
                    business::shared_key_bytes_min, business::shared_key_bytes_max, given->size())};
  }
  return secret;
}

bool is_printable(BytesView bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](char byte) { return byte >= ' ' && byte <= '~'; });
}

std::string identity_of(const business::Device& device, std::uint32_t place) {
  return business::SharedKeyIdentity{device.company, device.name, place}.text();
}

// A line for a shell that sends a first message by MQTT over TLS.
std::string publish_line(const business::Device& device, std::string_view identity,
                         std::string_view hex) {
  return fmt::format(
      "mosquitto_pub -h HOST -p 8883 --psk-identity {} --psk {} -q 1 -t {} -m '{{\"t\":21.5}}'",
      identity, hex, record::telemetry_topic(device.name));
}

}  // namespace

Json shared_keys_of(const business::Device& device) {
  Json identities = Json::array();
  for (const business::SharedKey& key : device.shared_keys)
    identities.push_back(identity_of(device, key.place));
  return identities;
}

Result<Answer> give_shared_key(Call& call) {
  const auto known = device_of(call, call.parameters[0]);
  if (!known) return known.error();
  business::Device device = **known;
  std::optional<std::string> given;
  bool keeps_earlier = false;
  if (!call.request.body.empty()) {
    Body body(call.request.body);
    given = body.optional_text("key");
    keeps_earlier = body.optional_boolean("keep_earlier").value_or(false);
    if (const auto fault = body.fault()) return *fault;
  }
  auto secret = secret_of(call, given);
  if (!secret) return secret.error();
  device.shared_keys.resize(
      std::min<std::size_t>(device.shared_keys.size(), keeps_earlier ? 1 : 0));
  const auto& kept = device.shared_keys;
  if (!kept.empty() && kept.front().secret == *secret)
    return Error{Outcome::invalid, "\"key\" is the one that the device has: give it another."};
  const std::uint32_t place = kept.empty() || kept.front().place == 2 ? 1 : 2;
  device.shared_keys.insert(device.shared_keys.begin(), {place, *secret});
  const auto updated = call.house.business.update(device);
  if (!updated) return updated.error();
  const std::string identity = identity_of(device, place);
  const std::string hex = to_hex(*secret);
  return answer(200, {{"device", device.name},
                      {"identity", identity},
                      {"key", hex},
                      {"key_text", is_printable(*secret) ? Json(*secret) : Json()},
                      {"shared_keys", shared_keys_of(device)},
                      {"publish", publish_line(device, identity, hex)}});
}

Result<Answer> end_shared_key(Call& call) {
  const auto known = device_of(call, call.parameters[0]);
  if (!known) return known.error();
  business::Device device = **known;
  const auto named = call.request.query.find("identity");
  const bool ends_all = named == call.request.query.end();
  const std::size_t ended = std::erase_if(device.shared_keys, [&](const business::SharedKey& key) {
    return ends_all || identity_of(device, key.place) == named->second;
  });
  if (ended == 0) {
    return Error{Outcome::not_found,
                 ends_all ? "The device has no shared key."
                          : "The device has no shared key of this identity: \"shared_keys\" of the "
                            "device lists them."};
  }
  const auto updated = call.house.business.update(device);
  if (!updated) return updated.error();
  return Answer{.status = 204};
}

}  // namespace cauce::api

#include "decode/decoder.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "crypto/compact.h"
#include "crypto/crypto.h"
#include "decode/quote.h"

namespace cauce::decode {
namespace {

using business::Device;
using business::DeviceType;
using business::Encryption;
using record::Message;
using record::Origin;
using record::Reading;
using record::Undecodable;

// More keys than a device needs while they are exchanged; the rest are counted.
constexpr std::size_t key_ids_shown_max = 8;

Error denied(std::string reason) {
  return {Outcome::denied, std::move(reason)};
}

std::string key_ids_on_record(const Device& device) {
  if (device.keys.empty()) return "no key";
  std::vector<std::uint32_t> ids;
  ids.reserve(device.keys.size());
  for (const business::DeviceKey& key : device.keys)
    ids.push_back(key.key_id);
  std::sort(ids.begin(), ids.end());
  std::string text = ids.size() == 1 ? "key " : "keys ";
  for (std::size_t index = 0; index < ids.size(); ++index) {
    if (index == key_ids_shown_max) {
      return text + fmt::format(" and {} more", ids.size() - index);
    }
    text += fmt::format("{}{}", index == 0 ? "" : ", ", ids[index]);
  }
  return text;
}

bool looks_like_json(BytesView payload) {
  const std::size_t begin = payload.find_first_not_of(" \t\r\n");
  return begin != BytesView::npos && (payload[begin] == '{' || payload[begin] == '[');
}

// Only keys of this very device are tried: what its company or another one has does not count.
Result<Bytes> open(const Device& device, const Message& message) {
  const auto compact = crypto::parse_compact(message.payload);
  if (!compact) {
    if (looks_like_json(message.payload)) {
      return denied("plaintext from a device whose type says aes256gcm");
    }
    return compact.error();
  }
  const auto key = std::find_if(
      device.keys.begin(), device.keys.end(),
      [&](const business::DeviceKey& candidate) { return candidate.key_id == compact->key_id; });
  if (key == device.keys.end()) {
    return denied(
        fmt::format("key {} sent, {} on record", compact->key_id, key_ids_on_record(device)));
  }
  if (key->secret.size() != crypto::key_bytes) {
    return denied(fmt::format("key {} on record has {} bytes, not {}: give the device a new one",
                              key->key_id, key->secret.size(), crypto::key_bytes));
  }
  auto opened =
      crypto::open_compact(*compact, key->secret, {message.company, message.device, message.topic});
  if (!opened) {
    return denied("the tag does not match: wrong key, or company, device or topic differ");
  }
  return opened;
}

Undecodable undecodable(const Message& message, Origin origin, std::string stage,
                        std::string reason) {
  return {message.company, message.device,   message.received_at,
          origin,          std::move(stage), std::move(reason)};
}

// "application/senml+json; charset=utf-8" and the like, in any case (RFC 9110 section 8.3.1).
bool is_senml_type(std::string_view content_type) {
  constexpr std::string_view senml = "application/senml+json";
  if (content_type.size() < senml.size()) return false;
  const bool same =
      std::equal(senml.begin(), senml.end(), content_type.begin(), [](char expected, char letter) {
        return expected == (letter >= 'A' && letter <= 'Z' ? char(letter + 32) : letter);
      });
  content_type.remove_prefix(senml.size());
  return same && (content_type.empty() || content_type[0] == ';' || content_type[0] == ' ');
}

std::vector<Reading> name_all(std::vector<Measurement> measurements, const Message& message,
                              Origin origin) {
  std::vector<Reading> readings;
  readings.reserve(measurements.size());
  for (Measurement& measurement : measurements) {
    readings.push_back({.company = message.company,
                        .device = message.device,
                        .metric = std::move(measurement.metric),
                        .time = measurement.time,
                        .received_at = message.received_at,
                        .value = std::move(measurement.value),
                        .unit = std::move(measurement.unit),
                        .quality = record::Quality::good,
                        .origin = origin});
    ++origin.index;
  }
  return readings;
}

}  // namespace

// A content type that names a format knows better than the device type. "application/json" names
// none: both formats are JSON.
Result<std::vector<Measurement>> Decoder::parse(BytesView payload, const Message& message,
                                                const DeviceType& type) {
  if (type.format == business::Format::senml || is_senml_type(message.content_type)) {
    return senml_.parse(payload, message.device, message.received_at);
  }
  return json_.parse(payload, message.received_at);
}

Sender Decoder::sender_of(const Message& message) const {
  const Device* device = registry_.device(message.company, message.device);
  if (device == nullptr) return {};
  return {device, registry_.device_type(message.company, device->type)};
}

Decoded Decoder::decode(const Message& message, const Sender& sender, Origin origin) {
  origin.index = 0;
  if (message.topic != record::telemetry_topic(message.device)) return std::vector<Reading>{};
  const Device* device = sender.device;
  if (device == nullptr) {
    if (message.company == business::open_company) return std::vector<Reading>{};
    return undecodable(
        message, origin, "identify",
        fmt::format("company {} has no device {}", quote(message.company), quote(message.device)));
  }
  const DeviceType* type = sender.type;
  if (type == nullptr) {
    return undecodable(
        message, origin, "identify",
        fmt::format("device {} is of type {}, which company {} does not have",
                    quote(message.device), quote(device->type), quote(message.company)));
  }
  BytesView payload = message.payload;
  Bytes plaintext;
  if (type->encryption == Encryption::aes256gcm) {
    auto opened = open(*device, message);
    if (!opened) return undecodable(message, origin, "decrypt", opened.error().message);
    plaintext = *std::move(opened);
    payload = plaintext;
  }
  auto measurements = parse(payload, message, *type);
  if (!measurements) return undecodable(message, origin, "parse", measurements.error().message);
  return name_all(*std::move(measurements), message, origin);
}

std::optional<Bytes> Decoder::decrypt(const Message& message) const {
  const auto [device, type] = sender_of(message);
  if (type == nullptr || type->encryption != Encryption::aes256gcm) return std::nullopt;
  auto opened = open(*device, message);
  if (!opened) return std::nullopt;
  return *std::move(opened);
}

}  // namespace cauce::decode

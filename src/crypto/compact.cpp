#include "crypto/compact.h"

#include <fmt/core.h>

#include "base/invariant.h"

namespace cauce::crypto {
namespace {

// Network order, unlike our stored formats: this one is written by devices.
void put_u16_big(Bytes& target, std::uint16_t value) {
  target += char(value >> 8);
  target += char(value & 0xff);
}

void put_u32_big(Bytes& target, std::uint32_t value) {
  put_u16_big(target, std::uint16_t(value >> 16));
  put_u16_big(target, std::uint16_t(value & 0xffff));
}

std::uint32_t u32_big(BytesView bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes)
    value = value << 8 | std::uint8_t(byte);
  return value;
}

}  // namespace

Result<Compact> parse_compact(BytesView payload) {
  if (payload.size() < compact_extra_bytes) {
    return Error{Outcome::invalid,
                 fmt::format("an encrypted payload of {} bytes is too short: version, key id, "
                             "nonce and tag alone are {} bytes",
                             payload.size(), compact_extra_bytes)};
  }
  const auto version = std::uint8_t(payload.front());
  if (version != compact_version) {
    return Error{Outcome::unsupported,
                 fmt::format("the payload begins with {}, not with {}, the only version of the "
                             "compact encrypted form; is it encrypted at all?",
                             version, compact_version)};
  }
  return Compact{u32_big(payload.substr(1, 4)), payload.substr(5, nonce_bytes),
                 payload.substr(compact_header_bytes)};
}

Result<Bytes> open_compact(const Compact& compact, BytesView key, const CompactContext& context) {
  if (key.size() != key_bytes) {
    return Error{Outcome::invalid, fmt::format("key {} has {} bytes, AES-256 takes {}",
                                               compact.key_id, key.size(), key_bytes)};
  }
  auto plaintext =
      open_aes256gcm(key, compact.nonce, compact_associated(context), compact.ciphertext_and_tag);
  if (plaintext) return plaintext;
  return plaintext.error().during(fmt::format("open the payload with key {}", compact.key_id));
}

Bytes seal_compact(std::uint32_t key_id, BytesView key, BytesView nonce,
                   const CompactContext& context, BytesView plaintext) {
  INVARIANT(nonce.size() == nonce_bytes);
  const Bytes sealed = seal_aes256gcm(key, nonce, compact_associated(context), plaintext);
  Bytes payload;
  payload.reserve(compact_header_bytes + sealed.size());
  payload += char(compact_version);
  put_u32_big(payload, key_id);
  payload.append(nonce).append(sealed);
  return payload;
}

Bytes compact_associated(const CompactContext& context) {
  Bytes associated;
  associated.reserve(6 + context.company.size() + context.device.size() + context.topic.size());
  for (const std::string_view part : {context.company, context.device, context.topic}) {
    INVARIANT(part.size() <= UINT16_MAX);
    put_u16_big(associated, std::uint16_t(part.size()));
    associated.append(part);
  }
  return associated;
}

}  // namespace cauce::crypto

#include "gateway/shared_keys.h"

#include <fmt/core.h>

#include <algorithm>

#include "business/shared_key.h"
#include "crypto/crypto.h"

namespace cauce::gateway {
namespace {

constexpr std::size_t hash_bytes = 32;
constexpr std::size_t nobodys_key_bytes = 32;

// Of no token: those have a SHA-256 of their own text.
Bytes hash_of(const business::SharedKey& key) {
  return crypto::hmac_sha256("shared key", key.secret);
}

struct Found {
  const business::Device* device = nullptr;
  const business::SharedKey* key = nullptr;
};

// Without a key when there is none, or when the device is disabled.
Found look_up(const business::Registry& registry, const business::SharedKeyIdentity& identity) {
  const business::Device* device = registry.device(identity.company, identity.device);
  if (device == nullptr || !device->enabled) return {};
  return {device, business::shared_key_in(*device, identity.place)};
}

Error denied(std::string_view identity, std::string_view why) {
  return {Outcome::denied, fmt::format("its shared key ({}) is not admitted: {}", identity, why)};
}

}  // namespace

bool SharedKeys::knows(std::string_view identity) const {
  const auto read = business::SharedKeyIdentity::read(identity);
  return read && look_up(registry_, *read).key != nullptr;
}

std::optional<net::SharedKey> SharedKeys::find(std::string_view identity) {
  const auto read = business::SharedKeyIdentity::read(identity);
  if (!read) return std::nullopt;
  // Made in every case, so that an identity that somebody has takes no less time.
  Bytes nobodys = random_.bytes(nobodys_key_bytes);
  const Found found = look_up(registry_, *read);
  if (found.key == nullptr) return net::SharedKey{std::move(nobodys), {}};
  return net::SharedKey{found.key->secret, hash_of(*found.key).append(identity)};
}

Result<Identity> identify_by_shared_key(const business::Registry& registry, BytesView holder,
                                        std::optional<std::string_view> user_name) {
  INVARIANT(holder.size() > hash_bytes);
  const std::string_view identity = holder.substr(hash_bytes);
  const auto read = business::SharedKeyIdentity::read(identity);
  INVARIANT(read);
  const Found found = look_up(registry, *read);
  // It may have been changed since the handshake.
  if (found.key == nullptr || hash_of(*found.key) != holder.substr(0, hash_bytes))
    return denied(identity, "it has ended, or its device is disabled");
  if (user_name && *user_name != found.device->name) {
    return denied(identity,
                  fmt::format("the user name is another: give \"{}\" or none", found.device->name));
  }
  return Identity{found.device->company, found.device->name, Bytes(holder.substr(0, hash_bytes)),
                  found.device->bridge};
}

bool has_shared_key(const business::Device& device, BytesView secret_hash) {
  return std::any_of(device.shared_keys.begin(), device.shared_keys.end(),
                     [&](const business::SharedKey& key) { return hash_of(key) == secret_hash; });
}

}  // namespace cauce::gateway

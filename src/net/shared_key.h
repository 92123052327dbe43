// Keys that a server and its clients share, with which TLS and DTLS know a client instead of by a
// certificate (RFC 4279, RFC 8446 section 2.2).
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace cauce::net {

constexpr std::size_t shared_key_bytes_max = 256;           // what OpenSSL takes
constexpr std::size_t shared_key_identity_bytes_max = 255;  // the same

struct SharedKey {
  Bytes secret;
  // Who is known by it, in the words of whoever answers it: Connection::shared_key_holder().
  Bytes holder;
};

// The key of an identity, which anybody may send: bytes of the network, without a NUL. nullopt when
// the text is no identity at all, which the client is told. One that nobody has has to be answered
// with a key that nobody knows, so that the handshake fails as with a wrong key.
using FindSharedKey = std::function<std::optional<SharedKey>(std::string_view identity)>;

}  // namespace cauce::net

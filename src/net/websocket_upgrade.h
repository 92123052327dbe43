// The opening handshake of WebSocket, the server's side (RFC 6455 section 4.2), without sockets.
// Inside this room only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cauce::net {

struct Upgrade {
  std::string answer;        // to be sent, in any case
  std::string refusal = {};  // why it is not upgraded; empty: it is
};

// `received` begins with the request; what followed it stays. nullopt while it is not whole.
std::optional<Upgrade> take_upgrade(Bytes& received, std::string_view subprotocol,
                                    std::size_t head_bytes_max);

}  // namespace cauce::net

// WebSocket (RFC 6455) between a connection and its handler, neither of which knows: binary
// messages become a stream of bytes, whatever frames they came in, and what is sent leaves in
// binary frames. The handler exists from the first byte on, so whatever time it gives a client to
// introduce itself covers the upgrade too.
//
// Any path is taken, and any Origin: nobody is admitted by what a browser adds to requests by
// itself, such as cookies, so a foreign page can do no more than a foreign program.
#pragma once

#include <cstdint>
#include <string>

#include "net/net.h"

namespace cauce::net {

struct WebSocketOptions {
  std::string subprotocol;                  // a client has to offer it: "mqtt"
  std::size_t head_bytes_max = 8 << 10;     // of the request that asks for the upgrade; more: 431
  std::uint64_t frame_bytes_max = 4 << 20;  // longer ones close with 1009
  std::size_t unsent_pongs_bytes_max = 64 << 10;  // who pings and does not read: 1008
};

// The same as `accept`, behind WebSocket. The handler's on_violation() says what was wrong.
Loop::Accept over_websocket(WebSocketOptions options, Loop::Accept accept);

}  // namespace cauce::net

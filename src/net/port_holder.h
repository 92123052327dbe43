// Who listens on a port of this machine, from /proc.
#pragma once

#include <cstdint>
#include <string>

namespace cauce::net {

// Of TCP, or of datagrams (UDP): "mosquitto (pid 812)", or "another program, whose name this user
// may not see".
std::string port_holder(std::uint16_t port, bool datagrams);

}  // namespace cauce::net

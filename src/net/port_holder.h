// Who listens on a TCP port of this machine, from /proc.
#pragma once

#include <cstdint>
#include <string>

namespace cauce::net {

// "mosquitto (pid 812)", or "another program, whose name this user may not see".
std::string port_holder(std::uint16_t port);

}  // namespace cauce::net

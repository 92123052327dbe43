// What a service manager that started us wants to know, by the protocol of sd_notify(3): one
// datagram to the socket that the environment names. Without that, nobody asked.
#pragma once

#include <string_view>

namespace cauce::app {

// "READY=1" or "STOPPING=1". Not answered and not repeated: a manager that misses it says so
// itself, by its own time-out.
void tell_readiness(std::string_view state);

}  // namespace cauce::app

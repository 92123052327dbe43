// What each device, and each company with all its devices, may send at most (allowance.h).
#pragma once

#include <cstddef>

namespace cauce::gateway {

// 0: without limit.
struct AccountLimits {
  double messages_per_second = 0;
  double bytes_per_second = 0;  // as they were read, payloads and all around them
  std::size_t connections = 0;  // of MQTT
};

struct AllowanceLimits {
  AccountLimits device{10'000, 16 << 20, 1'000};
  AccountLimits company{1'000'000, 1 << 30, 20'000};
};

}  // namespace cauce::gateway

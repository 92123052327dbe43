// What each device, and each company with all its devices, may send at most (allowance.h), where it
// has no limits of its own (business/limits.h).
#pragma once

#include <cstddef>

#include "record/message.h"

namespace cauce::gateway {

// 0: without limit.
struct AccountLimits {
  double messages_per_second = 0;
  double bytes_per_second = 0;    // as they were read, payloads and all around them
  std::size_t connections = 0;    // of MQTT
  std::size_t in_flight = 0;      // messages that are taken and not durable yet
  std::size_t payload_bytes = 0;  // of one message; 0 or more than what anybody may: as anybody

  bool operator==(const AccountLimits&) const = default;
};

struct AllowanceLimits {
  AccountLimits device{10'000, 16 << 20, 1'000, 10'000, record::payload_bytes_max};
  AccountLimits company{1'000'000, 1 << 30, 20'000, 100'000, record::payload_bytes_max};
};

}  // namespace cauce::gateway

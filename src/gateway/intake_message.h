// One message as it came from a device, before it is stored.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace cauce::gateway {

struct Incoming {
  std::string_view topic;
  std::string_view content_type;  // empty when the protocol has none
  BytesView payload;
  // What only those hear of it who subscribed: MQTT 5.0 properties as they came, checked.
  BytesView properties = {};
  std::uint64_t publisher = 0;  // the id of its session; 0: none
  std::uint8_t qos = 1;
  bool retain = false;
};

}  // namespace cauce::gateway

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
  // Of a session that outlives its connection (broker/session.h): its key, and under which id its
  // message of QoS 2 came.
  std::string_view session = {};
  std::uint16_t packet_id = 0;
  // Who receives it after a restart must know whose it is.
  bool names_session = false;
  bool is_will = false;  // of `session`
};

}  // namespace cauce::gateway

// The message that is published when a client leaves without saying so (MQTT 5.0 section 3.1.2.5).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "gateway/admission.h"
#include "record/session.h"

namespace cauce::gateway::broker {

struct Will {
  Identity identity;  // who says it
  std::string topic;
  Bytes payload;
  Bytes properties;  // as they came, checked
  std::string content_type;
  Duration delay{0};
  std::uint8_t qos = 0;
  bool retain = false;
  std::uint64_t publisher = 0;
  std::string session = {};  // the key of the session that leaves it
};

record::SessionWill to_record(const Will& will);
// Of the session with that key.
Will to_will(std::string_view session, const record::SessionWill& recorded);

// "acme" of "acme/mote-1/client".
std::string_view company_of(std::string_view session);
// "mote-1" of it.
std::string_view device_of(std::string_view session);

}  // namespace cauce::gateway::broker

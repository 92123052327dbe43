// The last retained message of each topic of one company (MQTT 5.0 section 3.3.1.3).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/broker/publication.h"

namespace cauce::gateway::broker {

// One thread.
class Retained {
 public:
  Retained(std::size_t count_max, std::size_t bytes_max)
      : count_max_(count_max), bytes_max_(bytes_max) {}

  // Whether a message of such a topic and payload can be kept; an empty payload always can.
  bool has_room(std::string_view topic, std::size_t payload_bytes) const;
  // Keeps it in the place of the one before; an empty payload removes that one [MQTT-3.3.1-6].
  void keep(SharedPublication publication);
  // Those whose topic the filter matches and which have not expired, by topic.
  std::vector<SharedPublication> matching(std::string_view filter, Duration now);

  // By topic.
  std::vector<SharedPublication> all() const;
  std::size_t count() const { return kept_.size(); }

 private:
  std::size_t count_max_;
  std::size_t bytes_max_;  // of topics and payloads
  std::size_t bytes_ = 0;
  std::map<std::string, SharedPublication, std::less<>> kept_;
};

}  // namespace cauce::gateway::broker

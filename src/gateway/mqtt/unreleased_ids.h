// The packet ids of QoS 2 messages that a client has sent and not released: what comes again under
// one of them is the same message (MQTT 3.1.1 and 5.0, section 4.3.3).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace cauce::gateway::mqtt {

class UnreleasedIds {
 public:
  // False when it was there.
  bool insert(std::uint16_t packet_id) {
    const auto place = std::ranges::lower_bound(ids_, packet_id);
    if (place != ids_.end() && *place == packet_id) return false;
    ids_.insert(place, packet_id);
    return true;
  }
  // False when it was not there.
  bool erase(std::uint16_t packet_id) {
    const auto place = std::ranges::lower_bound(ids_, packet_id);
    if (place == ids_.end() || *place != packet_id) return false;
    ids_.erase(place);
    return true;
  }
  bool contains(std::uint16_t packet_id) const {
    return std::ranges::binary_search(ids_, packet_id);
  }
  // Ascending.
  const std::vector<std::uint16_t>& all() const { return ids_; }
  std::size_t count() const { return ids_.size(); }

 private:
  std::vector<std::uint16_t> ids_;  // ascending
};

}  // namespace cauce::gateway::mqtt

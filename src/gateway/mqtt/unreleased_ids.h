// The packet ids of QoS 2 messages that a client has sent and not released: what comes again under
// one of them is the same message (MQTT 3.1.1 and 5.0, section 4.3.3).
//
// With one exception. A client that goes on with its session must say of what it sends again that
// it does (DUP, [MQTT-3.3.1-1]). When it says so not, under an id of an earlier connection, it has
// lost what it knew, a device that was switched off for example, and this is another message. Taken
// for the same one it would be acknowledged and lost.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace cauce::gateway::mqtt {

class UnreleasedIds {
 public:
  // The client comes back: what is there is of an earlier connection.
  void begin_connection() {
    for (Id& id : ids_)
      id.is_of_before = true;
  }

  // Whether a PUBLISH under this id, with DUP or not, is the message that is there already.
  bool is_repeat(std::uint16_t packet_id, bool duplicate) {
    const auto place = find(packet_id);
    if (place == ids_.end()) return false;
    const bool is_another = place->is_of_before && !duplicate;
    place->is_of_before = false;
    return !is_another;
  }

  // False when it was there.
  bool insert(std::uint16_t packet_id) {
    const auto place = std::ranges::lower_bound(ids_, packet_id, {}, &Id::number);
    if (place != ids_.end() && place->number == packet_id) return false;
    ids_.insert(place, {packet_id, false});
    return true;
  }
  // False when it was not there.
  bool erase(std::uint16_t packet_id) {
    const auto place = find(packet_id);
    if (place == ids_.end()) return false;
    ids_.erase(place);
    return true;
  }
  bool contains(std::uint16_t packet_id) const {
    return std::ranges::binary_search(ids_, packet_id, {}, &Id::number);
  }
  // Ascending.
  std::vector<std::uint16_t> all() const {
    std::vector<std::uint16_t> numbers;
    for (const Id& id : ids_)
      numbers.push_back(id.number);
    return numbers;
  }
  std::size_t count() const { return ids_.size(); }

 private:
  struct Id {
    std::uint16_t number;
    bool is_of_before;  // and did not come again since
  };

  std::vector<Id>::iterator find(std::uint16_t packet_id) {
    const auto place = std::ranges::lower_bound(ids_, packet_id, {}, &Id::number);
    return place != ids_.end() && place->number == packet_id ? place : ids_.end();
  }

  std::vector<Id> ids_;  // ascending
};

}  // namespace cauce::gateway::mqtt

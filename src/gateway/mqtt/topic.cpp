#include "gateway/mqtt/topic.h"

namespace cauce::gateway::mqtt {

void check_topic_name(PacketReader& reader, std::string_view topic) {
  if (topic.empty()) {
    reader.fail(Reason::protocol_error, "a topic is empty [MQTT-4.7.3-1]");
  } else if (topic.find_first_of("+#") != std::string_view::npos) {
    reader.fail(Reason::malformed_packet, "a topic to publish on holds a wildcard [MQTT-3.3.2-2]");
  }
}

bool is_topic_filter(std::string_view filter) {
  if (filter.empty()) return false;
  for (std::size_t index = 0; index < filter.size(); ++index) {
    if (filter[index] != '#' && filter[index] != '+') continue;
    const bool begins_level = index == 0 || filter[index - 1] == '/';
    const bool last = index + 1 == filter.size();
    const bool ends_level = last || (filter[index] == '+' && filter[index + 1] == '/');
    if (!begins_level || !ends_level) return false;
  }
  return true;
}

}  // namespace cauce::gateway::mqtt

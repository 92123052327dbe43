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

bool is_match(std::string_view filter, std::string_view topic) {
  // [MQTT-4.7.2-1].
  if (topic.starts_with('$') && filter.find_first_of("+#") == 0) return false;
  for (;;) {
    if (filter == "#") return true;
    const std::size_t filter_end = filter.find('/');
    const std::size_t topic_end = topic.find('/');
    const std::string_view level = filter.substr(0, filter_end);
    if (level != "+" && level != topic.substr(0, topic_end)) return false;
    const bool last = topic_end == std::string_view::npos;
    if (filter_end == std::string_view::npos) return last;
    filter.remove_prefix(filter_end + 1);
    // "a/#" is for "a" too.
    if (last) return filter == "#";
    topic.remove_prefix(topic_end + 1);
  }
}

std::string_view beginning_of(std::string_view filter) {
  std::string_view beginning = filter.substr(0, filter.find_first_of("+#"));
  // "a/#" is for "a" too.
  if (beginning.size() < filter.size() && beginning.ends_with('/')) beginning.remove_suffix(1);
  return beginning;
}

}  // namespace cauce::gateway::mqtt

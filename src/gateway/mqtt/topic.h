// Topic names and topic filters (MQTT 3.1.1 and 5.0, section 4.7).
#pragma once

#include <string_view>

#include "gateway/mqtt/wire.h"

namespace cauce::gateway::mqtt {

// At least one character and no wildcard; `reader` fails when not. That it is UTF-8 text, the
// reader has seen.
void check_topic_name(PacketReader& reader, std::string_view topic);

// Section 4.7.1: '#' is the whole last level, '+' a whole level.
bool is_topic_filter(std::string_view filter);

// Whether the filter, which is one, matches the topic (sections 4.7.1 and 4.7.2).
bool is_match(std::string_view filter, std::string_view topic);

// What a topic that the filter matches begins with, for look-ups in order.
std::string_view beginning_of(std::string_view filter);

}  // namespace cauce::gateway::mqtt

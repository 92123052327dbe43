// UTF-8 as MQTT wants it in every string field.
#pragma once

#include <string_view>

namespace cauce::gateway::mqtt {

// MQTT 3.1.1 section 1.5.3: well-formed UTF-8 (RFC 3629: no overlong form, no surrogates, nothing
// above U+10FFFF), without U+0000 [MQTT-1.5.3-1, MQTT-1.5.3-2].
bool is_utf8_string(std::string_view text);

}  // namespace cauce::gateway::mqtt

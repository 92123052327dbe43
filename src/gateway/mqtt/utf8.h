// UTF-8 as MQTT wants it in every string field.
#pragma once

#include <string_view>

namespace cauce::gateway::mqtt {

// MQTT 3.1.1 section 1.5.3: well-formed UTF-8 (RFC 3629: no overlong form, no surrogates, nothing
// above U+10FFFF), without U+0000 [MQTT-1.5.3-1, MQTT-1.5.3-2].
bool is_utf8_string(std::string_view text);

// That, and no control character (U+0001 to U+001F, U+007F to U+009F), which both versions let a
// server refuse (3.1.1 section 1.5.3, 5.0 section 1.5.4): what names something stands in logs.
bool is_utf8_name(std::string_view text);

}  // namespace cauce::gateway::mqtt

// Why a message could not be decoded (record::Undecodable), for people who read Spanish.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cauce::record {

// "key 7 sent, key 3 on record" is "clave 7 enviada, clave 3 registrada". Nothing: it is no reason
// of this version, or was cut within it. Any thread.
std::optional<std::string> reason_in_spanish(std::string_view reason);

}  // namespace cauce::record

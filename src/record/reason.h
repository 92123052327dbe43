// Why a message could not be decoded, for people who read Spanish. Reasons are sentences in
// English; those that operators meet most have a translation, the others stay as they are.
#pragma once

#include <string>
#include <string_view>

namespace cauce::record {

// "key 7 sent, key 3 on record" is "clave 7 enviada, clave 3 registrada".
std::string reason_in_spanish(std::string_view reason);

}  // namespace cauce::record

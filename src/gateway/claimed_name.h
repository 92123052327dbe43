// Whom a client claimed to be that is not admitted, as the log may say it.
#pragma once

#include <string>
#include <string_view>

namespace cauce::gateway {

// A device's name is no secret; a token put in its place is. Tokens have 43 characters.
constexpr std::size_t claimed_name_bytes_max = 40;

// "it claimed to be device \"mote-1\""; of what is longer than any name that is told, or is no
// text, only its length. Empty for an empty name.
std::string claimed_name(std::string_view name);

}  // namespace cauce::gateway

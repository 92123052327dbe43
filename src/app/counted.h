// How many of something there are, in the words that commands print.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cauce::app {

// "1 segment", "2 segments".
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace cauce::app

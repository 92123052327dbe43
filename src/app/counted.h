// How many of something there are, in the words that commands print.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stream/stream.h"

namespace cauce::app {

// "1 segment", "2 segments".
std::string counted(std::uint64_t count, std::string_view noun);

// Of the positions [first, end): "positions 0 to 9", "position 7", "no positions".
std::string counted_positions(stream::Position first, stream::Position end);

}  // namespace cauce::app

// What damage to the stream means to whoever runs cauce: is anything lost that is nowhere else, and
// what is done next.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "stream/description.h"

namespace cauce::app {

// The groups that read a partition of a topic, as far as they can be known.
std::vector<stream::DescribedGroup> groups_of(const std::filesystem::path& data,
                                              const std::string& topic,
                                              stream::Partition partition);

// "positions 16 to 17 are lost: groups decode and lake have passed them, so their messages are in
// the lake; group sessions, at position 0, has not". Of the positions [from, to) of `topic`.
std::string tell_loss(const std::string& topic, stream::Position from, stream::Position to,
                      const std::vector<stream::DescribedGroup>& groups);

}  // namespace cauce::app

// Makes room: trims a topic by age and by free disk, never what its consumers still need.
//
// A segment goes when all its records are older than `age_max` and every named group has passed
// them. When the disk is nearly full the oldest ones go even if they are younger, still only what
// the groups have passed. A named group that never committed holds everything; groups that are not
// named hold nothing (they go on from the lake).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "disk/free_space.h"
#include "stream/stream.h"
#include "work/worker.h"

namespace cauce::stream {

struct RetentionOptions {
  Duration age_max = std::chrono::hours{24};
  // Whose position must have passed a record before it goes.
  std::vector<std::string> groups = {"lake"};
  // Below this much free disk, age does not matter.
  unsigned free_percent_min = 15;
  // How often it looks.
  Duration interval = std::chrono::seconds{10};
  std::uint32_t partitions = 1;
};

// The worker that does it, in the process that writes the topic. All references outlive it. A
// failure to trim or to measure is logged and tried again at the next interval.
std::unique_ptr<work::Worker> retain(Writer& writer, std::unique_ptr<Reader> reader,
                                     std::unique_ptr<Cursors> cursors, disk::FreeSpace& free_space,
                                     const Clock& clock, RetentionOptions options);

// Below this much free disk nothing new is taken in: what is left is for those who make room.
constexpr unsigned intake_free_percent_min = 5;

// Whether intake must be refused now; the error when the disk can't be measured.
Result<bool> must_refuse_intake(disk::FreeSpace& free_space);

}  // namespace cauce::stream

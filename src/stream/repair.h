// Makes a damaged topic readable again without giving a position twice: what `cauce stream repair`
// does.
//
// What is damaged is set aside, never deleted, and the positions whose records are lost become a
// gap that readers step over. All other records keep their positions, and what is appended later
// gets positions above all that were ever given.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stream/stream.h"

namespace cauce::stream {

// One place that is damaged.
struct Mending {
  std::string file;
  std::uint64_t offset = 0;  // where in it
  std::string reason;
  Position from;  // the positions [from, to) are lost; none when they are equal
  Position to;
  // Of a derived topic, as far as it is known: what the lost records were made of.
  std::vector<Source> made_of = {};
  // Of a derived topic: its end is lost, and the next start makes these records again, at new
  // positions.
  bool is_made_again = false;
  std::uint64_t bytes_set_aside = 0;
};

struct RepairedPartition {
  Partition partition;
  Position end;  // where the next record goes
  std::vector<Mending> mendings;
  std::vector<std::string> set_aside;  // the files that hold what is damaged
};

struct RepairOptions {
  bool apply = false;  // else it only says what it would do
  // Positions below this were given, as somebody knows who read them.
  Position end_min = {};
  // Of a derived topic: what of its source is still kept. Nothing before it can be derived again.
  Position source_first = {};
  // Whom others find holding the topic meanwhile.
  std::string program = "cauce stream repair";
  // How long it waits for a writer that is dying.
  Duration lock_span_max{0};
};

}  // namespace cauce::stream

// Every stored byte of a topic read and judged: what `cauce stream verify` does.
//
// Unlike a reader, which stops at the first damaged frame, it goes on behind each damage and says
// what is lost. It changes nothing, and works beside a writer as well as without one: what is not
// durable yet is then left out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "stream/stream.h"

namespace cauce::stream {

struct VerifiedPartition {
  Partition partition;
  Position first;  // the oldest record kept
  Position end;    // one past the last record found
  std::uint64_t segments = 0;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;  // of the segments, all of them read
  // Of a write that nobody was told about: a writer is at work in it, or the next start cuts it
  // off.
  std::uint64_t unfinished_bytes = 0;
  std::uint64_t positions_lost = 0;
  std::uint64_t damages = 0;
  // Of earlier damage, which `cauce stream repair` declared lost; readers step over them.
  std::uint64_t gaps = 0;
  std::uint64_t positions_in_gaps = 0;
};

struct Damage {
  Partition partition;
  std::string what;  // the file, where in it, and what is wrong
  Position from;     // the positions [from, to) are lost; none when they are equal
  Position to;
};

struct DeclaredGap {
  Partition partition;
  std::string file;  // the segment that says it
  Position from;     // the positions [from, to) are lost
  Position to;
  Time declared_at;
  std::string set_aside;  // the file beside it with what was damaged; empty when there was nothing
};

// Who is told of each as it is found.
struct VerificationListener {
  std::function<void(const Damage&)> damage;
  std::function<void(const DeclaredGap&)> gap;
};

// Of [from, to): "positions 0 to 9", "position 7", "no position".
std::string tell_positions(Position from, Position to);

// "positions 16 to 17 are lost"; "no position is lost" when there are none.
std::string tell_lost(Position from, Position to);

}  // namespace cauce::stream

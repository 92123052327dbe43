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
};

// Runs once for each damage, with one sentence: the file, where in it, what is wrong, which
// positions are lost, what to do.
using TellDamage = std::function<void(const std::string& sentence)>;

}  // namespace cauce::stream

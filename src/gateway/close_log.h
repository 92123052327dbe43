// One line for every connection that ends or is refused, but no more than a disk can bear: of each
// kind, lines_max in span; the others are counted and told together.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "metrics/metrics.h"

namespace cauce::gateway {

enum class Ending {
  left,         // disconnected, or the network broke
  refused,      // not admitted
  violation,    // against the protocol, a limit or the topic policy
  silent,       // a time-out
  replaced,     // the same client connected again
  revoked,      // its device was disabled or got another token
  slow,         // it does not read
  full,         // connections_max
  undelivered,  // messages for its session were lost, or it was ended with them
  limited,      // over a limit, its reading pauses or a message is refused (the connection stays)
  forbidden,    // a message is refused by the topic policy (the connection stays)
  broken,       // a long request whose connection ended before it did
};

constexpr std::size_t endings = 12;

class CloseLog {
 public:
  static constexpr int lines_max = 10;
  static constexpr Duration span = std::chrono::seconds{10};

  // Whose line it is; empty for a client that nobody knows, and for counts.
  struct Whose {
    std::string_view company;
    std::string_view device;
  };
  using Write = std::function<void(Ending, std::string_view line, Whose whose)>;
  CloseLog(const Clock& clock, Write write,
           const std::array<metrics::Counter, endings>& counters = {})
      : clock_(clock), write_(std::move(write)), counters_(counters) {}

  // Control characters in what a client sent become '?'.
  void add(Ending ending, std::string line, Whose whose = {});
  // Tells what was counted once its span is over.
  void look_around();

 private:
  struct Kind {
    Duration since{0};
    int lines = 0;
    std::uint64_t suppressed = 0;
  };
  void begin_span(Ending ending, Kind& kind);

  const Clock& clock_;
  Write write_;
  std::array<metrics::Counter, endings> counters_;
  std::array<Kind, endings> kinds_;
};

// To the log: `left` as detail, the others as notice.
void write_to_log(Ending ending, std::string_view line, CloseLog::Whose whose);

}  // namespace cauce::gateway

// One command of a device, and what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace cauce::commands {

enum class State {
  waiting,       // it has not left yet
  sent,          // it has left, and will be sent again until the device acknowledges it
  given,         // it has left for the device by QoS 0: nobody will say whether it arrived
  acknowledged,  // the device has it
  refused,       // the device's acknowledgement says that it does not want it
  answered,      // the device said what came of it
  withdrawn,     // it is not sent any more
  expired,       // its time is over, and nobody said that it arrived
};

std::string_view name_of(State state);

// What the device said; the beginning of it, at most record::answer_bytes_max.
struct Answer {
  std::string content_type;
  Bytes start;
  std::uint64_t bytes = 0;  // of all of it

  bool operator==(const Answer&) const = default;
};

struct Command {
  std::string id;
  std::string company;
  std::string device;
  std::string content_type;
  Bytes payload;  // in a list only how it begins
  std::uint64_t payload_bytes = 0;
  Time given_at;
  std::string given_by;  // a user's name or a token's title
  Time expires_at;
  // In the topic `commands`; nullopt until somebody noted that it is there.
  std::optional<std::uint64_t> position;

  // When each was first noted, by the clock of the gateway; of `withdrawn_at` by ours, and of
  // `answered_at` the last time: a later answer replaces an earlier one.
  std::optional<Time> sent_at;
  // A bridge, or who else may listen, acknowledged it; the device may still be asleep.
  std::optional<Time> bridged_at;
  std::optional<Time> left_at;  // State::given
  std::optional<Time> acknowledged_at;
  std::optional<Time> refused_at;
  std::optional<Time> answered_at;
  std::optional<Time> withdrawn_at;

  std::optional<Answer> answer;

  bool operator==(const Command&) const = default;
};

// What is known of it at `now`. Of several facts the one that says most of the device counts, in
// whichever order they came: answered, acknowledged, refused, given; then withdrawn, and without
// any of them time decides: from expires_at on it is expired, sent or not. So what arrived before
// it was withdrawn, or after its time, has arrived; what was sent and never acknowledged expires,
// and sent_at says that it may have been carried out.
State state_of(const Command& command, Time now);

// It may still be sent: waiting or sent.
bool is_open(State state);

}  // namespace cauce::commands

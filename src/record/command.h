// What travels in the topic `commands`: what devices are asked to do, and what they need do no
// more. What came of it travels in `raw` (CommandStep of record/session.h). The byte format is
// docs/formats/records.md.
#pragma once

#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "record/message.h"

namespace cauce::record {

// The stream keeps a command as long as it may wait for its device.
constexpr Duration command_wait_max = std::chrono::hours{24};

struct Command {
  std::string id;   // a name, of one command only; empty: it was given before commands had ids
  Time expires_at;  // from then on it is not sent any more
  // As the device gets it, on commands_topic(); received_at is when it was given.
  Message message;

  bool operator==(const Command&) const = default;
};

// It is not sent any more.
struct Withdrawal {
  Time at;
  std::string company;
  std::string device;
  std::string id;

  bool operator==(const Withdrawal&) const = default;
};

using CommandRecord = std::variant<Command, Withdrawal>;

// Invariant: check(command.message) passes, its topic is commands_topic(), the id is a name and the
// times are times.
Bytes encode(const Command& command);
// Invariant: names are names, the time is a time.
Bytes encode(const Withdrawal& withdrawal);

// Invalid when the bytes are not exactly one record of the topic. A message (kind 1), as the topic
// held them before, is a command without an id that waits command_wait_max.
Result<CommandRecord> decode_command(BytesView bytes);

}  // namespace cauce::record

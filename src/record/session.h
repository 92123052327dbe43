// What the gateway writes into the topic `raw` beside the messages, so that its MQTT sessions can
// be made again from it: what happened to a session, and what a message has that record::Message
// does not hold. Readers who want messages skip both. The byte format is docs/formats/records.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/names.h"
#include "base/result.h"
#include "base/time.h"

namespace cauce::record {

// "company/device/client id"; a client id has at most 256 bytes.
constexpr std::size_t session_key_bytes_max = 2 * (name_bytes_max + 1) + 256;
constexpr std::size_t filter_bytes_max = 512;
constexpr std::size_t properties_bytes_max = 16 << 10;
constexpr std::size_t will_payload_bytes_max = 64 << 10;
// Entries of one Sent or Finished.
constexpr std::size_t deliveries_max = 4096;
// Of what a device answers to a command, what stands in a CommandStep; the whole of it is in its
// message.
constexpr std::size_t answer_bytes_max = 64 << 10;

// Stands right before its message; before anything else, it says nothing.
struct Particulars {
  Time at;
  std::string session;          // of who sent it; empty when nobody needs to know
  std::uint16_t packet_id = 0;  // QoS 2: the id that is now in use; 0: none
  std::uint8_t qos = 1;         // 0 to 2
  bool retain = false;
  bool is_will = false;  // the will of `session`, which is now published
  std::optional<Time> expires_at = {};
  Bytes properties = {};  // MQTT 5.0's, as receivers get them

  bool operator==(const Particulars&) const = default;
};

struct SessionWill {
  std::string device;  // at most name_bytes_max bytes
  bool bridge = false;
  std::string topic;
  std::string content_type;
  Bytes payload;
  Bytes properties;  // MQTT 5.0's, as they came
  std::uint32_t delay_s = 0;
  std::uint8_t qos = 0;
  bool retain = false;

  bool operator==(const SessionWill&) const = default;
};

// The gateway begins: no connection is left. The session's key is empty.
struct Started {
  bool operator==(const Started&) const = default;
};
struct Connected {
  std::uint32_t expiry_s = 0;
  bool is_new = true;  // what was under this key is gone
  std::optional<SessionWill> will = {};
  bool operator==(const Connected&) const = default;
};
struct Disconnected {
  std::uint32_t expiry_s = 0;
  bool leaves_will = false;
  bool operator==(const Disconnected&) const = default;
};
struct Ended {
  bool leaves_will = false;  // it is published, before or after this
  bool operator==(const Ended&) const = default;
};
struct Subscribed {
  std::string filter;
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  bool sends_retained = false;
  std::uint32_t identifier = 0;
  bool operator==(const Subscribed&) const = default;
};
struct Unsubscribed {
  std::string filter;
  bool operator==(const Unsubscribed&) const = default;
};
// PUBREL of a message that the client sent.
struct Released {
  std::uint16_t packet_id = 0;
  bool operator==(const Released&) const = default;
};
// A message for the client, by its place in `raw` or `commands`.
struct Delivery {
  bool is_command = false;
  // By which way it is for it: the same message may be for it by several.
  bool is_retained = false;  // as what was retained
  bool is_shared = false;    // by a shared subscription
  std::uint8_t qos = 1;      // 1 or 2
  std::uint64_t position = 0;
  std::uint16_t packet_id = 0;
  bool operator==(const Delivery&) const = default;
};
// QoS 2: these ids are in use from now on, and what has them may have been sent.
struct Sent {
  std::vector<Delivery> deliveries;  // at most deliveries_max
  bool operator==(const Sent&) const = default;
};
// PUBREC of a message for the client: it is never sent again.
struct Received {
  std::uint16_t packet_id = 0;
  bool operator==(const Received&) const = default;
};
// Their exchange is over, or they are given up. Packet id 0: whichever has the place.
struct Finished {
  std::vector<Delivery> deliveries;  // at most deliveries_max
  bool operator==(const Finished&) const = default;
};
// Commands before this position of the topic `commands` were given to sessions. No key.
struct CommandsPassed {
  std::uint64_t position = 0;
  bool operator==(const CommandsPassed&) const = default;
};

// What came of a command (record/command.h). The session's key is that of who got it, which may be
// a bridge; empty when it was by another protocol than MQTT. Steps may be missing, and may come
// again: what was on its way when the gateway died is sent once more.
struct CommandStep {
  enum class Kind : std::uint8_t {
    sent = 1,      // it has left, and will be sent again until one of those below comes
    given,         // it has left by QoS 0: nobody will say whether it arrived
    acknowledged,  // it has arrived
    refused,       // the device's acknowledgement says that it does not want it
    answered,      // the device said what came of it, on command_result_topic()
  };

  Kind kind = Kind::sent;
  std::string company;  // of the command, as are the next two
  std::string device;
  std::string id;
  // Of `answered`; the first answer_bytes_max bytes of it, and how many it has.
  std::string content_type = {};
  Bytes answer = {};
  std::uint32_t answer_bytes = 0;

  bool operator==(const CommandStep&) const = default;
};

// In the order of their number in the format, which begins with 1.
using SessionEvent = std::variant<Started, Connected, Disconnected, Ended, Subscribed, Unsubscribed,
                                  Released, Sent, Received, Finished, CommandsPassed, CommandStep>;

struct SessionChange {
  Time at;
  std::string session;
  SessionEvent event;

  bool operator==(const SessionChange&) const = default;
};

// "connected", "commands passed", …
std::string_view name_of(const SessionEvent& event);
// "sent", "given", "acknowledged", "refused" or "answered".
std::string_view name_of(CommandStep::Kind kind);

// Invariant: what is encoded keeps the limits above.
Bytes encode(const Particulars& particulars);
Bytes encode(const SessionChange& change);

// Invalid when the bytes are not exactly one encoded record.
Result<Particulars> decode_particulars(BytesView bytes);
Result<SessionChange> decode_session_change(BytesView bytes);

}  // namespace cauce::record

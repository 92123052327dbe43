// What travels in the topic `raw`: what devices sent, untouched, the gateway's ticks, and what the
// gateway notes of its sessions (record/session.h). The byte format is docs/formats/records.md.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace cauce::record {

// 1 MiB: the largest payload a device may send; the gateway refuses more by name and limit.
constexpr std::size_t payload_bytes_max = 1 << 20;
constexpr std::size_t topic_bytes_max = 512;
constexpr std::size_t content_type_bytes_max = 256;

struct Message {
  std::string company;  // a name
  std::string device;   // any bytes, at most name_bytes_max: `--open` admits every client
  std::string topic;    // UTF-8, without wildcards, at most topic_bytes_max
  // Gateway's wall clock; never decreases within a partition, and no two messages have the same one
  // unless more than a million come in a second.
  Time received_at;
  std::string content_type;  // empty when the protocol has none; at most content_type_bytes_max
  Bytes payload;             // at most payload_bytes_max

  bool operator==(const Message&) const = default;
};

// "Nothing arrived, and I am alive": written by the gateway in every idle second, so that silence
// is judged by stream time and our own outage looks like no time at all.
struct Tick {
  Time at;

  bool operator==(const Tick&) const = default;
};

// What encode needs: `invalid` naming the field, its size and the limit. Ask before encoding what
// somebody outside has chosen.
Result<void> check(const Message& message);

// Invariant: check(message) passes, so that whatever is stored can be read back.
Bytes encode(const Message& message);
// Invariant: time_min <= tick.at < time_max.
Bytes encode(const Tick& tick);

enum class RawKind {
  message,
  tick,
  particulars,     // of the message behind it, for decode_particulars()
  session_change,  // for decode_session_change()
};

struct RawRecord {
  RawKind kind = RawKind::message;
  Time at;          // of a message, when it was received
  Message message;  // empty unless it is one

  bool is_message() const { return kind == RawKind::message; }
};

// Of what is a record of `raw`; from its first bytes alone, and nullopt when they say something
// else.
std::optional<RawKind> raw_kind(BytesView bytes);

// Invalid when the bytes are not exactly one encoded record.
Result<RawRecord> decode_raw(BytesView bytes);

// The topic on which a device sends its values: "devices/{device}/telemetry".
std::string telemetry_topic(std::string_view device);
// The topic on which a device gets commands: "devices/{device}/commands".
std::string commands_topic(std::string_view device);
// The topic on which it says what came of one: "devices/{device}/commands/{id}/result".
std::string command_result_topic(std::string_view device, std::string_view id);

}  // namespace cauce::record

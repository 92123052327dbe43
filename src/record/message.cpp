#include "record/message.h"

#include <fmt/core.h>

#include "base/invariant.h"
#include "record/fields.h"
#include "record/session.h"

namespace cauce::record {
namespace {

FieldCheck checked(const Message& message) {
  FieldCheck check;
  check.name("company", message.company);
  check.at_most("device", message.device.size(), name_bytes_max);
  check.at_most("topic", message.topic.size(), topic_bytes_max);
  check.time("received_at", message.received_at);
  check.at_most("content_type", message.content_type.size(), content_type_bytes_max);
  check.at_most("payload", message.payload.size(), payload_bytes_max);
  return check;
}

std::string device_topic(std::string_view device, std::string_view leaf) {
  return fmt::format("devices/{}/{}", device, leaf);
}

}  // namespace

Result<void> check(const Message& message) {
  return checked(message).answer("message");
}

Bytes encode(const Message& message) {
  INVARIANT(checked(message).passed());
  Bytes bytes;
  bytes.reserve(head_bytes + time_bytes + 2 * short_bytes + 2 * medium_bytes + 4 +
                message.company.size() + message.device.size() + message.topic.size() +
                message.content_type.size() + message.payload.size());
  put_head(bytes, Kind::message);
  put_i64(bytes, to_microseconds(message.received_at));
  put_short(bytes, message.company);
  put_short(bytes, message.device);
  put_medium(bytes, message.topic);
  put_medium(bytes, message.content_type);
  put_sized(bytes, message.payload);
  return bytes;
}

Bytes encode(const Tick& tick) {
  INVARIANT(tick.at >= time_min && tick.at < time_max);
  Bytes bytes;
  put_head(bytes, Kind::tick);
  put_i64(bytes, to_microseconds(tick.at));
  return bytes;
}

std::optional<RawKind> raw_kind(BytesView bytes) {
  if (bytes.empty()) return std::nullopt;
  switch (Kind{std::uint8_t(bytes[0])}) {
    case Kind::message: return RawKind::message;
    case Kind::tick: return RawKind::tick;
    case Kind::particulars: return RawKind::particulars;
    case Kind::session_change: return RawKind::session_change;
    default: return std::nullopt;
  }
}

Result<RawRecord> decode_raw(BytesView bytes) {
  FieldReader reader{bytes};
  RawRecord record;
  const Kind kind = reader.head();
  if (kind == Kind::particulars) {
    const auto particulars = decode_particulars(bytes);
    if (!particulars) return particulars.error();
    return RawRecord{RawKind::particulars, particulars->at, {}};
  }
  if (kind == Kind::session_change) {
    const auto change = decode_session_change(bytes);
    if (!change) return change.error();
    return RawRecord{RawKind::session_change, change->at, {}};
  }
  if (kind == Kind::tick) {
    record.kind = RawKind::tick;
    record.at = reader.time("at");
  } else if (kind == Kind::message) {
    Message& message = record.message;
    message.received_at = reader.time("received_at");
    message.company = reader.name("company");
    message.device = reader.short_text("device", name_bytes_max);
    message.topic = reader.medium_text("topic", topic_bytes_max);
    message.content_type = reader.medium_text("content_type", content_type_bytes_max);
    message.payload = reader.long_text("payload", payload_bytes_max);
    record.at = message.received_at;
  } else {
    reader.check().broken(fmt::format("kind {} is none of this topic", int(kind)));
  }
  if (auto whole = reader.finish("raw record"); !whole) return whole.error();
  return record;
}

std::string telemetry_topic(std::string_view device) {
  return device_topic(device, "telemetry");
}

std::string commands_topic(std::string_view device) {
  return device_topic(device, "commands");
}

std::string command_result_topic(std::string_view device, std::string_view id) {
  return fmt::format("devices/{}/commands/{}/result", device, id);
}

}  // namespace cauce::record

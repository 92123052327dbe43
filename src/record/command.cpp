#include "record/command.h"

#include <algorithm>

#include "base/invariant.h"
#include "record/fields.h"

namespace cauce::record {
namespace {

FieldCheck checked(const Command& command) {
  FieldCheck check;
  check.name("id", command.id);
  check.time("expires_at", command.expires_at);
  if (command.message.topic != commands_topic(command.message.device)) {
    check.broken("topic is not the device's topic of commands");
  }
  return check;
}

Command read_command(FieldReader& reader) {
  Command command;
  Message& message = command.message;
  message.received_at = reader.time("given_at");
  command.expires_at = reader.time("expires_at");
  command.id = reader.name("id");
  message.company = reader.name("company");
  message.device = reader.short_text("device", name_bytes_max);
  message.topic = commands_topic(message.device);
  message.content_type = reader.medium_text("content_type", content_type_bytes_max);
  message.payload = reader.long_text("payload", payload_bytes_max);
  return command;
}

Withdrawal read_withdrawal(FieldReader& reader) {
  Withdrawal withdrawal;
  withdrawal.at = reader.time("at");
  withdrawal.id = reader.name("id");
  withdrawal.company = reader.name("company");
  withdrawal.device = reader.short_text("device", name_bytes_max);
  return withdrawal;
}

// The last time there is, when it would be later.
Time end_of_wait(Time given_at) {
  return std::min(given_at + command_wait_max, time_max - Duration{1});
}

}  // namespace

Bytes encode(const Command& command) {
  const Message& message = command.message;
  INVARIANT(check(message) && checked(command).passed());
  Bytes bytes;
  put_head(bytes, Kind::command);
  put_i64(bytes, to_microseconds(message.received_at));
  put_i64(bytes, to_microseconds(command.expires_at));
  put_short(bytes, command.id);
  put_short(bytes, message.company);
  put_short(bytes, message.device);
  put_medium(bytes, message.content_type);
  put_sized(bytes, message.payload);
  return bytes;
}

Bytes encode(const Withdrawal& withdrawal) {
  FieldCheck check;
  check.time("at", withdrawal.at);
  check.name("id", withdrawal.id);
  check.name("company", withdrawal.company);
  check.at_most("device", withdrawal.device.size(), name_bytes_max);
  INVARIANT(check.passed());
  Bytes bytes;
  put_head(bytes, Kind::withdrawal);
  put_i64(bytes, to_microseconds(withdrawal.at));
  put_short(bytes, withdrawal.id);
  put_short(bytes, withdrawal.company);
  put_short(bytes, withdrawal.device);
  return bytes;
}

Result<CommandRecord> decode_command(BytesView bytes) {
  FieldReader reader{bytes};
  CommandRecord record;
  switch (reader.head()) {
    case Kind::command: record = read_command(reader); break;
    case Kind::withdrawal: record = read_withdrawal(reader); break;
    case Kind::message: {
      auto raw = decode_raw(bytes);
      if (!raw) return raw.error();
      const Time until = end_of_wait(raw->message.received_at);
      return CommandRecord{Command{{}, until, std::move(raw->message)}};
    }
    default: reader.check().broken("it is of none of this topic's kinds");
  }
  if (auto whole = reader.finish("record of commands"); !whole) return whole.error();
  return record;
}

}  // namespace cauce::record

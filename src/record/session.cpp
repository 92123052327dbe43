#include "record/session.h"

#include <fmt/core.h>

#include <array>

#include "base/invariant.h"
#include "record/fields.h"
#include "record/message.h"

namespace cauce::record {
namespace {

// One byte each, in the order of SessionEvent.
enum class Event : std::uint8_t {
  started = 1,
  connected,
  disconnected,
  ended,
  subscribed,
  unsubscribed,
  released,
  sent,
  received,
  finished,
  commands_passed,
  command_step,
};

constexpr std::uint8_t retain_flag = 1;
constexpr std::uint8_t will_flag = 2;
constexpr std::uint8_t no_local_flag = 1;
constexpr std::uint8_t as_published_flag = 2;
constexpr std::uint8_t retained_flag = 4;
constexpr std::uint8_t bridge_flag = 2;
constexpr std::uint8_t command_flag = 4;  // beside the QoS
constexpr std::uint8_t kept_flag = 8;     // the same
constexpr std::uint8_t shared_flag = 16;  // the same

void put_flag(std::uint8_t& flags, std::uint8_t flag, bool is_set) {
  if (is_set) flags = std::uint8_t(flags | flag);
}

void put_will(Bytes& bytes, const SessionWill& will) {
  std::uint8_t flags = 0;
  put_flag(flags, retain_flag, will.retain);
  put_flag(flags, bridge_flag, will.bridge);
  put_u8(bytes, flags);
  put_u8(bytes, will.qos);
  put_u32(bytes, will.delay_s);
  put_short(bytes, will.device);
  put_medium(bytes, will.topic);
  put_medium(bytes, will.content_type);
  put_medium(bytes, will.properties);
  put_sized(bytes, will.payload);
}

void put_deliveries(Bytes& bytes, const std::vector<Delivery>& deliveries) {
  INVARIANT(deliveries.size() <= deliveries_max);
  put_u16(bytes, std::uint16_t(deliveries.size()));
  for (const Delivery& delivery : deliveries) {
    std::uint8_t kind = delivery.qos;
    put_flag(kind, command_flag, delivery.is_command);
    put_flag(kind, kept_flag, delivery.is_retained);
    put_flag(kind, shared_flag, delivery.is_shared);
    put_u8(bytes, kind);
    put_u64(bytes, delivery.position);
    put_u16(bytes, delivery.packet_id);
  }
}

struct EventWriter {
  Bytes& bytes;

  void operator()(const Started&) const {}
  void operator()(const Connected& event) const {
    put_u32(bytes, event.expiry_s);
    put_u8(bytes, event.is_new ? 1 : 0);
    put_u8(bytes, event.will ? 1 : 0);
    if (event.will) put_will(bytes, *event.will);
  }
  void operator()(const Disconnected& event) const {
    put_u32(bytes, event.expiry_s);
    put_u8(bytes, event.leaves_will ? 1 : 0);
  }
  void operator()(const Ended& event) const { put_u8(bytes, event.leaves_will ? 1 : 0); }
  void operator()(const Subscribed& event) const {
    std::uint8_t flags = 0;
    put_flag(flags, no_local_flag, event.no_local);
    put_flag(flags, as_published_flag, event.retain_as_published);
    put_flag(flags, retained_flag, event.sends_retained);
    put_u8(bytes, flags);
    put_u8(bytes, event.qos);
    put_u32(bytes, event.identifier);
    put_medium(bytes, event.filter);
  }
  void operator()(const Unsubscribed& event) const { put_medium(bytes, event.filter); }
  void operator()(const Released& event) const { put_u16(bytes, event.packet_id); }
  void operator()(const Sent& event) const { put_deliveries(bytes, event.deliveries); }
  void operator()(const Received& event) const { put_u16(bytes, event.packet_id); }
  void operator()(const Finished& event) const { put_deliveries(bytes, event.deliveries); }
  void operator()(const CommandsPassed& event) const { put_u64(bytes, event.position); }
  void operator()(const CommandStep& event) const {
    put_u8(bytes, std::uint8_t(event.kind));
    put_short(bytes, event.company);
    put_short(bytes, event.device);
    put_short(bytes, event.id);
    put_medium(bytes, event.content_type);
    put_u32(bytes, event.answer_bytes);
    put_sized(bytes, event.answer);
  }
};

SessionWill read_will(FieldReader& reader) {
  SessionWill will;
  const std::uint8_t flags = reader.flags("will", retain_flag | bridge_flag);
  will.retain = (flags & retain_flag) != 0;
  will.bridge = (flags & bridge_flag) != 0;
  will.qos = reader.number_at_most("qos", 2);
  will.delay_s = reader.u32();
  will.device = reader.short_text("device", name_bytes_max);
  will.topic = reader.medium_text("topic", topic_bytes_max);
  will.content_type = reader.medium_text("content_type", content_type_bytes_max);
  will.properties = reader.medium_text("properties", properties_bytes_max);
  will.payload = reader.long_text("payload", will_payload_bytes_max);
  return will;
}

Connected read_connected(FieldReader& reader) {
  Connected event;
  event.expiry_s = reader.u32();
  event.is_new = reader.flags("is_new", 1) != 0;
  if (reader.flags("has_will", 1) != 0) event.will = read_will(reader);
  return event;
}

Disconnected read_disconnected(FieldReader& reader) {
  Disconnected event;
  event.expiry_s = reader.u32();
  event.leaves_will = reader.flags("leaves_will", 1) != 0;
  return event;
}

Subscribed read_subscribed(FieldReader& reader) {
  Subscribed event;
  const auto flags =
      reader.flags("subscription", no_local_flag | as_published_flag | retained_flag);
  event.no_local = (flags & no_local_flag) != 0;
  event.retain_as_published = (flags & as_published_flag) != 0;
  event.sends_retained = (flags & retained_flag) != 0;
  event.qos = reader.number_at_most("qos", 2);
  event.identifier = reader.u32();
  event.filter = reader.medium_text("filter", filter_bytes_max);
  return event;
}

std::vector<Delivery> read_deliveries(FieldReader& reader) {
  const std::uint16_t count = reader.u16();
  reader.check().at_most("deliveries", count, deliveries_max);
  std::vector<Delivery> deliveries;
  for (std::uint16_t index = 0; index < count && reader.is_sound(); ++index) {
    Delivery delivery;
    const std::uint8_t kind = reader.u8();
    delivery.is_command = (kind & command_flag) != 0;
    delivery.is_retained = (kind & kept_flag) != 0;
    delivery.is_shared = (kind & shared_flag) != 0;
    delivery.qos = std::uint8_t(kind & ~(command_flag | kept_flag | shared_flag));
    if (delivery.qos != 1 && delivery.qos != 2) reader.check().broken("qos is neither 1 nor 2");
    delivery.position = reader.u64();
    delivery.packet_id = reader.u16();
    deliveries.push_back(delivery);
  }
  return deliveries;
}

CommandStep read_command_step(FieldReader& reader) {
  CommandStep step;
  const std::uint8_t kind = reader.u8();
  const bool is_known = kind >= std::uint8_t(CommandStep::Kind::sent) &&
                        kind <= std::uint8_t(CommandStep::Kind::answered);
  if (!is_known) reader.check().broken(fmt::format("step {}, known are 1 to 5", kind));
  step.kind = CommandStep::Kind{kind};
  step.company = reader.name("company");
  step.device = reader.short_text("device", name_bytes_max);
  step.id = reader.name("id");
  step.content_type = reader.medium_text("content_type", content_type_bytes_max);
  step.answer_bytes = reader.u32();
  step.answer = reader.long_text("answer", answer_bytes_max);
  return step;
}

SessionEvent read_event(FieldReader& reader) {
  const std::uint8_t event = reader.u8();
  switch (Event{event}) {
    case Event::started: return Started{};
    case Event::connected: return read_connected(reader);
    case Event::disconnected: return read_disconnected(reader);
    case Event::ended: return Ended{reader.flags("leaves_will", 1) != 0};
    case Event::subscribed: return read_subscribed(reader);
    case Event::unsubscribed: return Unsubscribed{reader.medium_text("filter", filter_bytes_max)};
    case Event::released: return Released{reader.u16()};
    case Event::sent: return Sent{read_deliveries(reader)};
    case Event::received: return Received{reader.u16()};
    case Event::finished: return Finished{read_deliveries(reader)};
    case Event::commands_passed: return CommandsPassed{reader.u64()};
    case Event::command_step: return read_command_step(reader);
  }
  reader.check().broken(fmt::format("event {}, known are 1 to 12", event));
  return Started{};
}

constexpr std::array<std::string_view, std::variant_size_v<SessionEvent>> event_names{
    "started",  "connected", "disconnected", "ended",    "subscribed",      "unsubscribed",
    "released", "sent",      "received",     "finished", "commands passed", "command step"};

}  // namespace

std::string_view name_of(const SessionEvent& event) {
  return event_names[event.index()];
}

std::string_view name_of(CommandStep::Kind kind) {
  switch (kind) {
    case CommandStep::Kind::sent: return "sent";
    case CommandStep::Kind::given: return "given";
    case CommandStep::Kind::acknowledged: return "acknowledged";
    case CommandStep::Kind::refused: return "refused";
    case CommandStep::Kind::answered: return "answered";
  }
  return "";
}

Bytes encode(const Particulars& particulars) {
  INVARIANT(particulars.at >= time_min && particulars.at < time_max && particulars.qos <= 2);
  Bytes bytes;
  put_head(bytes, Kind::particulars);
  put_i64(bytes, to_microseconds(particulars.at));
  std::uint8_t flags = 0;
  put_flag(flags, retain_flag, particulars.retain);
  put_flag(flags, will_flag, particulars.is_will);
  put_u8(bytes, flags);
  put_u8(bytes, particulars.qos);
  put_u16(bytes, particulars.packet_id);
  // A message that never expires expires at the end of time.
  put_i64(bytes, to_microseconds(particulars.expires_at.value_or(time_max)));
  put_medium(bytes, particulars.session);
  put_medium(bytes, particulars.properties);
  return bytes;
}

Bytes encode(const SessionChange& change) {
  INVARIANT(change.at >= time_min && change.at < time_max);
  Bytes bytes;
  put_head(bytes, Kind::session_change);
  put_i64(bytes, to_microseconds(change.at));
  put_medium(bytes, change.session);
  put_u8(bytes, std::uint8_t(change.event.index() + 1));
  std::visit(EventWriter{bytes}, change.event);
  return bytes;
}

Result<Particulars> decode_particulars(BytesView bytes) {
  FieldReader reader{bytes};
  if (reader.head() != Kind::particulars) reader.check().broken("it is of another kind");
  Particulars particulars;
  particulars.at = reader.time("at");
  const std::uint8_t flags = reader.flags("particulars", retain_flag | will_flag);
  particulars.retain = (flags & retain_flag) != 0;
  particulars.is_will = (flags & will_flag) != 0;
  particulars.qos = reader.number_at_most("qos", 2);
  particulars.packet_id = reader.u16();
  const Time expires_at = reader.time_or_end("expires_at");
  if (expires_at != time_max) particulars.expires_at = expires_at;
  particulars.session = reader.medium_text("session", session_key_bytes_max);
  particulars.properties = reader.medium_text("properties", properties_bytes_max);
  if (auto whole = reader.finish("particulars"); !whole) return whole.error();
  return particulars;
}

Result<SessionChange> decode_session_change(BytesView bytes) {
  FieldReader reader{bytes};
  if (reader.head() != Kind::session_change) reader.check().broken("it is of another kind");
  SessionChange change;
  change.at = reader.time("at");
  change.session = reader.medium_text("session", session_key_bytes_max);
  change.event = read_event(reader);
  if (auto whole = reader.finish("session change"); !whole) return whole.error();
  return change;
}

}  // namespace cauce::record

#include "gateway/broker/state.h"

#include <fmt/core.h>

#include "base/invariant.h"
#include "gateway/broker/will.h"
#include "gateway/mqtt/property.h"
#include "record/message.h"

namespace cauce::gateway::broker {
namespace {

constexpr std::uint8_t retain_flag = 1;
constexpr std::uint8_t shared_flag = 2;
constexpr std::uint8_t again_flag = 4;
constexpr std::uint8_t command_flag = 8;
constexpr std::uint8_t no_local_flag = 1;
constexpr std::uint8_t as_published_flag = 2;
constexpr std::uint8_t bridge_flag = 2;
constexpr std::uint8_t sent_flag = 1;
constexpr std::uint8_t over_flag = 2;
// Where there is no time.
constexpr std::int64_t no_time = -1;

std::uint8_t flag_if(bool is_set, std::uint8_t flag) {
  return is_set ? flag : std::uint8_t{0};
}

class Writer {
 public:
  Bytes bytes;

  void count(std::size_t value) { put_u32(bytes, std::uint32_t(value)); }
  void text(BytesView value) { put_sized(bytes, value); }
  void flags(int value) { put_u8(bytes, std::uint8_t(value)); }
  void time(const std::optional<Time>& time) {
    put_i64(bytes, time ? to_microseconds(*time) : no_time);
  }

  void put(const BodyState& body) {
    put_u8(bytes, flag_if(body.place.shelf == Shelf::commands, command_flag));
    put_u64(bytes, body.place.position.number);
    put_u8(bytes, body.qos);
    time(body.expires_at);
    text(body.topic);
    text(body.properties);
    text(body.payload);
  }
  void put(const ExtrasState& extras) {
    time(extras.expires_at);
    text(extras.properties);
  }
  void put(const RetainedState& retained) {
    text(retained.company);
    put_u32(bytes, retained.body);
  }
  void put(const QueuedState& queued) {
    flags(flag_if(queued.retain, retain_flag) | flag_if(queued.shared, shared_flag) |
          flag_if(queued.again, again_flag) |
          flag_if(queued.place.shelf == Shelf::commands, command_flag));
    put_u8(bytes, queued.qos);
    put_u64(bytes, queued.place.position.number);
    put_u16(bytes, queued.packet_id);
    put_u32(bytes, queued.body);
    put_u32(bytes, queued.extras);
    all(queued.identifiers);
  }
  void put(std::uint32_t number) { put_u32(bytes, number); }
  void put(std::uint16_t number) { put_u16(bytes, number); }
  void put(const SubscriptionState& subscription) {
    const SubscriptionOptions& options = subscription.options;
    flags(flag_if(options.no_local, no_local_flag) |
          flag_if(options.retain_as_published, as_published_flag));
    put_u8(bytes, options.qos);
    put_u32(bytes, options.identifier);
    put_u64(bytes, subscription.number);
    text(subscription.filter);
  }
  void put(const record::SessionWill& will) {
    flags(flag_if(will.retain, retain_flag) | flag_if(will.bridge, bridge_flag));
    put_u8(bytes, will.qos);
    put_u32(bytes, will.delay_s);
    text(will.device);
    text(will.topic);
    text(will.content_type);
    text(will.properties);
    text(will.payload);
  }
  void put(const SessionState& session) {
    text(session.key);
    put_u32(bytes, session.expiry_s);
    flags(session.is_there ? 1 : 0);
    time(session.ends_at);
    time(session.will_at);
    flags(session.will ? 1 : 0);
    if (session.will) put(*session.will);
    all(session.subscriptions);
    all(session.unreleased);
    all(session.queue);
    all(session.released);
  }
  void put(const TurnState& turn) {
    text(turn.company);
    text(turn.filter);
    put_u32(bytes, turn.next);
  }
  void put(const DueWillState& due) {
    text(due.session);
    put(due.will);
  }
  void put(const std::string& name) { text(name); }
  void put(const CommandState& command) {
    text(command.company);
    text(command.device);
    text(command.id);
    put_u64(bytes, command.position);
    time(command.given_at);
    time(command.expires_at);
    flags(flag_if(command.sent, sent_flag) | flag_if(command.over, over_flag));
    text(command.properties);
    all(command.done_by);
  }
  template <class Item>
  void all(const std::vector<Item>& items) {
    count(items.size());
    for (const Item& item : items)
      put(item);
  }
};

// Remembers the first thing that breaks its rule.
class Reader {
 public:
  explicit Reader(BytesView bytes) : reader_(bytes) {}

  Result<State> read(std::uint32_t version);

 private:
  void check(bool is_good, std::string_view sentence) {
    if (!is_good && broken_.empty()) broken_ = sentence;
  }
  bool is_sound() const { return broken_.empty() && !reader_.failed(); }

  std::uint8_t flags(std::uint8_t known) {
    const std::uint8_t flags = reader_.u8();
    check((flags & ~known) == 0, "a flag is not known");
    return flags;
  }
  std::uint8_t qos(std::uint8_t qos_min) {
    const std::uint8_t qos = reader_.u8();
    check(qos >= qos_min && qos <= 2, "a QoS is out of its range");
    return qos;
  }
  std::string text(std::size_t bytes_max, std::string_view sentence) {
    const BytesView text = reader_.sized();
    check(text.size() <= bytes_max, sentence);
    return std::string(text);
  }
  std::optional<Time> time() {
    const std::int64_t value = reader_.i64();
    if (value == no_time) return std::nullopt;
    const Time time = from_microseconds(value);
    check(time >= time_min && time < time_max, "a time is out of its range");
    return time;
  }
  Time certain_time() {
    const std::optional<Time> found = time();
    check(found.has_value(), "a time is missing");
    return found.value_or(time_min);
  }
  std::string name() { return text(name_bytes_max, "a name is too long"); }
  std::string key() {
    std::string key = text(record::session_key_bytes_max, "a session's key is too long");
    check(is_name(company_of(key)) && key.find('/') != std::string::npos,
          "a session's key does not begin with a company");
    return key;
  }
  std::string company() {
    std::string name = text(name_bytes_max, "a company's name is too long");
    check(is_name(name), "a company's name is none");
    return name;
  }
  std::string topic() { return text(record::topic_bytes_max, "a topic is too long"); }
  std::string filter() {
    std::string filter = text(record::filter_bytes_max, "a filter is too long");
    check(!split_shared(filter).filter.empty(), "a filter is none");
    return filter;
  }
  Bytes properties() { return text(record::properties_bytes_max, "properties are too long"); }
  Place place(std::uint8_t flags) {
    return {(flags & command_flag) != 0 ? Shelf::commands : Shelf::raw, {reader_.u64()}};
  }

  void take(BodyState& body) {
    body.place = place(flags(command_flag));
    body.qos = qos(0);
    body.expires_at = time();
    body.topic = topic();
    body.properties = properties();
    body.payload = text(record::payload_bytes_max, "a payload is too long");
  }
  void take(ExtrasState& extras) {
    extras.expires_at = time();
    extras.properties = properties();
  }
  void take(RetainedState& retained) {
    retained.company = company();
    retained.body = reader_.u32();
    check(retained.body < state_.bodies.size(), "a retained message is not there");
    if (is_sound()) check(!state_.bodies[retained.body].payload.empty(), "it retains nothing");
  }
  void take(QueuedState& queued) {
    const std::uint8_t flags = this->flags(retain_flag | shared_flag | again_flag | command_flag);
    queued.retain = (flags & retain_flag) != 0;
    queued.shared = (flags & shared_flag) != 0;
    queued.again = (flags & again_flag) != 0;
    queued.qos = qos(1);
    queued.place = place(flags);
    queued.packet_id = reader_.u16();
    queued.body = reader_.u32();
    queued.extras = reader_.u32();
    check(queued.body <= state_.bodies.size(), "a queued message is not there");
    check(queued.extras <= state_.extras.size(), "a queued message's extras are not there");
    take_all(queued.identifiers);
  }
  void take(std::uint32_t& number) { number = reader_.u32(); }
  void take(std::uint16_t& number) { number = reader_.u16(); }
  void take(SubscriptionState& subscription) {
    const std::uint8_t flags = this->flags(no_local_flag | as_published_flag);
    subscription.options.no_local = (flags & no_local_flag) != 0;
    subscription.options.retain_as_published = (flags & as_published_flag) != 0;
    subscription.options.qos = qos(0);
    subscription.options.identifier = reader_.u32();
    subscription.number = reader_.u64();
    subscription.filter = filter();
  }
  void take(std::string& name) { name = this->name(); }
  void take(CommandState& command);
  void take(record::SessionWill& will);
  void take(SessionState& session);
  void take(TurnState& turn) {
    turn.company = company();
    turn.filter = filter();
    turn.next = reader_.u32();
  }
  void take(DueWillState& due) {
    due.session = key();
    take(due.will);
  }
  template <class Item>
  void take_all(std::vector<Item>& items) {
    const std::uint32_t count = reader_.u32();
    // Each has at least two bytes: what a wrong count asks for stays in proportion.
    check(count <= reader_.remaining() / 2, "there are fewer than it says");
    for (std::uint32_t index = 0; index < count && is_sound(); ++index)
      take(items.emplace_back());
  }

  ByteReader reader_;
  std::string broken_;
  State state_;
};

void Reader::take(record::SessionWill& will) {
  const std::uint8_t flags = this->flags(retain_flag | bridge_flag);
  will.retain = (flags & retain_flag) != 0;
  will.bridge = (flags & bridge_flag) != 0;
  will.qos = qos(0);
  will.delay_s = reader_.u32();
  will.device = text(name_bytes_max, "a device's name is too long");
  will.topic = topic();
  will.content_type = text(record::content_type_bytes_max, "a content type is too long");
  will.properties = properties();
  will.payload = text(record::will_payload_bytes_max, "a will is too long");
  check(mqtt::are_properties(will.properties, mqtt::Bearer::will), "a will's properties are none");
}

void Reader::take(SessionState& session) {
  session.key = key();
  session.expiry_s = reader_.u32();
  session.is_there = flags(1) != 0;
  session.ends_at = time();
  session.will_at = time();
  if (flags(1) != 0) take(session.will.emplace());
  take_all(session.subscriptions);
  take_all(session.unreleased);
  take_all(session.queue);
  take_all(session.released);
  for (std::size_t index = 1; index < session.unreleased.size(); ++index)
    check(session.unreleased[index - 1] < session.unreleased[index], "packet ids do not ascend");
}

void Reader::take(CommandState& command) {
  command.company = company();
  command.device = name();
  command.id = name();
  command.position = reader_.u64();
  command.given_at = certain_time();
  command.expires_at = certain_time();
  const std::uint8_t flags = this->flags(sent_flag | over_flag);
  command.sent = (flags & sent_flag) != 0;
  command.over = (flags & over_flag) != 0;
  command.properties = properties();
  take_all(command.done_by);
}

Result<State> Reader::read(std::uint32_t version) {
  if (flags(1) != 0) state_.commands_passed = reader_.u64();
  take_all(state_.bodies);
  take_all(state_.extras);
  take_all(state_.retained);
  take_all(state_.sessions);
  take_all(state_.turns);
  take_all(state_.due_wills);
  if (version >= 2) take_all(state_.commands);
  for (std::size_t index = 1; index < state_.sessions.size(); ++index)
    check(state_.sessions[index - 1].key < state_.sessions[index].key, "sessions do not ascend");
  if (reader_.failed()) check(false, "it ends in the middle");
  check(reader_.complete(), "bytes are left over");
  if (broken_.empty()) return std::move(state_);
  return Error{Outcome::corrupt, broken_};
}

}  // namespace

Bytes encode(const State& state) {
  Writer writer;
  writer.flags(state.commands_passed ? 1 : 0);
  if (state.commands_passed) put_u64(writer.bytes, *state.commands_passed);
  writer.all(state.bodies);
  writer.all(state.extras);
  writer.all(state.retained);
  writer.all(state.sessions);
  writer.all(state.turns);
  writer.all(state.due_wills);
  writer.all(state.commands);
  return std::move(writer.bytes);
}

Result<State> decode_state(BytesView bytes, std::uint32_t version) {
  return Reader{bytes}.read(version);
}

}  // namespace cauce::gateway::broker

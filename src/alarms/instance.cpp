#include "alarms/instance.h"

namespace cauce::alarms {
namespace {

using business::RuleKind;
using rules::AnomalyState;
using rules::ThresholdState;
using rules::UndecodableState;

constexpr std::uint8_t state_version = 1;

void put_time(Bytes& target, Time time) {
  put_i64(target, to_microseconds(time));
}

void put_optional_time(Bytes& target, const std::optional<Time>& time) {
  put_u8(target, time ? 1 : 0);
  if (time) put_time(target, *time);
}

Time take_time(ByteReader& reader) {
  return from_microseconds(reader.i64());
}

std::optional<Time> take_optional_time(ByteReader& reader) {
  if (reader.u8() == 0) return std::nullopt;
  return take_time(reader);
}

void put(Bytes& target, const ThresholdState& state) {
  put_u8(target, state.raised ? 1 : 0);
  put_optional_time(target, state.newest);
  put_optional_time(target, state.late_since);
  put_u8(target, state.beyond ? 1 : 0);
  if (!state.beyond) return;
  put_time(target, state.beyond->time);
  put_time(target, state.beyond->received_at);
}

void take(ByteReader& reader, ThresholdState& state) {
  state.raised = reader.u8() != 0;
  state.newest = take_optional_time(reader);
  state.late_since = take_optional_time(reader);
  if (reader.u8() == 0) return;
  state.beyond.emplace();
  state.beyond->time = take_time(reader);
  state.beyond->received_at = take_time(reader);
}

void put(Bytes& target, const SilenceInstance& silence) {
  put_u8(target, silence.state.raised ? 1 : 0);
  put_time(target, silence.state.heard_at);
  put_sized(target, silence.last.metric);
  put_sized(target, silence.last.unit);
  put_u8(target, silence.last.value ? 1 : 0);
  put_f64(target, silence.last.value.value_or(0));
  put_time(target, silence.last.time);
}

void take(ByteReader& reader, SilenceInstance& silence) {
  silence.state.raised = reader.u8() != 0;
  silence.state.heard_at = take_time(reader);
  silence.last.metric = reader.sized();
  silence.last.unit = reader.sized();
  const bool has_value = reader.u8() != 0;
  const double value = reader.f64();
  if (has_value) silence.last.value = value;
  silence.last.time = take_time(reader);
}

void put(Bytes& target, const UndecodableState& state) {
  put_u8(target, state.raised ? 1 : 0);
  put_time(target, state.last_at);
  put_time(target, state.since);
  put_u64(target, state.total);
  put_u32(target, std::uint32_t(state.window.size()));
  for (const auto& slot : state.window) {
    put_i64(target, slot.index);
    put_time(target, slot.first);
    put_u64(target, slot.messages);
  }
}

void take(ByteReader& reader, UndecodableState& state) {
  state.raised = reader.u8() != 0;
  state.last_at = take_time(reader);
  state.since = take_time(reader);
  state.total = reader.u64();
  const std::uint32_t slots = reader.u32();
  for (std::uint32_t slot = 0; slot < slots && !reader.failed(); ++slot) {
    const std::int64_t index = reader.i64();
    const Time first = take_time(reader);
    state.window.push_back({index, first, reader.u64()});
  }
}

void put(Bytes& target, const AnomalyState& state) {
  state.detector.encode(target);
  put_u8(target, state.episode ? 1 : 0);
  if (!state.episode) return;
  put_time(target, state.episode->last_at);
  put_time(target, state.episode->last_time);
  put_u64(target, state.episode->first_reading);
  put_f64(target, state.episode->value_low);
  put_f64(target, state.episode->value_high);
}

// What is cut short leaves the reader failed, which decode_state() looks at.
void take(ByteReader& reader, AnomalyState& state) {
  state.detector.decode(reader);
  if (reader.u8() == 0) return;
  state.episode = rules::AnomalyState::Episode{};
  state.episode->last_at = take_time(reader);
  state.episode->last_time = take_time(reader);
  state.episode->first_reading = reader.u64();
  state.episode->value_low = reader.f64();
  state.episode->value_high = reader.f64();
}

}  // namespace

State initial_state(RuleKind kind) {
  switch (kind) {
    case RuleKind::threshold: return ThresholdState{};
    case RuleKind::silence: return SilenceInstance{};
    case RuleKind::undecodable: return UndecodableState{};
    case RuleKind::anomaly: return AnomalyState{};
  }
  return ThresholdState{};
}

RuleKind kind_of(const State& state) {
  constexpr RuleKind kinds[] = {RuleKind::threshold, RuleKind::silence, RuleKind::undecodable,
                                RuleKind::anomaly};
  return kinds[state.index()];
}

Bytes encode(const State& state) {
  Bytes target;
  put_u8(target, state_version);
  put_u8(target, std::uint8_t(state.index()));
  std::visit([&target](const auto& kind) { put(target, kind); }, state);
  return target;
}

Result<State> decode_state(BytesView bytes) {
  const Error damaged{
      Outcome::corrupt,
      "a stored rule state is damaged; restore alarms.db from its backup, or delete "
      "it to judge again what the stream still holds"};
  ByteReader reader{bytes};
  if (reader.u8() != state_version) return damaged;
  const std::uint8_t kind = reader.u8();
  if (kind > std::uint8_t(RuleKind::anomaly)) return damaged;
  Result<State> state{initial_state(RuleKind(kind))};
  std::visit([&reader](auto& taken) { take(reader, taken); }, *state);
  if (!reader.complete()) return damaged;
  return state;
}

}  // namespace cauce::alarms

#include "gateway/session_replay.h"

#include <fmt/core.h>

#include "base/log.h"
#include "record/message.h"

namespace cauce::gateway {
namespace {

constexpr stream::Partition only_partition{0};
constexpr std::size_t read_bytes_max = 1 << 20;

}  // namespace

stream::Position SessionReplay::position() const {
  // Its message is not there yet: both are read again.
  return particulars_ ? stream::Position{position_.number - 1} : position_;
}

Result<bool> SessionReplay::step(stream::Position target) {
  if (position_ >= target) return true;
  const auto batch = raw_.read(only_partition, position_, read_bytes_max);
  if (!batch) return batch.error();
  if (batch->is_lost()) {
    pass_lost(std::min(batch->to, target));
    return position_ >= target;
  }
  if (batch->records.empty()) return true;
  for (const BytesView record : batch->records) {
    if (position_ == target) return true;
    if (auto applied = apply(record); !applied) {
      return applied.error().during(fmt::format("position {} of raw", position_.number));
    }
    ++position_.number;
  }
  return position_ >= target;
}

void SessionReplay::pass_lost(stream::Position to) {
  log::error(
      fmt::format("positions {} to {} of raw were declared lost by cauce stream repair: what "
                  "happened to MQTT sessions there is lost, too",
                  position_.number, to.number - 1));
  particulars_.reset();
  position_ = to;
}

Result<void> SessionReplay::apply(BytesView record) {
  const auto kind = record::raw_kind(record);
  const auto particulars = std::exchange(particulars_, std::nullopt);
  if (kind == record::RawKind::message) {
    // Nobody would hear it.
    if (!particulars && broker_.is_deaf()) return {};
    auto message = record::decode_raw(record);
    if (!message) return message.error();
    broker_.replay({broker::Shelf::raw, position_}, std::move(message->message),
                   particulars ? &*particulars : nullptr);
    return {};
  }
  if (kind == record::RawKind::particulars) {
    auto decoded = record::decode_particulars(record);
    if (!decoded) return decoded.error();
    particulars_ = std::move(*decoded);
    return {};
  }
  return kind == record::RawKind::session_change ? apply_change(record) : Result<void>{};
}

Result<void> SessionReplay::apply_change(BytesView record) {
  const auto change = record::decode_session_change(record);
  if (!change) return change.error();
  if (const auto* passed = std::get_if<record::CommandsPassed>(&change->event)) {
    return pass_commands({passed->position});
  }
  broker_.replay(*change);
  return {};
}

Result<void> SessionReplay::pass_commands(stream::Position target) {
  const auto first = commands_.first(only_partition);
  if (!first) return first.error();
  const auto known = broker_.commands_passed();
  stream::Position next = std::max(known.value_or(target), *first);
  while (next < target) {
    const auto batch = commands_.read(only_partition, next, read_bytes_max);
    if (!batch) return batch.error();
    if (batch->is_lost()) {
      next = batch->to;
      continue;
    }
    if (batch->records.empty()) break;
    for (const BytesView record : batch->records) {
      if (next == target) break;
      auto command = record::decode_command(record);
      if (!command) return command.error();
      broker_.take_command(next, std::move(*command));
      ++next.number;
    }
  }
  broker_.pass_commands(target);
  return {};
}

}  // namespace cauce::gateway

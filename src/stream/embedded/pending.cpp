#include "stream/embedded/pending.h"

#include <fmt/core.h>

#include <utility>

namespace cauce::stream::embedded {
namespace {

// One group is being written, one gathers, one waits: more buffers would only hold memory.
constexpr std::size_t spare_count_max = 3;

void put_record(Group& group, FrameHeader& frame, const Bytes& record) {
  put_sized(group.bytes, record);
  frame.body_bytes += std::uint32_t(sizeof(std::uint32_t) + record.size());
  ++frame.record_count;
}

}  // namespace

void Pending::start(Position end, std::map<Partition, Position> derived_ends) {
  const std::lock_guard lock{mutex_};
  end_ = end;
  derived_ends_ = std::move(derived_ends);
}

Group& Pending::group_with_room() {
  if (groups_.empty() || groups_.back().bytes.size() >= group_bytes_max_) {
    groups_.emplace_back();
    // About as many as in the one before: grown step by step, they would be moved again and again.
    groups_.back().waiting.reserve(waiting_count_last_);
    if (!spare_.empty()) {
      groups_.back().bytes = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  return groups_.back();
}

FrameHeader& Pending::begin_frame(Group& group, Kind kind) {
  FrameStart frame;
  frame.offset = group.bytes.size();
  frame.header.kind = kind;
  frame.header.base = end_;
  group.bytes.resize(frame.offset + frame_header_bytes);
  group.frames.push_back(frame);
  return group.frames.back().header;
}

Result<bool> Pending::add(const std::vector<Bytes>& records, std::size_t cost,
                          Acknowledge acknowledge) {
  const std::lock_guard lock{mutex_};
  if (stopped_) return *stopped_;
  const bool was_empty = groups_.empty();
  const Position first = end_;
  for (const Bytes& record : records) {
    Group& group = group_with_room();
    const bool fresh = group.frames.empty() || group.frames.back().header.kind != Kind::plain;
    FrameHeader& frame = fresh ? begin_frame(group, Kind::plain) : group.frames.back().header;
    put_record(group, frame, record);
    group.end.number = ++end_.number;
  }
  Group& last = groups_.back();
  last.waiting.push_back({std::move(acknowledge), first});
  last.cost += cost;
  return was_empty;
}

Error Pending::check_source(Source source) const {
  const auto known = derived_ends_.find(source.partition);
  const Position expected = known == derived_ends_.end() ? Position{} : known->second;
  if (source.from != expected) {
    return {Outcome::conflict,
            fmt::format("the source range begins at {} but partition {} is derived up to {}",
                        source.from.number, source.partition.number, expected.number)};
  }
  return {Outcome::invalid, fmt::format("the source range [{}, {}) ends before it begins",
                                        source.from.number, source.to.number)};
}

Result<bool> Pending::add_derived(const std::vector<Bytes>& records, std::size_t cost,
                                  Source source) {
  const std::lock_guard lock{mutex_};
  if (stopped_) return *stopped_;
  Position& derived_end = derived_ends_[source.partition];
  if (source.from != derived_end || source.to < source.from) return check_source(source);
  const bool was_empty = groups_.empty();
  Group& group = group_with_room();
  FrameHeader& frame = begin_frame(group, Kind::derived);
  frame.source = source;
  for (const Bytes& record : records)
    put_record(group, frame, record);
  end_.number += records.size();
  group.end = end_;
  group.cost += cost;
  derived_end = source.to;
  return was_empty;
}

Position Pending::derived_end(Partition source) const {
  const std::lock_guard lock{mutex_};
  const auto known = derived_ends_.find(source);
  return known == derived_ends_.end() ? Position{} : known->second;
}

std::optional<Group> Pending::take() {
  const std::lock_guard lock{mutex_};
  if (groups_.empty()) return std::nullopt;
  Group group = std::move(groups_.front());
  groups_.pop_front();
  waiting_count_last_ = group.waiting.size();
  return group;
}

void Pending::recycle(Bytes buffer) {
  buffer.clear();
  const std::lock_guard lock{mutex_};
  if (spare_.size() < spare_count_max && buffer.capacity() <= 2 * group_bytes_max_) {
    spare_.push_back(std::move(buffer));
  }
}

std::deque<Group> Pending::stop(const Error& reason) {
  const std::lock_guard lock{mutex_};
  if (!stopped_) stopped_ = reason;
  return std::exchange(groups_, {});
}

}  // namespace cauce::stream::embedded

#include "stream/memory/memory.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "base/names.h"
#include "stream/in_flight.h"
#include "work/signal.h"

namespace cauce::stream::memory {
namespace {

// One append.
struct Frame {
  Position base = {};
  std::vector<Bytes> records = {};
  Time appended_at = {};
  std::optional<Source> source = {};
  Acknowledge acknowledge = {};  // of a pending frame
  std::size_t cost = 0;

  Position end() const { return {base.number + records.size()}; }
};

struct Log {
  std::deque<Frame> frames;   // durable
  std::deque<Frame> pending;  // not yet
  Position end;               // of what is durable
  Position end_pending;
  Time appended_at_last;
  std::map<Partition, Position> derived_ends;
  std::map<Partition, Position> derived_ends_pending;

  Position first() const { return frames.empty() ? end : frames.front().base; }
};

// What writer, readers and cursors share.
struct State {
  State(std::string topic, Options topic_options, const Clock& topic_clock)
      : name(std::move(topic)), options(topic_options), clock(topic_clock) {
    logs.resize(options.partitions);
  }

  const std::string name;
  const Options options;
  const Clock& clock;

  std::mutex mutex;  // guards all below
  std::condition_variable changed;
  std::vector<Log> logs;
  std::map<std::pair<std::string, Partition>, Position> cursors;
  bool has_writer = false;

  Result<void> check(Partition partition) const {
    if (partition.number < options.partitions) return {};
    return Error{Outcome::invalid,
                 fmt::format("topic {} has {} partitions; there is no partition {}", name,
                             options.partitions, partition.number)};
  }
};

Position known_end(const std::map<Partition, Position>& ends, Partition source) {
  const auto known = ends.find(source);
  return known == ends.end() ? Position{} : known->second;
}

class MemoryWriter final : public Writer, private work::Worker {
 public:
  explicit MemoryWriter(std::shared_ptr<State> state)
      : state_(std::move(state)), in_flight_(state_->options.bytes_in_flight_max) {}

  ~MemoryWriter() override {
    std::vector<Acknowledge> refused;
    {
      const std::lock_guard lock{state_->mutex};
      for (Log& log : state_->logs) {
        for (Frame& frame : log.pending)
          refused.push_back(std::move(frame.acknowledge));
        log.pending.clear();
        log.end_pending = log.end;
        log.derived_ends_pending = log.derived_ends;
      }
      state_->has_writer = false;
    }
    for (const Acknowledge& acknowledge : refused) {
      if (acknowledge) acknowledge(Error{Outcome::unavailable, "the writer was closed"});
    }
  }

  Result<void> append(Partition partition, std::vector<Bytes> records,
                      Acknowledge acknowledge) override {
    if (auto checked = state_->check(partition); !checked) return checked;
    if (records.empty()) return Error{Outcome::invalid, "an append without records says nothing"};
    auto cost = enter(records);
    if (!cost) return cost.error();
    const std::lock_guard lock{state_->mutex};
    add(state_->logs[partition.number],
        Frame{.records = std::move(records), .acknowledge = std::move(acknowledge), .cost = *cost});
    return {};
  }

  Result<void> append_derived(Partition partition, std::vector<Bytes> records,
                              Source source) override {
    if (auto checked = state_->check(partition); !checked) return checked;
    if (source.to < source.from) {
      return Error{Outcome::invalid, "the source range ends before it begins"};
    }
    auto cost = enter(records);
    if (!cost) return cost.error();
    const std::lock_guard lock{state_->mutex};
    Log& log = state_->logs[partition.number];
    Position& derived_end = log.derived_ends_pending[source.partition];
    if (source.from != derived_end) {
      in_flight_.leave(*cost);
      return Error{Outcome::conflict,
                   fmt::format("the source range begins at {} but partition {} is derived up to {}",
                               source.from.number, source.partition.number, derived_end.number)};
    }
    derived_end = source.to;
    add(log, Frame{.records = std::move(records), .source = source, .cost = *cost});
    return {};
  }

  Position derived_end(Partition partition, Partition source) const override {
    if (!state_->check(partition)) return {};
    const std::lock_guard lock{state_->mutex};
    return known_end(state_->logs[partition.number].derived_ends_pending, source);
  }

  Position derived_end_durable(Partition partition, Partition source) const override {
    if (!state_->check(partition)) return {};
    const std::lock_guard lock{state_->mutex};
    return known_end(state_->logs[partition.number].derived_ends, source);
  }

  work::Worker& worker() override { return *this; }

  Result<void> trim(Partition partition, Position before) override {
    if (auto checked = state_->check(partition); !checked) return checked;
    const std::lock_guard lock{state_->mutex};
    Log& log = state_->logs[partition.number];
    while (!log.frames.empty() && log.frames.front().end() <= before &&
           log.frames.front().end() < log.end) {
      log.frames.pop_front();
    }
    return {};
  }

 private:
  std::string_view name() const override { return "memory stream"; }

  Result<work::Progress> step() override {
    std::vector<std::pair<Acknowledge, Position>> durable;
    {
      const std::lock_guard lock{state_->mutex};
      bool worked = false;
      for (Log& log : state_->logs) {
        for (Frame& frame : std::exchange(log.pending, {})) {
          worked = true;
          in_flight_.leave(frame.cost);
          durable.emplace_back(std::exchange(frame.acknowledge, {}), frame.base);
          commit(log, std::move(frame));
        }
      }
      if (!worked) return work::Progress::idle;
    }
    state_->changed.notify_all();
    for (const auto& [acknowledge, first] : durable) {
      if (acknowledge) acknowledge(first);
    }
    return work::Progress::worked;
  }

  void wait(Duration span_max) override { signal_.wait(span_max); }
  void wake() override { signal_.set(); }

  Result<std::size_t> enter(const std::vector<Bytes>& records) {
    auto cost = in_flight_.cost_of(records);
    if (!cost) return cost;
    if (auto entered = in_flight_.enter(*cost); !entered) return entered.error();
    return cost;
  }

  void add(Log& log, Frame frame) {
    frame.base = log.end_pending;
    log.end_pending = frame.end();
    log.pending.push_back(std::move(frame));
    signal_.set();
  }

  void commit(Log& log, Frame frame) {
    log.appended_at_last = std::max(log.appended_at_last, state_->clock.now());
    frame.appended_at = log.appended_at_last;
    log.end = frame.end();
    if (frame.source) log.derived_ends[frame.source->partition] = frame.source->to;
    if (!frame.records.empty()) log.frames.push_back(std::move(frame));
  }

  const std::shared_ptr<State> state_;
  InFlight in_flight_;
  work::Signal signal_;
};

class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(std::shared_ptr<State> state) : state_(std::move(state)) {}

  Result<Position> first(Partition partition) override {
    if (auto checked = state_->check(partition); !checked) return checked.error();
    const std::lock_guard lock{state_->mutex};
    return state_->logs[partition.number].first();
  }

  Result<Position> end(Partition partition) override {
    if (auto checked = state_->check(partition); !checked) return checked.error();
    const std::lock_guard lock{state_->mutex};
    return state_->logs[partition.number].end;
  }

  Result<Batch> read(Partition partition, Position from, std::size_t bytes_max) override {
    if (auto checked = state_->check(partition); !checked) return checked.error();
    const std::lock_guard lock{state_->mutex};
    const Log& log = state_->logs[partition.number];
    if (from < log.first()) {
      return Error{Outcome::not_found,
                   fmt::format("position {} of topic {} is no longer kept; the first one is {}",
                               from.number, state_->name, log.first().number)};
    }
    Batch batch{.partition = partition, .from = from, .to = from, .records = {}, .appended_at = {}};
    std::size_t bytes = 0;
    for (auto frame = frame_after(log, from); frame != log.frames.end(); ++frame) {
      for (std::size_t at = batch.to.number - frame->base.number; at < frame->records.size();
           ++at) {
        const Bytes& record = frame->records[at];
        if (!batch.records.empty() && bytes + record.size() > bytes_max) return batch;
        bytes += record.size();
        batch.records.push_back(record);
        batch.appended_at.push_back(frame->appended_at);
        ++batch.to.number;
      }
    }
    return batch;
  }

  Result<Position> position_at(Partition partition, Time time) override {
    if (auto checked = state_->check(partition); !checked) return checked.error();
    const std::lock_guard lock{state_->mutex};
    const Log& log = state_->logs[partition.number];
    const auto found =
        std::partition_point(log.frames.begin(), log.frames.end(),
                             [time](const Frame& frame) { return frame.appended_at < time; });
    return found == log.frames.end() ? log.end : found->base;
  }

  Result<Position> derived_end(Partition partition, Partition source) override {
    if (auto checked = state_->check(partition); !checked) return checked.error();
    const std::lock_guard lock{state_->mutex};
    return known_end(state_->logs[partition.number].derived_ends, source);
  }

  void wait(Partition partition, Position known, Duration span_max) override {
    if (!state_->check(partition)) return;
    std::unique_lock lock{state_->mutex};
    state_->changed.wait_for(lock, span_max,
                             [&] { return woken_ || state_->logs[partition.number].end > known; });
    woken_ = false;
  }

  void wake() override {
    {
      const std::lock_guard lock{state_->mutex};
      woken_ = true;
    }
    state_->changed.notify_all();
  }

 private:
  // The first frame that ends after `position`.
  static std::deque<Frame>::const_iterator frame_after(const Log& log, Position position) {
    return std::partition_point(log.frames.begin(), log.frames.end(),
                                [position](const Frame& frame) { return frame.end() <= position; });
  }

  const std::shared_ptr<State> state_;
  bool woken_ = false;  // guarded by the state's mutex
};

class MemoryCursors final : public Cursors {
 public:
  explicit MemoryCursors(std::shared_ptr<State> state) : state_(std::move(state)) {}

  Result<void> commit(std::string_view group, Partition partition, Position position) override {
    if (auto checked = check(group, partition); !checked) return checked;
    const std::lock_guard lock{state_->mutex};
    state_->cursors[{std::string{group}, partition}] = position;
    return {};
  }

  Result<std::optional<Position>> committed(std::string_view group, Partition partition) override {
    if (auto checked = check(group, partition); !checked) return checked.error();
    const std::lock_guard lock{state_->mutex};
    const auto found = state_->cursors.find({std::string{group}, partition});
    if (found == state_->cursors.end()) return std::optional<Position>{};
    return std::optional<Position>{found->second};
  }

  Result<std::vector<std::string>> groups() override {
    const std::lock_guard lock{state_->mutex};
    std::vector<std::string> names;
    for (const auto& [key, position] : state_->cursors) {
      if (names.empty() || names.back() != key.first) names.push_back(key.first);
    }
    return names;
  }

 private:
  Result<void> check(std::string_view group, Partition partition) const {
    if (!is_name(group)) {
      return Error{Outcome::invalid, fmt::format("'{}' is not a name for a group", group)};
    }
    return state_->check(partition);
  }

  const std::shared_ptr<State> state_;
};

class MemoryTopic final : public Topic {
 public:
  explicit MemoryTopic(std::shared_ptr<State> state) : state_(std::move(state)) {}

  Result<std::unique_ptr<Writer>> open_writer() override {
    const std::lock_guard lock{state_->mutex};
    if (std::exchange(state_->has_writer, true)) {
      return Error{Outcome::conflict,
                   fmt::format("topic {} has a writer in this process already", state_->name)};
    }
    return std::unique_ptr<Writer>{std::make_unique<MemoryWriter>(state_)};
  }
  Result<std::unique_ptr<Reader>> open_reader() override {
    return std::unique_ptr<Reader>{std::make_unique<MemoryReader>(state_)};
  }
  Result<std::unique_ptr<Cursors>> open_cursors() override {
    return std::unique_ptr<Cursors>{std::make_unique<MemoryCursors>(state_)};
  }

 private:
  const std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Topic> make_topic(std::string name, Options options, const Clock& clock) {
  return std::make_unique<MemoryTopic>(std::make_shared<State>(std::move(name), options, clock));
}

}  // namespace cauce::stream::memory

#include "gateway/session_keeper.h"

#include <fmt/core.h>

#include "base/log.h"

namespace cauce::gateway {
namespace {

constexpr stream::Partition only_partition{0};

// What happened has happened: nobody is told of it again.
class Nobody final : public broker::House {
 public:
  void publish(broker::Will) override {}
  void fetch(std::uint64_t, std::vector<broker::Place>) override {}
  void note_lost(const broker::Session&, std::size_t) override {}
  void note_overfull(const broker::Session&) override {}
  void note(record::SessionChange, std::function<void()>) override {}
};

}  // namespace

struct SessionKeeper::Shadow {
  Shadow(SessionKeeper& keeper, const SessionSnapshot& snapshot, stream::Position until,
         std::uint64_t changes, bool is_settled)
      : broker(nobody, keeper.clock_, keeper.limits_),
        replay(broker, *keeper.store_.raw, *keeper.store_.commands, snapshot.position),
        target(until),
        changes_known(changes),
        settled(is_settled) {
    broker.begin_replay();
    broker.restore(snapshot.state);
  }

  Nobody nobody;
  broker::Broker broker;
  SessionReplay replay;
  stream::Position target;
  std::uint64_t changes_known;
  bool settled;
};

SessionKeeper::SessionKeeper(SessionStore store, const broker::Limits& limits, const Clock& clock,
                             std::function<Changes()> changes)
    : files_(std::move(store.directory)),
      store_(std::move(store)),
      limits_(limits),
      clock_(clock),
      changes_(std::move(changes)),
      looked_at_(clock.elapsed()),
      kept_at_(clock.elapsed()) {}

SessionKeeper::~SessionKeeper() = default;

Result<std::unique_ptr<SessionKeeper>> SessionKeeper::start(SessionStore store,
                                                            broker::Broker& broker,
                                                            const Clock& clock,
                                                            std::function<Changes()> changes) {
  std::unique_ptr<SessionKeeper> keeper{
      new SessionKeeper{std::move(store), broker.limits(), clock, std::move(changes)}};
  if (auto restored = keeper->restore(broker); !restored) {
    return restored.error().during("restore the MQTT sessions");
  }
  return keeper;
}

Result<void> SessionKeeper::restore(broker::Broker& broker) {
  auto newest = files_.newest();
  if (!newest) return newest.error();
  const auto first = store_.raw->first(only_partition);
  if (!first) return first.error();
  const auto end = store_.raw->end(only_partition);
  if (!end) return end.error();
  broker.begin_replay();
  // Without a file nothing was ever noted.
  stream::Position from = *end;
  const bool is_ahead = *newest && (*newest)->position > *end;
  if (is_ahead) {
    log::error(fmt::format(
        "the MQTT sessions are of position {} of raw, which ends at {}: they belong to another "
        "stream, and begin anew",
        (*newest)->position.number, end->number));
  } else if (*newest) {
    from = std::max((*newest)->position, *first);
    if (from > (*newest)->position) {
      log::error(fmt::format(
          "raw begins at {}, behind the MQTT sessions of position {}: what happened to them in "
          "between is lost",
          first->number, (*newest)->position.number));
    }
    broker.restore((*newest)->state);
  }
  SessionReplay replay{broker, *store_.raw, *store_.commands, from};
  for (bool done = false; !done;) {
    const auto went_on = replay.step(*end);
    if (!went_on) return went_on.error();
    done = *went_on;
  }
  const auto commands_end = store_.commands->end(only_partition);
  if (!commands_end) return commands_end.error();
  if (!broker.commands_passed() || *broker.commands_passed() > *commands_end) {
    broker.pass_commands(*commands_end);
  }
  auto kept = finish({replay.position(), clock_.now(), broker.state()}, false);
  broker.end_replay();
  return kept;
}

Result<void> SessionKeeper::close() {
  const Duration began = clock_.elapsed();
  const auto end = store_.raw->end(only_partition);
  if (!end) return end.error().during("keep the MQTT sessions");
  // What is under way goes only as far as the stream went when it was begun.
  shadow_.reset();
  if (*end <= position_) return {};
  auto newest = files_.newest();
  if (!newest) return newest.error();
  if (!*newest) return Error{Outcome::corrupt, "the files of the MQTT sessions were removed"};
  shadow_ = std::make_unique<Shadow>(*this, **newest, *end, 0, false);
  while (shadow_ != nullptr && clock_.elapsed() - began < close_span_max) {
    const auto went_on = go_on();
    if (!went_on) return went_on.error();
    if (*went_on == work::Progress::idle) break;
  }
  return {};
}

Result<work::Progress> SessionKeeper::step() {
  return shadow_ == nullptr ? begin() : go_on();
}

Result<work::Progress> SessionKeeper::go_on() {
  const auto done = shadow_->replay.step(shadow_->target);
  if (!done && done.error().outcome == Outcome::unavailable) return work::Progress::idle;
  if (!done) return done.error().during("keep the MQTT sessions");
  if (!*done) return work::Progress::worked;
  const auto shadow = std::move(shadow_);
  changes_known_ = shadow->changes_known;
  auto kept = finish({shadow->replay.position(), clock_.now(), shadow->broker.state()},
                     shadow->settled && shadow->broker.is_deaf());
  if (!kept) return kept.error().during("keep the MQTT sessions");
  return work::Progress::idle;
}

Result<work::Progress> SessionKeeper::begin() {
  const Duration now = clock_.elapsed();
  if (now - looked_at_ < interval) return work::Progress::idle;
  looked_at_ = now;
  // In this order: what is durable was noted before, and what is noted before the end is known.
  const Changes before = changes_();
  const auto end = store_.raw->end(only_partition);
  if (!end) return end.error().during("keep the MQTT sessions");
  const bool unchanged = is_quiet_ && changes_().appended == changes_known_;
  const std::uint64_t behind = end->number - position_.number;
  const bool may_wait = unchanged && behind < idle_records_min && now - kept_at_ < idle_interval;
  if (behind == 0 || may_wait) return work::Progress::idle;
  auto newest = files_.newest();
  if (!newest) return newest.error();
  if (!*newest) return Error{Outcome::corrupt, "the files of the MQTT sessions were removed"};
  if (unchanged) {
    (*newest)->position = *end;
    (*newest)->at = clock_.now();
    if (auto kept = finish(std::move(**newest), true); !kept) return kept.error();
    return work::Progress::idle;
  }
  shadow_ = std::make_unique<Shadow>(*this, **newest, *end, before.appended,
                                     before.appended == before.durable);
  return work::Progress::worked;
}

// Both files that are kept can be begun with, so the stream is kept for both.
Result<void> SessionKeeper::finish(SessionSnapshot snapshot, bool is_quiet) {
  snapshot.at = std::clamp(snapshot.at, time_min, time_max - Duration{1});
  if (auto written = files_.write(snapshot); !written) {
    // A full disk passes; until then more is read at the next start.
    if (written.error().outcome != Outcome::exhausted) return written;
    log::error("the MQTT sessions could not be kept: " + written.error().message);
    return {};
  }
  position_ = snapshot.position;
  kept_at_ = clock_.elapsed();
  is_quiet_ = is_quiet;
  const auto oldest = files_.oldest_position();
  if (!oldest) return oldest.error();
  return store_.cursors->commit(group, only_partition, oldest->value_or(position_));
}

}  // namespace cauce::gateway

#include "commands/follower.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "record/message.h"

namespace cauce::commands {
namespace {

constexpr stream::Partition only_partition{0};

void tell_missing(stream::Position from, stream::Position to, std::string_view why) {
  log::warning(
      fmt::format("commands: {} records of raw, positions {} to {}, {}; what devices said "
                  "to commands in them is missing in the history",
                  to.number - from.number, from.number, to.number, why));
}

// A session's key begins with whose it is; without one it was the device by another protocol.
bool is_of_device(std::string_view session, const record::CommandStep& step) {
  return session.empty() || session.starts_with(fmt::format("{}/{}/", step.company, step.device));
}

// The steps among the records. One that cannot be read is missing, as is one that was never
// written.
std::vector<Step> steps_in(const stream::Batch& batch) {
  std::vector<Step> steps;
  for (const BytesView record : batch.records) {
    if (record::raw_kind(record) != record::RawKind::session_change) continue;
    auto change = record::decode_session_change(record);
    if (!change) {
      log::warning(fmt::format("commands: a record of raw in positions {} to {} is passed over: {}",
                               batch.from.number, batch.to.number, change.error().message));
      continue;
    }
    auto* step = std::get_if<record::CommandStep>(&change->event);
    if (step == nullptr) continue;
    const bool of_device = is_of_device(change->session, *step);
    steps.push_back({change->at, of_device, std::move(*step)});
  }
  return steps;
}

}  // namespace

void Notes::add(Noted noted) {
  const std::lock_guard lock(mutex_);
  noted_.push_back(std::move(noted));
}

std::vector<Noted> Notes::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(noted_, {});
}

void Notes::put_back(std::vector<Noted> noted) {
  const std::lock_guard lock(mutex_);
  noted_.insert(noted_.begin(), std::make_move_iterator(noted.begin()),
                std::make_move_iterator(noted.end()));
}

Follower::Follower(std::unique_ptr<Store> store, std::unique_ptr<stream::Reader> raw,
                   std::unique_ptr<stream::Cursors> cursors, std::shared_ptr<Notes> notes,
                   const Clock& clock, FollowerLimits limits)
    : store_(std::move(store)),
      raw_(std::move(raw)),
      cursors_(std::move(cursors)),
      notes_(std::move(notes)),
      clock_(clock),
      limits_(limits),
      forgot_at_(clock.elapsed() - limits.forget_interval) {}

Result<std::unique_ptr<Follower>> Follower::open(std::unique_ptr<Store> store, stream::Topic& raw,
                                                 std::shared_ptr<Notes> notes, const Clock& clock,
                                                 FollowerLimits limits) {
  auto reader = raw.open_reader();
  if (!reader) return reader.error();
  auto cursors = raw.open_cursors();
  if (!cursors) return cursors.error();
  std::unique_ptr<Follower> follower(new Follower(
      std::move(store), *std::move(reader), *std::move(cursors), std::move(notes), clock, limits));
  const auto known = follower->store_->position(only_partition);
  if (!known) return known.error();
  if (*known) {
    follower->position_ = follower->kept_ = **known;
    return follower;
  }
  const auto end = follower->raw_->end(only_partition);
  if (!end) return end.error();
  follower->position_ = *end;
  if (auto kept = follower->keep({}, *end); !kept) return kept.error();
  return follower;
}

Result<work::Progress> Follower::step() {
  if (clock_.elapsed() < rest_until_) return work::Progress::idle;
  const auto worked = work();
  if (worked) {
    complained_ = false;
    return *worked ? work::Progress::worked : work::Progress::idle;
  }
  const Outcome outcome = worked.error().outcome;
  if (outcome != Outcome::exhausted && outcome != Outcome::unavailable)
    return worked.error().during("follow what comes of commands");
  if (!std::exchange(complained_, true)) {
    log::warning("commands: what came of them waits in raw and is tried again: " +
                 worked.error().message);
  }
  rest_until_ = clock_.elapsed() + limits_.retry_interval;
  return work::Progress::idle;
}

void Follower::wait(Duration span_max) {
  const Duration rest = rest_until_ - clock_.elapsed();
  if (rest > Duration{0}) return woken_.wait(std::min(rest, span_max));
  raw_->wait(only_partition, position_, span_max);
}

void Follower::wake() {
  woken_.set();
  raw_->wake();
}

Result<bool> Follower::work() {
  bool worked = false;
  for (const auto part : {&Follower::note, &Follower::follow, &Follower::forget}) {
    const auto done = (this->*part)();
    if (!done) return done.error();
    worked = worked || *done;
  }
  return worked;
}

Result<bool> Follower::note() {
  std::vector<Noted> noted = notes_->take();
  if (noted.empty()) return false;
  const auto done = store_->note(noted);
  if (done) return true;
  notes_->put_back(std::move(noted));
  return done.error();
}

Result<stream::Batch> Follower::read() {
  auto batch = raw_->read(only_partition, position_, limits_.read_bytes_max);
  if (batch || batch.error().outcome != Outcome::not_found) return batch;
  const auto first = raw_->first(only_partition);
  if (!first) return first.error();
  tell_missing(position_, *first, "left the stream before they were read");
  position_ = *first;
  return raw_->read(only_partition, position_, limits_.read_bytes_max);
}

Result<bool> Follower::follow() {
  const auto batch = read();
  if (!batch) return batch.error();
  if (batch->is_lost()) tell_missing(batch->from, batch->to, "were declared lost");
  const std::vector<Step> steps = steps_in(*batch);
  const bool is_due = clock_.elapsed() - kept_at_ >= limits_.keep_interval;
  if (!steps.empty() || (is_due && batch->to != kept_)) {
    if (auto kept = keep(steps, batch->to); !kept) return kept.error();
  }
  position_ = batch->to;
  if (auto told = tell(); !told) return told.error();
  const auto end = raw_->end(only_partition);
  if (!end) return end.error();
  if (position_ == *end) rest_until_ = clock_.elapsed() + limits_.rest;
  return batch->from != batch->to;
}

Result<void> Follower::keep(const std::vector<Step>& steps, stream::Position position) {
  if (auto done = store_->apply(steps, only_partition, position); !done) return done;
  kept_ = position;
  kept_at_ = clock_.elapsed();
  return {};
}

// It says how far we are and nothing else: on a full disk the next one says it.
Result<void> Follower::tell() {
  if (position_ == told_ || clock_.elapsed() - told_at_ < limits_.tell_interval) return {};
  const auto told = cursors_->commit(cursor_group, only_partition, position_);
  if (!told && told.error().outcome != Outcome::exhausted) return told;
  told_ = position_;
  told_at_ = clock_.elapsed();
  return {};
}

Result<bool> Follower::forget() {
  if (clock_.elapsed() - forgot_at_ < limits_.forget_interval) return false;
  const auto gone = store_->forget(clock_.now() - limits_.kept, limits_.forget_max);
  if (!gone) return gone.error();
  const bool more = *gone == std::int64_t(limits_.forget_max);
  if (!more) forgot_at_ = clock_.elapsed();
  return more;
}

}  // namespace cauce::commands

#include "delivery/delivery.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/log.h"
#include "work/signal.h"

namespace cauce::delivery {
namespace {

using stream::Position;
using work::Progress;

// How often the group's cursor follows the sink: it serves retention, lag and health, which need no
// more, and each commit costs a sync.
constexpr Duration cursor_interval = std::chrono::seconds{1};
// A target that is full for a moment is how back-pressure works; beyond this an operator must know.
constexpr Duration refusal_silent_max = std::chrono::seconds{5};

class Delivery final : public work::Worker {
 public:
  Delivery(std::string group, std::unique_ptr<stream::Reader> source,
           std::unique_ptr<stream::Cursors> cursors, stream::Partition partition, Sink& sink,
           const Clock& clock, Options options)
      : group_(std::move(group)),
        source_(std::move(source)),
        cursors_(std::move(cursors)),
        partition_(partition),
        sink_(sink),
        clock_(clock),
        options_(options) {}

  std::string_view name() const override { return group_; }
  void wake() override;
  Result<Progress> step() override;
  void wait(Duration span_max) override;

 private:
  Result<void> start();
  // Begins the next batch at `from`.
  void empty_batch(Position from);
  // Reads on where the batch ends; answers whether it grew.
  Result<bool> grow();
  void begin_window(Time appended_at);
  bool is_due() const;
  Result<Progress> hand_over();
  void note_lost();
  void note_refusal(const Error& error);
  void note_taken();
  Result<void> move_cursor(bool at_once);

  const std::string group_;
  const std::unique_ptr<stream::Reader> source_;
  const std::unique_ptr<stream::Cursors> cursors_;
  const stream::Partition partition_;
  Sink& sink_;
  const Clock& clock_;
  const Options options_;

  bool started_ = false;
  stream::Batch batch_;  // what waits: [batch_.from, batch_.to)
  std::size_t batch_bytes_ = 0;
  Duration batch_began_{0};
  bool gap_follows_ = false;        // lost positions are next, or are what waits
  bool refused_ = false;            // the sink did not take batch_ the last time …
  Duration refused_at_{0};          // … this is when …
  Duration refused_since_{0};       // … and when it was the first time
  bool complained_ = false;         // the log says so
  std::optional<Position> cursor_;  // what the group's cursor says; unknown before the first commit
  Duration cursor_moved_at_{0};
  work::Signal woken_;
};

Result<void> Delivery::start() {
  const Result<Position> resume = sink_.resume_at();
  if (!resume) return resume.error().during(group_ + ": find where to go on");
  empty_batch(*resume);
  started_ = true;
  return move_cursor(true);
}

void Delivery::empty_batch(Position from) {
  batch_ = stream::Batch{};
  batch_.partition = partition_;
  batch_.from = from;
  batch_.to = from;
  batch_bytes_ = 0;
  gap_follows_ = false;
}

Result<bool> Delivery::grow() {
  const std::size_t room = options_.batch_bytes_max - batch_bytes_;
  Result<stream::Batch> more = source_->read(partition_, batch_.to, room);
  if (!more) {
    return more.error().during(fmt::format("{}: read on at position {}", group_, batch_.to.number));
  }
  if (more->is_lost()) {
    // What waits is handed over first.
    if (batch_.records.empty()) batch_.to = more->to;
    gap_follows_ = true;
    return false;
  }
  if (more->records.empty()) return false;
  if (batch_.records.empty()) begin_window(more->appended_at.front());
  for (const BytesView record : more->records)
    batch_bytes_ += record.size();
  batch_.to = more->to;
  if (batch_.records.empty()) {
    batch_.records = std::move(more->records);
    batch_.appended_at = std::move(more->appended_at);
  } else {
    batch_.records.append(std::move(more->records));
    batch_.appended_at.insert(batch_.appended_at.end(), more->appended_at.begin(),
                              more->appended_at.end());
  }
  return true;
}

// By the wall clock, for it may have come before this process was started; a clock that was set
// back or forward moves the window by its own length at most.
void Delivery::begin_window(Time appended_at) {
  const Duration waited = clock_.now() - appended_at;
  batch_began_ = clock_.elapsed() - std::clamp(waited, Duration{0}, options_.window);
}

bool Delivery::is_due() const {
  if (batch_.records.empty() && !batch_.is_lost()) return false;
  if (refused_) return clock_.elapsed() - refused_at_ >= options_.retry_interval;
  return gap_follows_ || batch_bytes_ >= options_.batch_bytes_max ||
         clock_.elapsed() - batch_began_ >= options_.window;
}

Result<Progress> Delivery::hand_over() {
  const Result<void> taken = sink_.deliver(batch_);
  if (!taken) {
    const Outcome outcome = taken.error().outcome;
    if (outcome != Outcome::exhausted && outcome != Outcome::unavailable) {
      return taken.error().during(fmt::format("{}: deliver positions {} to {}", group_,
                                              batch_.from.number, batch_.to.number));
    }
    note_refusal(taken.error());
    return Progress::idle;
  }
  note_taken();
  if (batch_.is_lost()) note_lost();
  options_.meters.batches.add();
  options_.meters.records.add(batch_.records.size());
  empty_batch(batch_.to);
  if (const Result<void> moved = move_cursor(false); !moved) return moved.error();
  return Progress::worked;
}

void Delivery::note_lost() {
  options_.meters.lost.add(batch_.to.number - batch_.from.number);
  log::warning(fmt::format("{}: passed over positions {} to {}, which were declared lost by cauce "
                           "stream repair",
                           group_, batch_.from.number, batch_.to.number - 1),
               {{"group", group_}});
}

void Delivery::note_refusal(const Error& error) {
  options_.meters.refusals.add();
  refused_at_ = clock_.elapsed();
  if (!std::exchange(refused_, true)) refused_since_ = refused_at_;
  if (complained_ || refused_at_ - refused_since_ < refusal_silent_max) return;
  complained_ = true;
  log::warning(fmt::format("{}: positions {} to {} wait and are tried again: {}", group_,
                           batch_.from.number, batch_.to.number, error.message),
               {{"group", group_}});
}

void Delivery::note_taken() {
  refused_ = false;
  if (!std::exchange(complained_, false)) return;
  log::notice(fmt::format("{}: goes on at position {}", group_, batch_.to.number),
              {{"group", group_}});
}

Result<void> Delivery::move_cursor(bool at_once) {
  const Position durable = sink_.durable_before(batch_.from);
  if (durable == cursor_) return {};
  if (!at_once && clock_.elapsed() - cursor_moved_at_ < cursor_interval) return {};
  cursor_moved_at_ = clock_.elapsed();
  const Result<void> moved = cursors_->commit(group_, partition_, durable);
  if (moved) {
    cursor_ = durable;
    return {};
  }
  // A full disk stops nobody from reading on; the cursor follows when there is room again.
  if (moved.error().outcome == Outcome::exhausted) return {};
  return moved.error().during(group_ + ": move the group's cursor");
}

Result<Progress> Delivery::step() {
  if (!started_) {
    if (const Result<void> begun = start(); !begun) return begun.error();
  }
  bool grew = false;
  if (!refused_ && !gap_follows_ && batch_bytes_ < options_.batch_bytes_max) {
    const Result<bool> grown = grow();
    if (!grown) return grown.error();
    grew = *grown;
  }
  if (is_due()) return hand_over();
  if (grew) return Progress::worked;
  if (const Result<void> moved = move_cursor(false); !moved) return moved.error();
  return Progress::idle;
}

void Delivery::wake() {
  woken_.set();
  source_->wake();
}

void Delivery::wait(Duration span_max) {
  if (refused_) {
    // Not on the source: it may well have more, and that would end the rest at once.
    woken_.wait(std::min(span_max, options_.retry_interval));
    return;
  }
  Duration span = span_max;
  if (!batch_.records.empty()) {
    const Duration waited = clock_.elapsed() - batch_began_;
    span = std::min(span, options_.window - std::min(waited, options_.window));
  }
  if (batch_.from != cursor_) span = std::min(span, cursor_interval);
  if (span > Duration{0}) source_->wait(partition_, batch_.to, span);
}

}  // namespace

std::unique_ptr<work::Worker> deliver(std::string group, std::unique_ptr<stream::Reader> source,
                                      std::unique_ptr<stream::Cursors> cursors,
                                      stream::Partition partition, Sink& sink, const Clock& clock,
                                      Options options) {
  INVARIANT(options.batch_bytes_max > 0);
  return std::make_unique<Delivery>(std::move(group), std::move(source), std::move(cursors),
                                    partition, sink, clock, options);
}

}  // namespace cauce::delivery

// From messages to durable records and back to whoever sent them, whatever protocol it speaks.
//
// What is submitted together becomes one append: a group. Its answer is made beforehand by the
// submitter. When all of it is durable the writer's thread sends the answer, where there is an
// outlet for it, and notes that it is durable; the rest is the loop's. The loop is told once,
// however many groups come together, and not at all of groups that are answered and that nobody
// waits for: it hears of them by catch_up(). In append order all of it.
//
// What the broker notes of its sessions is a record like others. Notes wait for the next append,
// whoever makes it, and go first in it: so they are stored in the order in which they were made,
// and before all that happens after them.
//
// Messages count as in flight of their device and company (allowance.h) until they are durable, or
// never can be; then whoever waits for room there is told.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "gateway/admission.h"
#include "gateway/allowance.h"
#include "gateway/intake_message.h"
#include "gateway/meters.h"
#include "net/net.h"
#include "record/message.h"
#include "record/session.h"
#include "stream/stream.h"

namespace cauce::gateway {

// What a client is told when all that was submitted with it is durable.
struct Answer {
  Bytes bytes;
  // Where the writer's thread queues it, and sends it unless somebody subscribed to what it
  // answers; without one on_durable() does.
  std::shared_ptr<net::Outlet> outlet;
  // Something goes on when it is durable, so the loop hears of it at once also if it was answered.
  bool is_awaited = true;
};

// Whose messages they are. It may remove itself from the intake in any of these calls, as their
// last deed.
class Submitter {
 public:
  virtual ~Submitter() = default;
  // `count` of its messages are durable; `answer` is what was submitted with them, and is queued
  // in its outlet if it has one.
  virtual void on_durable(const Answer& answer, std::size_t count) = 0;
  // They can never become durable.
  virtual void on_failure(const Error& error) = 0;
  // There may be room now: submit again what waits. False when there was none.
  virtual bool retry() = 0;
  // There may be room for what it waits for by Allowance::await_room().
  virtual void on_room() {}
};

// How much was appended that changes sessions, and how much of it is durable.
struct Changes {
  std::uint64_t appended = 0;
  std::uint64_t durable = 0;
};

namespace broker {
class Broker;
struct Publication;
}  // namespace broker

class Intake {
 public:
  // What is durable goes to `broker`. What it refers to outlives the intake.
  Intake(net::Loop& loop, stream::Writer& raw, broker::Broker& broker, Allowances& allowances,
         const Clock& clock, Time received_at_least, const Meters& meters = {});
  // What is still in flight is durable or not, but nobody is told.
  ~Intake();
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  std::uint64_t add(Submitter& submitter);
  // Its appends in flight finish; nobody is told.
  void remove(std::uint64_t submitter);

  struct Group;
  using GroupHandle = std::weak_ptr<Group>;

  // One append of all of them and of what was noted before. `exhausted`: nothing was taken, and
  // retry() will be called. Each keeps the limits of record::Message. Without messages and notes a
  // tick is appended. `flight` is of the messages and is taken with them.
  Result<GroupHandle> submit(std::uint64_t submitter, const Identity& identity,
                             std::span<const Incoming> messages, Answer answer, Flight& flight);

  // Goes on with what is durable by now. Before anything that a client may say because it has its
  // answer. Not from inside a Submitter's call.
  void catch_up();

  // Goes with the next append, or with one of its own when the loop has done what is ready. `then`,
  // if there is one, is called when it is durable.
  void note(record::SessionChange change, std::function<void()> then);
  // How many notes there were so far.
  std::uint64_t notes() const { return notes_; }
  // Of notes, and of messages with particulars. Any thread.
  Changes changes() const { return {changes_appended_, changes_durable_}; }

  // Whether what was submitted so is not durable yet.
  static bool is_in_flight(const GroupHandle& group);
  // Has `answer` given when the group is durable, to whoever submits this, who may be another than
  // submitted the group. Invariant: it is in flight. `exhausted`: retry() will be called.
  Result<void> answer_after(const GroupHandle& group, std::uint64_t submitter, BytesView answer);

  // Catches up, ticks an idle stream and retries; `may_append` is false while the disk is low.
  void look_around(bool may_append);

  // As of the last time it caught up, as what a Flight counts.
  std::uint64_t messages_in_flight() const { return messages_in_flight_; }
  std::uint64_t messages_durable() const { return messages_durable_; }

 private:
  // So far the times of messages run ahead of the clock when they come faster than one in a
  // microsecond; then some have the same time.
  static constexpr Duration ahead_max = std::chrono::seconds{1};

  struct Durable {
    std::shared_ptr<Group> group;
    Result<stream::Position> first;
    Duration at;  // on the clock of elapsed()
  };
  class Mailbox;

  Time received_at();
  // A microsecond after the message before it at least: values without a time of their own have
  // this one, and of two of one time only the later would count. After received_at().
  Time received_at_of_message();
  record::Particulars particulars_of(const Incoming& message, const broker::Publication* copy);
  Result<void> append(std::vector<Bytes> records, const std::shared_ptr<Group>& group);
  void flush();
  void route(const Group& group, stream::Position first);
  void wait_for_room(std::uint64_t submitter);
  void release(std::vector<Durable>& groups);
  void retry_waiting();
  void tell_of_room();

  struct Note {
    Bytes record;
    std::function<void()> then;
  };

  net::Loop& loop_;
  stream::Writer& raw_;
  broker::Broker& broker_;
  Allowances& allowances_;
  const Clock& clock_;
  const Meters meters_;
  std::shared_ptr<Mailbox> mailbox_;
  std::unordered_map<std::uint64_t, Submitter*> submitters_;
  std::deque<std::uint64_t> waiting_;  // for room in the stream, first come first served
  std::uint64_t last_submitter_ = 0;
  std::uint64_t messages_in_flight_ = 0;
  std::uint64_t messages_durable_ = 0;
  Time received_at_;  // of the last record; never decreases
  Time message_at_;   // of the last message
  Time clock_at_;     // the latest that the clock has shown
  Duration appended_at_;
  std::vector<Note> noted_;        // wait for the next append
  std::shared_ptr<bool> flushes_;  // a flush is posted; outlives the intake
  std::uint64_t notes_ = 0;
  std::atomic<std::uint64_t> changes_appended_{0};
  std::atomic<std::uint64_t> changes_durable_{0};
  record::Message scratch_;  // keeps its memory from message to message
};

}  // namespace cauce::gateway

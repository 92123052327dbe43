// From messages to durable records and back to whoever sent them, whatever protocol it speaks.
//
// What is submitted together becomes one append: a group. Its answer is made beforehand by the
// submitter and given back, in append order, when all of it is durable. The writer's thread only
// notes which groups are durable; the loop is told once, however many groups come together.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "gateway/admission.h"
#include "gateway/meters.h"
#include "net/net.h"
#include "record/message.h"
#include "stream/stream.h"

namespace cauce::gateway {

// One message as it came from a device.
struct Incoming {
  std::string_view topic;
  std::string_view content_type;  // empty when the protocol has none
  BytesView payload;
};

// Whose messages they are. It may remove itself from the intake in any of these calls, as their
// last deed.
class Submitter {
 public:
  virtual ~Submitter() = default;
  // `count` of its messages are durable; `answer` is what was submitted with them.
  virtual void on_durable(BytesView answer, std::size_t count) = 0;
  // They can never become durable.
  virtual void on_failure(const Error& error) = 0;
  // There may be room now: submit again what waits. False when there was none.
  virtual bool retry() = 0;
};

class Intake {
 public:
  Intake(net::Loop& loop, stream::Writer& raw, const Clock& clock, Time received_at_least,
         const Meters& meters = {});
  // What is still in flight is durable or not, but nobody is told.
  ~Intake();
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  std::uint64_t add(Submitter& submitter);
  // Its appends in flight finish; nobody is told.
  void remove(std::uint64_t submitter);

  struct Group;
  using GroupHandle = std::weak_ptr<Group>;

  // One append of all of them. `exhausted`: nothing was taken, and retry() will be called. Each
  // keeps the limits of record::Message; `answer` is for on_durable().
  Result<GroupHandle> submit(std::uint64_t submitter, const Identity& identity,
                             std::span<const Incoming> messages, Bytes answer);

  // Adds to the answer of a group that was submitted before. False when it has got its answer, or
  // there was none: then nothing stands before what is said now.
  static bool add_answer(const GroupHandle& group, BytesView answer);

  // Ticks an idle stream and retries; `may_append` is false while the disk is low.
  void look_around(bool may_append);

  std::uint64_t messages_in_flight() const { return messages_in_flight_; }
  std::uint64_t messages_durable() const { return messages_durable_; }

 private:
  struct Durable {
    std::shared_ptr<Group> group;
    std::optional<Error> failure;
  };
  class Mailbox;

  Time received_at();
  void release(std::vector<Durable>& groups);
  void retry_waiting();

  stream::Writer& raw_;
  const Clock& clock_;
  const Meters meters_;
  std::shared_ptr<Mailbox> mailbox_;
  std::unordered_map<std::uint64_t, Submitter*> submitters_;
  std::deque<std::uint64_t> waiting_;  // for room in the stream, first come first served
  std::uint64_t last_submitter_ = 0;
  std::uint64_t messages_in_flight_ = 0;
  std::uint64_t messages_durable_ = 0;
  Time received_at_;  // of the last record; never decreases
  Duration appended_at_;
  record::Message scratch_;  // keeps its memory from message to message
};

}  // namespace cauce::gateway

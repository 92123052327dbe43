#include "gateway/intake.h"

#include <algorithm>

#include "base/failpoint.h"
#include "base/invariant.h"
#include "base/log.h"
#include "gateway/broker/broker.h"
#include "gateway/mqtt/property.h"

namespace cauce::gateway {
namespace {

constexpr stream::Partition only_partition{0};
constexpr Duration tick_interval = std::chrono::seconds{1};

}  // namespace

struct Intake::Group {
  // One of its messages that somebody subscribed to.
  struct Heard {
    std::shared_ptr<broker::Publication> publication;
    std::size_t index;  // in the group, behind its notes
  };

  std::uint64_t submitter = 0;
  std::string company;
  std::vector<Heard> heard;
  std::vector<std::function<void()>> then;  // of notes
  std::size_t notes = 0;                    // stand before the messages
  std::size_t changes = 0;                  // notes, and messages with particulars
  std::size_t count = 0;
  Answer answer;  // its bytes are the mailbox's to change
  Flight flight;  // the loop's thread
  Duration taken_at{0};
  bool is_quiet = false;  // once answered, nothing of it is urgent
  bool is_put = false;    // in the mailbox, whose it is to say
  bool answered = false;  // the loop's thread
};

// What became durable since the loop looked last. Outlives the intake while appends are in flight.
class Intake::Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  Mailbox(net::Loop& loop, Intake& intake, const Clock& clock)
      : loop_(loop), intake_(&intake), clock_(clock) {}

  // The writer's thread. The loop may have the group before its answer has left, but not before it
  // is queued: what the loop answers then comes after it.
  void put(std::shared_ptr<Group> group, const Result<stream::Position>& first) {
    FAILPOINT("gateway.before_ack");
    std::shared_ptr<net::Outlet> outlet;
    const bool flushes = first && group->answer.outlet && group->heard.empty();
    bool tells = false;
    {
      const std::lock_guard lock(mutex_);
      if (first) outlet = group->answer.outlet;
      if (outlet) outlet->queue(group->answer.bytes);
      group->is_put = true;
      const bool is_urgent = !outlet || !group->is_quiet || awaited_ || closed_;
      groups_.push_back({std::move(group), first, clock_.elapsed()});
      tells = is_urgent && !std::exchange(told_, true);
    }
    // Who subscribed is no later told than who published: then the loop flushes, after both.
    if (flushes) outlet->flush();
    if (tells) tell();
  }

  // The loop's thread, as what follows.

  // Puts more behind a group's answer, unless that has left.
  bool append_to_answer(Group& group, BytesView bytes) {
    const std::lock_guard lock(mutex_);
    if (!group.is_put) group.answer.bytes.append(bytes);
    return !group.is_put;
  }

  // The loop is told of the next group, and of those that are there, in any case.
  void await() {
    const std::lock_guard lock(mutex_);
    awaited_ = true;
    if (groups_.empty() || std::exchange(told_, true)) return;
    tell();
  }

  void deliver() {
    // Who is released may be the one that asks.
    if (delivering_) return;
    {
      const std::lock_guard lock(mutex_);
      told_ = false;
      if (groups_.empty()) return;
      awaited_ = false;
      delivered_.swap(groups_);
    }
    delivering_ = true;
    if (intake_ != nullptr) intake_->release(delivered_);
    delivered_.clear();
    delivering_ = false;
  }

  bool is_open() const { return intake_ != nullptr; }
  // What is in flight by now ends on this thread all the same.
  void close() {
    intake_ = nullptr;
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    deliver();
  }

 private:
  void tell() {
    loop_.post([self = shared_from_this()] { self->deliver(); });
  }

  net::Loop& loop_;
  Intake* intake_;
  const Clock& clock_;
  std::vector<Durable> delivered_;
  bool delivering_ = false;
  std::mutex mutex_;  // guards what follows
  std::vector<Durable> groups_;
  bool told_ = false;     // deliver() is posted
  bool awaited_ = false;  // until then
  bool closed_ = false;
};

Intake::Intake(net::Loop& loop, stream::Writer& raw, broker::Broker& broker, Allowances& allowances,
               const Clock& clock, Time received_at_least, const Meters& meters)
    : loop_(loop),
      raw_(raw),
      broker_(broker),
      allowances_(allowances),
      clock_(clock),
      meters_(meters),
      mailbox_(std::make_shared<Mailbox>(loop, *this, clock)),
      received_at_(received_at_least),
      message_at_(received_at_least),
      clock_at_(received_at_least),
      appended_at_(clock.elapsed()),
      flushes_(std::make_shared<bool>(false)) {}

Intake::~Intake() {
  mailbox_->close();
}

std::uint64_t Intake::add(Submitter& submitter) {
  submitters_.emplace(++last_submitter_, &submitter);
  return last_submitter_;
}

void Intake::remove(std::uint64_t submitter) {
  submitters_.erase(submitter);
  std::erase(waiting_, submitter);
}

Time Intake::received_at() {
  // A clock beyond what a record can say stands still at the last time it can.
  clock_at_ = std::max(clock_at_, std::min(clock_.now(), time_max - Duration{1}));
  received_at_ = std::max(received_at_, clock_at_);
  return received_at_;
}

Time Intake::received_at_of_message() {
  const Time latest = std::min(clock_at_ + ahead_max, time_max - Duration{1});
  const Time next = std::min(message_at_ + Duration{1}, latest);
  received_at_ = message_at_ = std::max(received_at_, next);
  return message_at_;
}

Result<Intake::GroupHandle> Intake::submit(std::uint64_t submitter, const Identity& identity,
                                           std::span<const Incoming> messages, Answer answer,
                                           Flight& flight) {
  auto group = std::make_shared<Group>();
  group->submitter = submitter;
  group->count = messages.size();
  group->answer = std::move(answer);
  group->taken_at = clock_.elapsed();
  std::size_t payload_bytes = 0;
  std::vector<Bytes> records;
  records.reserve(messages.size());
  scratch_.company = identity.company;
  received_at();
  const bool is_quiet = broker_.is_quiet();
  for (const Incoming& message : messages) {
    scratch_.received_at = received_at_of_message();
    scratch_.device.assign(recorded_device(identity, message.topic));
    scratch_.topic.assign(message.topic);
    scratch_.content_type.assign(message.content_type);
    scratch_.payload.assign(message.payload);
    payload_bytes += message.payload.size();
    std::shared_ptr<broker::Publication> copy;
    if (!is_quiet || message.retain) copy = broker_.copy_if_heard(identity.company, message);
    if (broker_.needs_particulars(identity.company, message, copy != nullptr)) {
      records.push_back(record::encode(particulars_of(message, copy.get())));
      ++group->changes;
    }
    if (copy) group->heard.push_back({std::move(copy), records.size()});
    records.push_back(record::encode(scratch_));
  }
  if (!group->heard.empty()) group->company = identity.company;
  group->is_quiet = !group->answer.is_awaited && group->heard.empty() && noted_.empty();
  if (records.empty() && noted_.empty()) {
    records.push_back(record::encode(record::Tick{received_at()}));
  }
  for (const Incoming& message : messages)
    broker_.hear_answer(identity.company, message);
  const auto appended = append(std::move(records), group);
  if (appended) {
    group->flight = std::move(flight);
    messages_in_flight_ += messages.size();
    meters_.messages.add(messages.size());
    meters_.bytes.add(payload_bytes);
  } else if (appended.error().outcome == Outcome::exhausted) {
    wait_for_room(submitter);
  }
  if (!appended) return appended.error();
  return GroupHandle{group};
}

record::Particulars Intake::particulars_of(const Incoming& message,
                                           const broker::Publication* copy) {
  record::Particulars particulars;
  particulars.at = received_at_;
  particulars.session = message.session;
  particulars.packet_id = message.packet_id;
  particulars.qos = message.qos;
  particulars.retain = message.retain;
  particulars.is_will = message.is_will;
  // Who hears it later hears them from here; when nobody does, nobody asks.
  if (copy == nullptr || message.properties.empty()) return particulars;
  if (copy->extras) particulars.properties = copy->extras->properties;
  if (const auto expiry_s = mqtt::message_expiry(message.properties)) {
    particulars.expires_at =
        std::min(received_at_ + std::chrono::seconds{*expiry_s}, time_max - Duration{1});
  }
  return particulars;
}

void Intake::note(record::SessionChange change, std::function<void()> then) {
  change.at = received_at();
  noted_.push_back({record::encode(change), std::move(then)});
  ++notes_;
  if (*flushes_) return;
  *flushes_ = true;
  loop_.post([this, mailbox = mailbox_, flushes = flushes_] {
    *flushes = false;
    if (mailbox->is_open()) flush();
  });
}

void Intake::flush() {
  if (noted_.empty()) return;
  // Without room they wait for the next append, or the next look around.
  (void)append({}, std::make_shared<Group>());
}

Result<void> Intake::append(std::vector<Bytes> records, const std::shared_ptr<Group>& group) {
  const bool is_note_only = records.empty();
  if (!noted_.empty()) {
    std::vector<Bytes> all;
    all.reserve(noted_.size() + records.size());
    for (const Note& note : noted_)
      all.push_back(note.record);
    std::ranges::move(records, std::back_inserter(all));
    records = std::move(all);
    group->notes = noted_.size();
    group->changes += noted_.size();
  }
  auto appended = raw_.append(only_partition, std::move(records),
                              [mailbox = mailbox_, group](const Result<stream::Position>& first) {
                                mailbox->put(group, first);
                              });
  if (!appended) {
    group->changes -= group->notes;
    group->notes = 0;
    return appended;
  }
  if (group->changes > 0) changes_appended_ += group->changes;
  for (Note& note : noted_) {
    if (note.then) group->then.push_back(std::move(note.then));
  }
  noted_.clear();
  // Notes are no sign that devices speak: time goes on by ticks beside them.
  if (!is_note_only) appended_at_ = clock_.elapsed();
  return appended;
}

bool Intake::is_in_flight(const GroupHandle& group) {
  const auto found = group.lock();
  return found && !found->answered;
}

Result<void> Intake::answer_after(const GroupHandle& group, std::uint64_t submitter,
                                  BytesView answer) {
  const auto found = group.lock();
  INVARIANT(found && !found->answered);
  if (found->submitter == submitter && mailbox_->append_to_answer(*found, answer)) return {};
  // A tick that is appended now is durable after all that was appended before.
  auto own = std::make_shared<Group>();
  own->submitter = submitter;
  own->answer.bytes = answer;
  own->taken_at = clock_.elapsed();
  std::vector<Bytes> records;
  records.push_back(record::encode(record::Tick{received_at()}));
  auto appended = append(std::move(records), own);
  if (!appended && appended.error().outcome == Outcome::exhausted) wait_for_room(submitter);
  return appended;
}

void Intake::wait_for_room(std::uint64_t submitter) {
  waiting_.push_back(submitter);
  mailbox_->await();
}

void Intake::catch_up() {
  mailbox_->deliver();
}

void Intake::release(std::vector<Durable>& groups) {
  for (Durable& durable : groups) {
    const auto found = submitters_.find(durable.group->submitter);
    messages_in_flight_ -= durable.group->count;
    durable.group->flight = {};
    if (durable.first) {
      messages_durable_ += durable.group->count;
      meters_.acknowledged.add(durable.group->count);
      meters_.acknowledge.observe(durable.at - durable.group->taken_at, durable.group->count);
    }
    durable.group->answered = true;
    if (durable.first) {
      if (durable.group->changes > 0) changes_durable_ += durable.group->changes;
      for (const auto& then : durable.group->then)
        then();
    }
    if (durable.first && !durable.group->heard.empty()) route(*durable.group, *durable.first);
    if (found != submitters_.end() && durable.first) {
      found->second->on_durable(durable.group->answer, durable.group->count);
    } else if (found != submitters_.end()) {
      found->second->on_failure(durable.first.error());
    }
  }
  retry_waiting();
  tell_of_room();
}

void Intake::tell_of_room() {
  for (const std::uint64_t submitter : allowances_.take_roomy()) {
    const auto found = submitters_.find(submitter);
    if (found != submitters_.end()) found->second->on_room();
  }
}

void Intake::route(const Group& group, stream::Position first) {
  for (const Group::Heard& heard : group.heard) {
    heard.publication->place = {broker::Shelf::raw, {first.number + group.notes + heard.index}};
    broker_.route(group.company, heard.publication);
  }
}

void Intake::retry_waiting() {
  // Each is asked once: who fails queues itself again, at the end.
  for (std::size_t count = waiting_.size(); count > 0 && !waiting_.empty(); --count) {
    const std::uint64_t first = waiting_.front();
    waiting_.pop_front();
    const auto found = submitters_.find(first);
    if (found != submitters_.end() && !found->second->retry()) {
      // The stream is full again; whoever was refused keeps its place.
      std::rotate(waiting_.begin(), waiting_.end() - 1, waiting_.end());
      return;
    }
  }
}

void Intake::look_around(bool may_append) {
  catch_up();
  tell_of_room();
  if (!may_append) return;
  retry_waiting();
  flush();
  if (clock_.elapsed() - appended_at_ < tick_interval) return;
  std::vector<Bytes> records;
  records.push_back(record::encode(record::Tick{received_at()}));
  auto appended =
      raw_.append(only_partition, std::move(records), [](const Result<stream::Position>&) {});
  if (appended) appended_at_ = clock_.elapsed();
}

}  // namespace cauce::gateway

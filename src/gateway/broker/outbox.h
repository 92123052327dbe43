// What waits for one session's client, and what it has got and not acknowledged (MQTT 3.1.1 and
// 5.0, sections 4.3, 4.4, 4.6; flow control: 5.0, section 4.9).
//
// Of a recorded outbox each message of QoS 2 gets its id before it is sent, and is sent when that
// is durable: a client that meets the same id again after we were killed takes it for the same
// message, and no other message may come under it (section 4.3.3). For the same reason PUBREL waits
// until it is durable that PUBREC came. That an exchange is over may be recorded later: QoS 1 may
// come twice, and a PUBREL that comes again is answered again.
//
// A queue holds places in the stream. The message itself is held only while a client is connected
// and reads along, and at most body_bytes_max of them; otherwise it is fetched from the stream when
// its turn comes. Order is that of push(), for all levels of QoS.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/broker/held_commands.h"
#include "gateway/broker/publication.h"
#include "gateway/close_log.h"
#include "gateway/mqtt/dialogue.h"
#include "record/session.h"

namespace cauce::gateway::broker {

// The connection of a session, as the broker sees it. None of these calls comes back to the broker
// before it returns, but end(), which tells it that the connection is gone.
class Link {
 public:
  virtual ~Link() = default;
  // False when it is longer than the client takes: then it counts as delivered [MQTT-3.1.2-25].
  virtual bool deliver(const mqtt::Outgoing& message) = 0;
  virtual void release(std::uint16_t packet_id) = 0;  // PUBREL
  // Whether it may be given more now. When it may again, the broker is asked to pump.
  virtual bool has_room() const = 0;
  virtual void end(Ending ending, std::string_view reason) = 0;
};

struct Queued {
  Place place;
  SharedPublication publication;         // nullptr: to be fetched
  std::shared_ptr<const Extras> extras;  // of the publication, which may be fetched without them
  std::vector<std::uint32_t> identifiers;
  std::uint16_t packet_id = 0;  // not 0: it is, or was, to be sent under it
  std::uint8_t qos = 0;
  bool retain = false;
  bool kept = false;     // the broker keeps the message anyway: it is never fetched
  bool shared = false;   // it might as well have been for a durable session that shares
  bool pending = false;  // its packet id is not recorded yet
  bool again = false;    // it may have been sent before: DUP [MQTT-3.3.1-1]
};

// What came of a place: nullptr when the stream has it no more.
struct Fetched {
  Place place;
  SharedPublication publication;
};

class Outbox {
 public:
  static constexpr std::size_t body_bytes_max = 256 << 10;
  static constexpr std::size_t fetch_count_max = 64;

  // `company_queued` counts what all sessions of the company have queued; `commands` are the
  // company's, `device` is whose the session is. All outlive it.
  Outbox(std::size_t& company_queued, const HeldCommands& commands, std::string_view device,
         bool recorded)
      : company_queued_(company_queued),
        commands_(commands),
        device_(device),
        recorded_(recorded) {}
  ~Outbox() { company_queued_ -= queue_.size(); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // `connected`: somebody reads along.
  void push(Queued queued, bool connected);
  std::size_t queued() const { return queue_.size(); }
  std::size_t unacknowledged() const { return in_flight_.size(); }

  // Of commands that wait, or were sent and not acknowledged.
  std::set<stream::Position> commands() const;

  // Sends what may go: while the link has room, at most `window` without their last
  // acknowledgement. What has expired is left out, and commands that need not be sent any more.
  void pump(Link& link, Duration now, std::size_t window);
  // The places that pump() needs to go on; empty when it needs none, or has asked already.
  std::vector<Place> wanted();
  // Answers how many of them the stream has no more: these are left out.
  std::size_t put(const std::vector<Fetched>& fetched);

  // False when the message of that id waits for another kind of answer.
  bool may_answer(mqtt::PacketType type, std::uint16_t packet_id) const;
  // The client's PUBACK and PUBCOMP, and PUBREC. One that nobody waits for changes nothing.
  void finish(std::uint16_t packet_id, bool refused);
  // Whether PUBREL is due; `refused` ends the exchange.
  bool receive(std::uint16_t packet_id, bool refused);

  // What must be recorded: ids that were given, which wait for confirm(), and what need not be
  // delivered any more. Each is answered once.
  std::vector<record::Delivery> take_numbered() { return std::exchange(numbered_, {}); }
  std::vector<record::Delivery> take_finished() { return std::exchange(finished_, {}); }
  std::size_t finished_count() const { return finished_.size(); }
  bool has_numbered() const { return !numbered_.empty(); }
  // What came of commands since it was asked last.
  struct CommandProgress {
    stream::Position position;
    record::CommandStep::Kind kind{};
  };
  std::vector<CommandProgress> take_command_progress() {
    return std::exchange(command_progress_, {});
  }
  // They are durable.
  void confirm(const std::vector<record::Delivery>& numbered);
  // It is durable that PUBREC came. False when nothing waits for it.
  bool confirm_received(std::uint16_t packet_id);
  bool waits_for_complete(std::uint16_t packet_id) const;
  void stop_recording() { recorded_ = false; }

  // The connection is gone: what was not acknowledged is sent again on the next one, first.
  void detach();
  // A connection goes on with the session: releases are sent again [MQTT-4.4.0-1].
  void resume(Link& link);

  // What was recorded happens again, without a connection.
  // False when it was not there; then it is now.
  bool replay_sent(const record::Delivery& sent);
  void replay_received(std::uint16_t packet_id);
  // False when it is not there.
  bool replay_finished(const record::Delivery& finished);
  bool replay_finished_elsewhere(Place place);
  // A client was connected, and is no more.
  void replay_away(std::size_t window);
  // As state.h wants them; restored in the same order.
  struct Kept {
    std::vector<Queued> queue;     // with the ids of QoS 2
    std::vector<Queued> released;  // PUBREC came
  };
  Kept kept() const;
  void restore(Kept kept);

 private:
  struct InFlight {
    Queued queued;
    std::uint16_t packet_id = 0;
    bool released = false;   // PUBREC came
    bool confirmed = false;  // and that is durable
  };

  bool send_front(Link& link, Duration now);
  std::uint16_t next_packet_id();
  bool is_in_use(std::uint16_t packet_id) const;
  void drop_body(Queued& queued);
  void pop_front();
  void number_front(Duration now, std::size_t window);
  void give_up(const Queued& queued);
  void forget_id(std::uint16_t packet_id);

  bool is_unwanted(const Queued& queued, Duration now) const;
  void note_progress(const Queued& queued, record::CommandStep::Kind kind);

  std::size_t& company_queued_;
  const HeldCommands& commands_;
  const std::string_view device_;
  bool recorded_;
  std::deque<Queued> queue_;
  std::vector<InFlight> in_flight_;  // in the order of sending
  std::size_t body_bytes_ = 0;       // of publications in queue_
  std::uint16_t last_packet_id_ = 0;
  bool fetching_ = false;
  std::vector<record::Delivery> numbered_;
  std::vector<record::Delivery> finished_;
  std::vector<CommandProgress> command_progress_;
};

}  // namespace cauce::gateway::broker

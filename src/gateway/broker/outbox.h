// What waits for one session's client, and what it has got and not acknowledged (MQTT 3.1.1 and
// 5.0, sections 4.3, 4.4, 4.6; flow control: 5.0, section 4.9).
//
// A queue holds places in the stream. The message itself is held only while a client is connected
// and reads along, and at most body_bytes_max of them; otherwise it is fetched from the stream when
// its turn comes. Order is that of push(), for all levels of QoS.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "gateway/broker/publication.h"
#include "gateway/close_log.h"
#include "gateway/mqtt/dialogue.h"

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
  std::uint16_t packet_id = 0;  // not 0: it was sent under it on an earlier connection
  std::uint8_t qos = 0;
  bool retain = false;
  bool kept = false;  // the broker keeps the message anyway: it is never fetched
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

  // `company_queued` counts what all sessions of the company have queued.
  explicit Outbox(std::size_t& company_queued) : company_queued_(company_queued) {}
  ~Outbox() { company_queued_ -= queue_.size(); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // `connected`: somebody reads along.
  void push(Queued queued, bool connected);
  std::size_t queued() const { return queue_.size(); }
  std::size_t unacknowledged() const { return in_flight_.size(); }

  // Sends what may go: while the link has room, at most `window` without their last
  // acknowledgement. What has expired is left out.
  void pump(Link& link, Duration now, std::size_t window);
  // The places that pump() needs to go on; empty when it needs none, or has asked already.
  std::vector<Place> wanted();
  // Answers how many of them the stream has no more: these are left out.
  std::size_t put(const std::vector<Fetched>& fetched);

  // False when the message of that id waits for another kind of answer.
  bool may_answer(mqtt::PacketType type, std::uint16_t packet_id) const;
  // The client's PUBACK and PUBCOMP, and PUBREC. One that nobody waits for changes nothing.
  void finish(std::uint16_t packet_id);
  // Whether PUBREL is due; `refused` ends the exchange.
  bool receive(std::uint16_t packet_id, bool refused);

  // The connection is gone: what was not acknowledged is sent again on the next one, first.
  void detach();
  // A connection goes on with the session: releases are sent again [MQTT-4.4.0-1].
  void resume(Link& link);

 private:
  struct InFlight {
    Queued queued;
    std::uint16_t packet_id = 0;
    bool released = false;  // PUBREC came, PUBREL went
  };

  bool send_front(Link& link, Duration now);
  std::uint16_t next_packet_id();
  bool is_in_use(std::uint16_t packet_id) const;
  void drop_body(Queued& queued);
  void pop_front();

  std::size_t& company_queued_;
  std::deque<Queued> queue_;
  std::vector<InFlight> in_flight_;  // in the order of sending
  std::size_t body_bytes_ = 0;       // of publications in queue_
  std::uint16_t last_packet_id_ = 0;
  bool fetching_ = false;
};

}  // namespace cauce::gateway::broker

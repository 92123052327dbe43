// The broker's core, without sockets, disks or clocks of its own: sessions, subscriptions, retained
// messages and wills of all companies, each of which is alone with its own (MQTT 3.1.1 and 5.0).
//
// What it routes is durable already. It holds no payload for a client that is away: its queues hold
// places in the stream, and House::fetch() brings what stands there when its turn comes. What it
// knows ends with the process.
//
// Bounded: a queue that is full ends its session, because a queue with a hole would be a lie; the
// client then hears Session Present 0 and knows that it has missed something.
//
// All of it on one thread. Times are Clock::elapsed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "gateway/broker/filter_tree.h"
#include "gateway/broker/outbox.h"
#include "gateway/broker/publication.h"
#include "gateway/broker/retained.h"
#include "gateway/broker/session.h"
#include "gateway/intake_message.h"
#include "gateway/mqtt/packet.h"

namespace cauce::gateway::broker {

struct Limits {
  std::size_t subscriptions_max = 1024;       // of a session
  std::size_t sessions_max = 64;              // of a device, that outlive their connection
  std::size_t queued_max = 100'000;           // messages of a session: about 10 MB
  std::size_t company_queued_max = 1 << 20;   // of all sessions of a company
  std::size_t retained_max = 10'000;          // messages of a company …
  std::size_t retained_bytes_max = 64 << 20;  // … and their bytes
  std::uint16_t window_max = 64;              // QoS 1 and 2 without their last acknowledgement
  // As long as `raw` keeps what the queues point to.
  Duration expiry_max = std::chrono::hours{24};
};

struct Company {
  Company(std::string its_name, const Limits& limits)
      : name(std::move(its_name)), retained(limits.retained_max, limits.retained_bytes_max) {}

  const std::string name;
  FilterTree filters;
  Retained retained;
  std::size_t queued = 0;
};

// Who does what the broker cannot.
class House {
 public:
  virtual ~House() = default;
  // Makes it durable and gives it back to route().
  virtual void publish(Will will) = 0;
  // Brings what stands at the places, all or the first of them, at least one, to
  // Broker::put_fetched(). At most one such is under way for a session.
  virtual void fetch(std::uint64_t session, std::vector<Place> places) = 0;
  // So many messages for it waited until the stream had them no more.
  virtual void note_lost(const Session& session, std::size_t count) = 0;
  // Its queue, or that of its company, is full: it is ended.
  virtual void note_overfull(const Session& session) = 0;
};

// A CONNECT that was admitted.
struct Greeting {
  std::string_view company;
  std::string_view device;
  std::string_view client_id;
  bool clean_start = true;
  Duration expiry{0};  // as the client wants it; at most expiry_max holds
  std::uint16_t receive_maximum = 0xFFFF;
  std::unique_ptr<Will> will = nullptr;
  // Whether it may still subscribe to what an earlier connection did.
  std::function<bool(std::string_view filter)> may_subscribe;
};

struct Welcome {
  Session* session = nullptr;  // nullptr: the device has sessions_max of them
  bool present = false;
};

class Broker {
 public:
  Broker(House& house, const Clock& clock, const Limits& limits);

  // An older connection of the same client is ended. Sessions are of (company, device, client id):
  // no device takes over what is another one's.
  Welcome connect(Greeting greeting, Link& link);
  // PUBRELs and messages again, once CONNACK has been sent.
  void resume(Session& session);
  // The connection is gone. `leaves_will`: it did not say goodbye, or wants it nevertheless. An
  // expiry is the one that DISCONNECT gave. The session may be gone after the next advance().
  void disconnect(Session& session, bool leaves_will, std::optional<Duration> expiry);

  // Answers the granted QoS or a refusal.
  mqtt::Reason subscribe(Session& session, const mqtt::Subscription& wanted,
                         std::uint32_t identifier);
  mqtt::Reason unsubscribe(Session& session, std::string_view filter);

  // The client's PUBACK, PUBREC and PUBCOMP. False when the message waits for another of them.
  bool acknowledge(Session& session, mqtt::PacketType type, std::uint16_t packet_id,
                   mqtt::Reason reason);
  // Sends what the session may get now.
  void pump(Session& session);

  // Whether nobody subscribes to anything: then nothing need be asked.
  bool is_quiet() const { return subscriptions_ == 0; }
  bool is_heard(std::string_view company, std::string_view topic);
  bool has_room_to_retain(std::string_view company, std::string_view topic,
                          std::size_t payload_bytes);
  // A copy to be routed when it is durable; nullptr when nobody is there to hear it.
  std::shared_ptr<Publication> copy_if_heard(std::string_view company, const Incoming& message);

  // To all who subscribed; durable.
  void route(std::string_view company, const SharedPublication& publication);
  void put_fetched(std::uint64_t session, const std::vector<Fetched>& fetched);

  // Ends what has run out or is overfull, publishes wills that are due. Call it often.
  void advance();

  std::size_t session_count() const { return sessions_.size(); }
  const Limits& limits() const { return limits_; }

 private:
  struct Match {
    Session* session = nullptr;
    std::uint8_t qos = 0;
    bool retain = false;
    std::vector<std::uint32_t> identifiers;
  };
  using Sessions = std::map<std::string, std::unique_ptr<Session>, std::less<>>;

  Company& company(std::string_view name);
  Company* find_company(std::string_view name);
  Session* find(std::string_view key);
  bool is_full(std::string_view device_prefix) const;
  bool is_out_of_date(const Session& session, const Greeting& greeting) const;
  void end(Session& session);
  void leave_will(Session& session);
  void set_deadline(Session& session);
  void add_match(const Subscriber& subscriber, const Publication& publication);
  void add_shared(ShareGroup& group, const Publication& publication);
  void enqueue(Session& session, Queued queued);
  void end_overfull();
  void send_retained(Session& session, std::string_view filter, const SubscriptionOptions& options);

  House& house_;
  const Clock& clock_;
  const Limits limits_;
  std::map<std::string, std::unique_ptr<Company>, std::less<>> companies_;
  Sessions sessions_;                                     // by company, device and client id
  std::set<std::pair<Duration, Session*>> deadlines_;     // of sessions without a connection
  std::unordered_map<std::uint64_t, Session*> fetching_;  // for whom something is being fetched
  std::vector<std::unique_ptr<Session>> ended_;           // until advance(): they may be in use
  std::vector<Session*> overfull_;
  std::vector<Watchers*> found_;  // scratch of route()
  std::vector<Match> matches_;    // the same
  std::uint64_t last_id_ = 0;
  std::uint64_t routed_ = 0;
  std::size_t subscriptions_ = 0;
};

}  // namespace cauce::gateway::broker

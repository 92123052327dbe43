// The broker's core, without sockets, disks or clocks of its own: sessions, subscriptions, retained
// messages and wills of all companies, each of which is alone with its own (MQTT 3.1.1 and 5.0).
//
// What it routes is durable already. It holds no payload for a client that is away: its queues hold
// places in the stream, and House::fetch() brings what stands there when its turn comes.
//
// What must outlive the process is recorded in the stream, between the messages (House::note): who
// replays a state (state.h) and what stands behind it in the stream has the broker again. Replaying
// decides again who hears a message, by the subscriptions of that moment. It may decide otherwise
// than the living broker did about messages that were on their way to the disk when somebody
// subscribed, connected or went: there both are right.
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
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "gateway/broker/filter_tree.h"
#include "gateway/broker/held_commands.h"
#include "gateway/broker/outbox.h"
#include "gateway/broker/publication.h"
#include "gateway/broker/retained.h"
#include "gateway/broker/session.h"
#include "gateway/broker/state.h"
#include "gateway/intake_message.h"
#include "gateway/mqtt/packet.h"
#include "record/command.h"
#include "record/message.h"
#include "record/session.h"

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

class StateTables;
struct Restored;

struct Company {
  Company(std::string its_name, const Limits& limits)
      : name(std::move(its_name)), retained(limits.retained_max, limits.retained_bytes_max) {}

  const std::string name;
  FilterTree filters;
  Retained retained;
  HeldCommands commands;
  std::size_t queued = 0;
  std::size_t durable_subscriptions = 0;
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
  // Makes it durable, before whatever is published later; its time is for the house to fill in.
  // `then`, if there is one, is called when it is durable, never from inside this call.
  virtual void note(record::SessionChange change, std::function<void()> then) = 0;
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

  // The client's PUBREL. False when no message waits under that id.
  bool release(Session& session, std::uint16_t packet_id);
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

  // Whether what a message has beyond record::Message must be stored with it. `copied`: that
  // copy_if_heard() answered one.
  bool needs_particulars(std::string_view company, const Incoming& message, bool copied);
  // Commands before this position are given, now or in the same call of the loop.
  void pass_commands(stream::Position position);
  // What stands there in `commands`: a command is routed, and held for those who subscribe later;
  // one that was withdrawn goes to nobody any more. While replaying, too.
  void take_command(stream::Position position, record::CommandRecord record);
  // What a device that asks for them by another protocol than MQTT is still to get, the oldest
  // first, at most `count_max` …
  std::vector<Place> commands_for(std::string_view company, std::string_view device,
                                  std::size_t count_max);
  // … and what it is told with one of them, which is noted as sent; nullopt when it is not to get
  // it any more.
  struct Handed {
    std::string id;
    Time expires_at;
    std::string content_type;
  };
  std::optional<Handed> hand_over(std::string_view company, std::string_view device, Place place);
  // Whether it is a command of that device, of the last day.
  bool knows_command(std::string_view company, std::string_view device, std::string_view id);
  // A message that may be what a device says came of a command: then it is noted, before the
  // message is.
  void hear_answer(std::string_view company, const Incoming& message);

  // To all who subscribed; durable.
  void route(std::string_view company, const SharedPublication& publication);
  void put_fetched(std::uint64_t session, const std::vector<Fetched>& fetched);

  // Ends what has run out or is overfull, publishes wills that are due, notes what is finished.
  // Call it often.
  void advance();

  // Between the two, nothing is noted or published, and no client may connect. Times of what is
  // replayed are turned into those of the clock as it stands at the beginning.
  void begin_replay();
  // No connection is left. What is due follows at the next advance().
  void end_replay();
  // Whether messages need not be replayed.
  bool is_deaf() const { return subscriptions_ == 0; }
  void replay(const record::SessionChange& change);
  // A message with or without what was noted before it.
  void replay(Place place, record::Message message, const record::Particulars* particulars);
  // Of an empty broker that is replaying; what decode_state() answered.
  void restore(const State& state);
  // All that is recorded of it.
  State state() const;
  // What is not routed of `commands`; nullopt when that was never noted.
  const std::optional<stream::Position>& commands_passed() const { return commands_passed_; }

  std::size_t session_count() const { return sessions_.size(); }
  const Limits& limits() const { return limits_; }

 private:
  struct Match {
    Session* session = nullptr;
    std::uint8_t qos = 0;
    bool retain = false;
    bool shared = false;
    std::vector<std::uint32_t> identifiers;
  };
  struct DueWill {
    std::string session;
    Will will;
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
  void note(const Session& session, record::SessionEvent event,
            std::function<void()> then = nullptr);
  // What its outbox has to be recorded.
  void look_at_outbox(Session& session);
  void note_finished(Session& session);
  void complete(Session& session, std::uint16_t packet_id);
  Session& add_session(std::string_view key, Company& company);
  void begin(Session& session, Duration expiry, std::unique_ptr<Will> will);
  void hold(Session& session, std::string_view filter, const SubscriptionOptions& options);
  Outbox& outbox_of(Session& session);
  // What is added to microseconds since 1970.
  Duration to_elapsed() const;
  Duration moment(Time at) const;
  void lose_connections(Time at);
  void replay_event(const record::SessionChange& change, Session& session);
  void note_started();
  void replay_connected(const record::SessionChange& change, const record::Connected& connected,
                        Session* session);
  void replay_finished(std::string_view key, const record::Finished& finished);
  void finish_elsewhere(std::string_view company_name, const record::Delivery& delivery);
  void forget_will(std::string_view session);
  void restore_session(const SessionState& kept, const Restored& restored);
  void restore_subscriptions(const State& state);
  void restore_retained(const State& state, const Restored& restored);
  SessionState state_of(const Session& session, StateTables& tables) const;
  CommandState state_of(const Company& company, const HeldCommand& command) const;
  void send_retained(Session& session, std::string_view filter, const SubscriptionOptions& options);
  void send_commands(Session& session, std::string_view filter, const SubscriptionOptions& options);
  void note_progress(Session& session, const Outbox::CommandProgress& progress);
  void note_step(std::string_view session, record::CommandStep step);
  void replay_step(std::string_view session, const record::CommandStep& step);
  void restore_commands(const State& state);

  House& house_;
  const Clock& clock_;
  const Limits limits_;
  std::map<std::string, std::unique_ptr<Company>, std::less<>> companies_;
  Sessions sessions_;                                     // by company, device and client id
  std::set<std::pair<Duration, Session*>> deadlines_;     // of sessions without a connection
  std::unordered_map<std::uint64_t, Session*> fetching_;  // for whom something is being fetched
  std::vector<std::unique_ptr<Session>> ended_;           // until advance(): they may be in use
  std::vector<Session*> overfull_;
  std::unordered_map<std::uint64_t, Session*> awaited_;  // by what was noted for them
  std::set<Session*> unsaid_;                            // have finished deliveries to note
  std::vector<DueWill> due_wills_;                       // replaying: not seen published
  std::optional<stream::Position> commands_passed_;
  std::vector<Watchers*> found_;  // scratch of route()
  std::vector<Match> matches_;    // the same
  std::uint64_t last_id_ = 0;
  std::uint64_t routed_ = 0;
  std::size_t subscriptions_ = 0;
  std::uint64_t last_subscription_ = 0;
  bool replaying_ = false;
  Duration to_elapsed_{0};   // replaying: to_elapsed()
  Duration replayed_at_{0};  // replaying: when that happened which happens again
  Duration said_at_{0};      // when unsaid_ was noted last
};

}  // namespace cauce::gateway::broker

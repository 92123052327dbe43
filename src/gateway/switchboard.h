// Knows every connection: who is there and who must go; holds what they share, the broker and the
// intake. Lives as long as any connection does.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include "gateway/archive.h"
#include "gateway/broker/broker.h"
#include "gateway/close_log.h"
#include "gateway/commands.h"
#include "gateway/connection.h"
#include "gateway/gateway.h"
#include "gateway/intake.h"
#include "gateway/shared_keys.h"

namespace cauce::gateway {

class Switchboard : public std::enable_shared_from_this<Switchboard>,
                    private broker::House,
                    private Submitter {
 public:
  Switchboard(net::Loop& loop, stream::Writer& raw, business::Registry& registry,
              const Clock& clock, Random& random, Options options);

  // nullptr over connections_max.
  std::unique_ptr<net::Handler> accept(net::Connection& connection);
  void look_around();
  void deliver(std::vector<CommandsFollower::Command>& commands);
  Counts counts();

  // Who brings messages back from the stream; without one, none is fetched.
  using Fetch = std::function<void(std::vector<broker::Place> places, Archive::Done done)>;
  void set_fetch(Fetch fetch) { fetch_ = std::move(fetch); }
  void fetch(std::vector<broker::Place> places, Archive::Done done) {
    if (fetch_) fetch_(std::move(places), std::move(done));
  }

  // For connections.
  void add(DeviceConnection& connection) { connections_.insert(&connection); }
  void remove(DeviceConnection& connection) {
    connections_.erase(&connection);
    limited_.erase(&connection);
  }
  // Who the client is, by what is known at this moment.
  Result<Identity> identify(const Claim& claim);
  // The key of an identity, by what is known at this moment.
  std::optional<net::SharedKey> find_shared_key(std::string_view identity);
  // Whether who was identified earlier would be so again.
  bool still_valid(const Identity& identity) const { return credentials_->still_valid(identity); }
  Allowances& allowances() { return allowances_; }
  void count(const Excess& excess) { options_.meters.limited[std::size_t(excess.limit)].add(); }
  // Counts it, and logs who was held to that limit.
  void note(const Excess& excess, const Identity& identity, std::string_view what);
  // Its reading pauses: it is asked every 100 ms whether it may go on.
  void await_allowance(DeviceConnection& connection) { limited_.insert(&connection); }
  bool disk_is_low() const { return disk_is_low_; }
  // How often business data has changed since the start: who was admitted may be so no more.
  std::uint64_t registry_changes() const { return registry_changes_; }
  const Options& options() const { return options_; }
  const mqtt::Limits& limits() const { return limits_; }
  const Clock& clock() const { return clock_; }
  Random& random() { return random_; }
  const TopicPolicy& topic_policy() const { return *topic_policy_; }
  Intake& intake() { return intake_; }
  broker::Broker& broker() { return broker_; }
  CloseLog& close_log() { return close_log_; }
  // Scratch memory: one connection is read at a time.
  std::vector<TakenPublish>& messages_of_this_read() { return messages_of_this_read_; }
  std::vector<Incoming>& incoming_of_this_read() { return incoming_of_this_read_; }

 private:
  void publish(broker::Will will) override;
  void fetch(std::uint64_t session, std::vector<broker::Place> places) override;
  void note_lost(const broker::Session& session, std::size_t count) override;
  void note_overfull(const broker::Session& session) override;
  void note(record::SessionChange change, std::function<void()> then) override;

  // Wills are submitted in its own name.
  void on_durable(const Answer&, std::size_t) override {}
  void on_failure(const Error& error) override;
  bool retry() override;

  void follow_registry();
  void revoke_invalid();
  void look_at_disk();
  void look_at_limited();

  business::Registry& registry_;
  const Clock& clock_;
  Random& random_;
  Options options_;
  mqtt::Limits limits_;
  std::unique_ptr<Credentials> credentials_;
  SharedKeys shared_keys_;
  std::unique_ptr<TopicPolicy> topic_policy_;
  CloseLog close_log_;
  broker::Broker broker_;
  Allowances allowances_;
  Intake intake_;
  std::uint64_t submitter_;
  std::deque<broker::Will> wills_;  // wait for room in the stream
  Fetch fetch_;
  std::vector<TakenPublish> messages_of_this_read_;
  std::vector<Incoming> incoming_of_this_read_;
  std::unordered_set<DeviceConnection*> connections_;
  std::unordered_set<DeviceConnection*> limited_;
  Duration looked_at_;  // at what is looked at once a second
  bool disk_is_low_ = false;
  bool registry_failed_ = false;
  std::uint64_t registry_changes_ = 0;
};

}  // namespace cauce::gateway

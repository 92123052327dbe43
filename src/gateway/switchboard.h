// Knows every connection: who is there, who must go, and whom a command is for. Lives as long as
// any connection does.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "gateway/close_log.h"
#include "gateway/connection.h"
#include "gateway/gateway.h"
#include "gateway/intake.h"

namespace cauce::gateway {

class Switchboard : public std::enable_shared_from_this<Switchboard> {
 public:
  Switchboard(net::Loop& loop, stream::Writer& raw, business::Registry& registry,
              const Clock& clock, Random& random, Options options);

  // nullptr over connections_max.
  std::unique_ptr<net::Handler> accept(net::Connection& connection);
  void look_around();
  void deliver(const std::vector<record::Message>& commands);
  Counts counts() const;

  // For connections.
  void add(DeviceConnection& connection) { connections_.insert(&connection); }
  void remove(DeviceConnection& connection) {
    connections_.erase(&connection);
    limited_.erase(&connection);
  }
  // Who the client is, by what is known at this moment.
  Result<Identity> identify(const Claim& claim);
  Allowances& allowances() { return allowances_; }
  // Counts the excess.
  void note(const Excess& excess) { options_.meters.limited[std::size_t(excess.limit)].add(); }
  // Its reading pauses: it is asked every 100 ms whether it may go on.
  void await_allowance(DeviceConnection& connection) { limited_.insert(&connection); }
  // The older connection of the same client is closed [MQTT-3.1.4-2].
  void take_over(DeviceConnection& connection);
  void forget_client(DeviceConnection& connection);

  bool disk_is_low() const { return disk_is_low_; }
  const Options& options() const { return options_; }
  const mqtt::Limits& limits() const { return limits_; }
  const Clock& clock() const { return clock_; }
  Random& random() { return random_; }
  const TopicPolicy& topic_policy() const { return *topic_policy_; }
  Intake& intake() { return intake_; }
  CloseLog& close_log() { return close_log_; }
  // Scratch memory: one connection is read at a time.
  std::vector<mqtt::Publish>& messages_of_this_read() { return messages_of_this_read_; }
  std::vector<Incoming>& incoming_of_this_read() { return incoming_of_this_read_; }

 private:
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
  std::unique_ptr<TopicPolicy> topic_policy_;
  CloseLog close_log_;
  Intake intake_;
  std::vector<mqtt::Publish> messages_of_this_read_;
  std::vector<Incoming> incoming_of_this_read_;
  std::unordered_set<DeviceConnection*> connections_;
  std::unordered_map<std::string, DeviceConnection*> clients_;       // by company and client id
  std::unordered_multimap<std::string, DeviceConnection*> devices_;  // by company and device
  std::unordered_set<DeviceConnection*> limited_;
  Allowances allowances_;
  Duration looked_at_;  // at what is looked at once a second
  bool disk_is_low_ = false;
  bool registry_failed_ = false;
};

}  // namespace cauce::gateway

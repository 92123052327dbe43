// What the broker knows of a client, whether it is connected or not (MQTT 5.0 section 4.1; 3.1.1
// section 3.1.2.4).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/broker/filter_tree.h"
#include "gateway/broker/outbox.h"
#include "gateway/broker/publication.h"
#include "gateway/broker/will.h"
#include "gateway/intake.h"
#include "gateway/mqtt/unreleased_ids.h"

namespace cauce::gateway::broker {

struct Company;

struct HeldSubscription {
  std::string filter;  // as the client wrote it
  SubscriptionOptions options;
  std::uint64_t number = 0;  // ascending in the order of subscribing
};

// One that outlives its connection is durable: what happens to it is recorded in the stream
// (record/session.h). Of others only a will is.
//
// Only the broker changes it, but for what is said to be the connection's.
class Session {
 public:
  Session(std::uint64_t id, std::string key, Company& company)
      : id_(id), key_(std::move(key)), company_(company) {}

  std::uint64_t id() const { return id_; }
  Company& company() const { return company_; }
  bool is_connected() const { return link_ != nullptr; }
  std::size_t subscription_count() const { return subscriptions_.size(); }
  bool has_outbox() const { return outbox_ != nullptr; }
  bool is_durable() const { return durable_; }
  // Some subscription does not want what the session says itself.
  bool shuns_own() const { return shuns_own_; }
  // "company/device/client id".
  const std::string& key() const { return key_; }
  std::string_view device() const { return device_of(key_); }
  // The connection's: the ids of QoS 2 that the client has not released, and what it submitted
  // last. Both outlive the connection. Released is through the broker.
  mqtt::UnreleasedIds& unreleased() { return unreleased_; }
  Intake::GroupHandle& last_group() { return last_group_; }

 private:
  friend class Broker;

  const std::uint64_t id_;
  const std::string key_;
  Company& company_;
  Link* link_ = nullptr;
  std::uint16_t window_ = 0;
  bool ended_ = false;
  bool overfull_ = false;
  bool durable_ = false;   // it has an expiry
  bool recorded_ = false;  // that it is there is recorded: it is durable, or has a will
  bool is_there_ = false;  // its client is connected, or was when it was recorded
  bool shuns_own_ = false;
  bool unsaid_ = false;  // finished deliveries wait to be recorded
  Duration expiry_{0};
  Duration ends_at_ = never;   // when nobody comes back
  Duration will_at_ = never;   // when nobody comes back
  Duration deadline_ = never;  // the earlier of them, as the broker knows it
  std::unique_ptr<Will> will_;
  std::vector<HeldSubscription> subscriptions_;
  mqtt::UnreleasedIds unreleased_;
  Intake::GroupHandle last_group_;
  std::unique_ptr<Outbox> outbox_;  // once something was for it
  std::uint64_t match_ = 0;         // the number of the publication that it was matched with last
  std::size_t match_index_ = 0;
};

}  // namespace cauce::gateway::broker

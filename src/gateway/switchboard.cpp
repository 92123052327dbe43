#include "gateway/switchboard.h"

#include <fmt/core.h>

#include "base/log.h"

namespace cauce::gateway {
namespace {

constexpr Duration slow_look_interval = std::chrono::seconds{1};

// A company's name holds no '/', so the key is not ambiguous.
std::string key_of(std::string_view company, std::string_view name) {
  return fmt::format("{}/{}", company, name);
}

}  // namespace

Switchboard::Switchboard(net::Loop& loop, stream::Writer& raw, business::Registry& registry,
                         const Clock& clock, Random& random, Options options)
    : registry_(registry),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      credentials_(options_.open ? open_credentials() : device_credentials(registry, clock)),
      topic_policy_(options_.open ? any_topic() : own_topics()),
      close_log_(clock, write_to_log, options_.meters.ended),
      intake_(loop, raw, clock, options_.received_at_least, options_.meters),
      allowances_(options_.open ? AllowanceLimits{{}, {}} : options_.allowances),
      looked_at_(clock.elapsed()) {
  limits_.payload_bytes_max = options_.payload_bytes_max;
  limits_.topic_bytes_max = record::topic_bytes_max;
  disk_is_low_ = options_.disk_is_low();
}

std::unique_ptr<net::Handler> Switchboard::accept(net::Connection& connection) {
  if (connections_.size() >= options_.connections_max) {
    close_log_.add(Ending::full, fmt::format("a client at {}: closed: connections_max is {}",
                                             connection.peer(), options_.connections_max));
    return nullptr;
  }
  return std::make_unique<DeviceConnection>(shared_from_this(), connection);
}

Result<Identity> Switchboard::identify(const Claim& claim) {
  Result<Identity> identity = credentials_->identify(claim);
  if (identity) return identity;
  // Its device may have been made since the last look: who was told so must not be refused.
  follow_registry();
  return credentials_->identify(claim);
}

void Switchboard::take_over(DeviceConnection& connection) {
  const Identity& identity = *connection.identity();
  const std::string key = key_of(identity.company, connection.client_id());
  const auto found = clients_.find(key);
  if (found != clients_.end()) {
    found->second->end(Ending::replaced, "the same client id connected again [MQTT-3.1.4-2]");
  }
  clients_[key] = &connection;
  devices_.emplace(key_of(identity.company, identity.device), &connection);
}

void Switchboard::forget_client(DeviceConnection& connection) {
  if (!connection.identity()) return;
  const Identity& identity = *connection.identity();
  const auto client = clients_.find(key_of(identity.company, connection.client_id()));
  if (client != clients_.end() && client->second == &connection) clients_.erase(client);
  auto [device, end] = devices_.equal_range(key_of(identity.company, identity.device));
  while (device != end) {
    device = device->second == &connection ? devices_.erase(device) : std::next(device);
  }
}

void Switchboard::deliver(const std::vector<record::Message>& commands) {
  for (const record::Message& command : commands) {
    const auto [begin, end] = devices_.equal_range(key_of(command.company, command.device));
    std::vector<DeviceConnection*> receivers;
    for (auto device = begin; device != end; ++device)
      receivers.push_back(device->second);
    // A delivery may end a connection that does not read, and so change devices_.
    for (DeviceConnection* receiver : receivers)
      receiver->deliver(command);
  }
}

void Switchboard::look_around() {
  follow_registry();
  options_.meters.connections.set(static_cast<double>(connections_.size()));
  options_.meters.disk_low.set(disk_is_low_ ? 1 : 0);
  if (clock_.elapsed() - looked_at_ >= slow_look_interval) {
    looked_at_ = clock_.elapsed();
    look_at_disk();
    for (DeviceConnection* connection : connections_)
      connection->check_time();
    close_log_.look_around();
    allowances_.look_around(clock_.elapsed());
  }
  look_at_limited();
  intake_.look_around(!disk_is_low_);
}

void Switchboard::follow_registry() {
  const auto changed = registry_.refresh();
  if (!changed) {
    // Who is known stays known: devices must not fall silent because people's data is away.
    if (!registry_failed_) log::warning(changed.error().during("read business data").message);
    registry_failed_ = true;
    return;
  }
  registry_failed_ = false;
  if (*changed) revoke_invalid();
}

void Switchboard::revoke_invalid() {
  // end() leaves connections_ alone: it closes later, from the loop.
  for (DeviceConnection* connection : connections_) {
    if (connection->identity() && !credentials_->still_valid(*connection->identity())) {
      connection->end(Ending::revoked,
                      "its device was disabled or removed, or its token or certificate "
                      "was revoked");
    }
  }
}

void Switchboard::look_at_disk() {
  const bool low = options_.disk_is_low();
  if (low == disk_is_low_) return;
  disk_is_low_ = low;
  if (low) {
    log::error("the disk is nearly full: the gateway takes no messages until space is free");
  } else {
    log::notice("the disk has space again: the gateway takes messages");
  }
  for (DeviceConnection* connection : connections_)
    connection->update_reading();
}

void Switchboard::look_at_limited() {
  std::erase_if(limited_, [](DeviceConnection* connection) { return connection->may_go_on(); });
}

Counts Switchboard::counts() const {
  return {connections_.size(), intake_.messages_in_flight(), intake_.messages_durable(),
          disk_is_low_};
}

}  // namespace cauce::gateway

#include "gateway/switchboard.h"

#include <fmt/core.h>

#include "base/log.h"

namespace cauce::gateway {
namespace {

constexpr Duration slow_look_interval = std::chrono::seconds{1};

}  // namespace

Switchboard::Switchboard(net::Loop& loop, stream::Writer& raw, business::Registry& registry,
                         const Clock& clock, Random& random, Options options)
    : registry_(registry),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      credentials_(options_.open ? open_credentials() : device_credentials(registry, clock)),
      shared_keys_(registry, random),
      topic_policy_(options_.open ? any_topic() : own_topics()),
      close_log_(clock, write_to_log, options_.meters.ended),
      broker_(*this, clock, options_.broker),
      allowances_(options_.open ? AllowanceLimits{{}, {}} : options_.allowances, registry),
      intake_(loop, raw, broker_, allowances_, clock, options_.received_at_least, options_.meters),
      submitter_(intake_.add(*this)),
      looked_at_(clock.elapsed()) {
  limits_.payload_bytes_max = options_.payload_bytes_max;
  limits_.topic_bytes_max = record::topic_bytes_max;
  limits_.content_type_bytes_max = record::content_type_bytes_max;
  disk_is_low_ = options_.disk_is_low();
}

std::unique_ptr<net::Handler> Switchboard::accept(net::Connection& connection) {
  if (connections_.size() >= options_.connections_max) {
    close_log_.add(Ending::full,
                   fmt::format("a client at {}: closed: {} are connected, as many as may be",
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

std::optional<net::SharedKey> Switchboard::find_shared_key(std::string_view identity) {
  if (!shared_keys_.knows(identity)) follow_registry();
  return shared_keys_.find(identity);
}

void Switchboard::deliver(std::vector<CommandsFollower::Command>& commands) {
  if (commands.empty()) return;
  // Noted before what comes of them, as it is replayed.
  broker_.pass_commands({commands.back().position.number + 1});
  for (CommandsFollower::Command& command : commands)
    broker_.take_command(command.position, std::move(command.record));
}

void Switchboard::note(const Excess& excess, const Identity& identity, std::string_view what) {
  count(excess);
  close_log_.add(Ending::limited,
                 fmt::format("device {} of {}: {}: {}", identity.device, identity.company, what,
                             excess.text()),
                 {identity.company, identity.device});
}

void Switchboard::publish(broker::Will will) {
  wills_.push_back(std::move(will));
  retry();
}

// Submits the wills that wait, oldest first.
bool Switchboard::retry() {
  while (!wills_.empty()) {
    const broker::Will& will = wills_.front();
    Incoming message{will.topic,     will.content_type, will.payload, will.properties,
                     will.publisher, will.qos,          will.retain};
    message.session = will.session;
    message.is_will = true;
    Flight flight = allowances_.of(will.identity, clock_.elapsed()).depart(1);
    const auto submitted = intake_.submit(submitter_, will.identity, {&message, 1}, {}, flight);
    if (!submitted && submitted.error().outcome == Outcome::exhausted) return false;
    if (!submitted) on_failure(submitted.error());
    wills_.pop_front();
  }
  return true;
}

void Switchboard::on_failure(const Error& error) {
  log::error("a will could not be stored: " + error.message);
}

void Switchboard::fetch(std::uint64_t session, std::vector<broker::Place> places) {
  fetch(std::move(places), [weak = weak_from_this(), session](const auto& fetched) {
    if (const auto found = weak.lock()) found->broker_.put_fetched(session, fetched);
  });
}

void Switchboard::note_lost(const broker::Session& session, std::size_t count) {
  close_log_.add(Ending::undelivered,
                 fmt::format("the session {}: {} messages waited until the stream had them no more",
                             session.key(), count));
}

void Switchboard::note_overfull(const broker::Session& session) {
  close_log_.add(
      Ending::undelivered,
      fmt::format("the session {} is ended: more than {} messages wait for it, or {} "
                  "for its company",
                  session.key(), options_.broker.queued_max, options_.broker.company_queued_max));
}

void Switchboard::note(record::SessionChange change, std::function<void()> then) {
  intake_.note(std::move(change), std::move(then));
}

void Switchboard::look_around() {
  follow_registry();
  options_.meters.connections.set(static_cast<double>(connections_.size()));
  options_.meters.disk_low.set(disk_is_low_ ? 1 : 0);
  broker_.advance();
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
  if (!*changed) return;
  ++registry_changes_;
  allowances_.follow_registry(clock_.elapsed());
  revoke_invalid();
}

void Switchboard::revoke_invalid() {
  // end() leaves connections_ alone: it closes later, from the loop.
  for (DeviceConnection* connection : connections_) {
    if (connection->identity() && !credentials_->still_valid(*connection->identity())) {
      connection->end(Ending::revoked,
                      "its device was disabled or removed, or its token, key or certificate "
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

Counts Switchboard::counts() {
  intake_.catch_up();
  return {connections_.size(), intake_.messages_in_flight(), intake_.messages_durable(),
          disk_is_low_};
}

}  // namespace cauce::gateway

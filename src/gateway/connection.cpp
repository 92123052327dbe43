#include "gateway/connection.h"

#include <fmt/core.h>

#include <algorithm>

#include "gateway/switchboard.h"

namespace cauce::gateway {
namespace {

Ending to_ending(mqtt::CloseKind kind) {
  switch (kind) {
    case mqtt::CloseKind::disconnected: return Ending::left;
    case mqtt::CloseKind::refused: return Ending::refused;
    case mqtt::CloseKind::silent: return Ending::silent;
    case mqtt::CloseKind::violation:
    case mqtt::CloseKind::oversized:
    case mqtt::CloseKind::unsupported:
    case mqtt::CloseKind::forbidden: return Ending::violation;
  }
  return Ending::violation;
}

}  // namespace

DeviceConnection::DeviceConnection(std::shared_ptr<Switchboard> switchboard,
                                   net::Connection& connection)
    : switchboard_(std::move(switchboard)),
      connection_(connection),
      session_(*this, switchboard_->limits(), switchboard_->clock().elapsed()),
      submitter_(switchboard_->intake().add(*this)) {
  switchboard_->add(*this);
}

DeviceConnection::~DeviceConnection() {
  switchboard_->intake().remove(submitter_);
  switchboard_->remove(*this);
}

void DeviceConnection::on_bytes(BytesView bytes) {
  auto& messages = switchboard_->messages_of_this_read();
  messages.clear();
  const Duration now = switchboard_->clock().elapsed();
  session_.receive(bytes, now);
  if (!messages.empty() && !submit(messages)) hold(messages);
  draw(messages.size(), bytes.size(), now);
  session_.done();
  send_output();
  close_if_session_ended();
  update_reading();
}

mqtt::ConnectReturn DeviceConnection::on_connect(const mqtt::Connect& connect) {
  if (switchboard_->disk_is_low()) return mqtt::ConnectReturn::server_unavailable;
  const Bytes certificate = connection_.certificate();
  auto identity =
      switchboard_->identify({connect.client_id, connect.user_name, connect.password, certificate});
  if (!identity) {
    refusal_ = identity.error().message;
    return mqtt::ConnectReturn::not_authorized;
  }
  identity_ = *std::move(identity);
  client_id_ = connect.client_id;
  // Section 3.1.3.1: without one, the server assigns a unique one.
  if (client_id_.empty()) client_id_ = "auto-" + to_hex(switchboard_->random().bytes(16));
  switchboard_->take_over(*this);
  auto allowance = switchboard_->allowances().connect(*identity_, switchboard_->clock().elapsed());
  if (const auto* excess = std::get_if<Excess>(&allowance)) {
    switchboard_->note(*excess);
    refusal_ = excess->text();
    return mqtt::ConnectReturn::server_unavailable;
  }
  allowance_ = std::get<Allowance>(std::move(allowance));
  return mqtt::ConnectReturn::accepted;
}

bool DeviceConnection::on_publish(const mqtt::Publish& publish) {
  if (!switchboard_->topic_policy().may_publish(*identity_, publish.topic)) return false;
  switchboard_->messages_of_this_read().push_back(publish);
  return true;
}

std::uint8_t DeviceConnection::on_subscribe(std::string_view filter, std::uint8_t qos) {
  if (filter != record::commands_topic(identity_->device)) return mqtt::subscription_refused;
  commands_qos_ = std::min<std::uint8_t>(qos, 1);
  return *commands_qos_;
}

void DeviceConnection::on_unsubscribe(std::string_view filter) {
  if (filter == record::commands_topic(identity_->device)) commands_qos_.reset();
}

// What has come is taken, all of it; then nothing is read until the rates are kept again. Here a
// client of MQTT 5 could be told 0x97 instead, which would make it send again.
void DeviceConnection::draw(std::size_t messages, std::size_t bytes, Duration now) {
  allowance_.take(messages, bytes, now);
  const auto excess = allowance_.excess(now);
  if (!excess || limited_ || ended_) return;
  limited_ = true;
  switchboard_->note(*excess);
  switchboard_->close_log().add(Ending::limited,
                                fmt::format("{}: not read for {} ms: {}", describe(),
                                            excess->wait.count() / 1000 + 1, excess->text()),
                                whose());
  switchboard_->await_allowance(*this);
}

bool DeviceConnection::may_go_on() {
  if (ended_) return true;
  if (allowance_.excess(switchboard_->clock().elapsed())) return false;
  limited_ = false;
  update_reading();
  return true;
}

bool DeviceConnection::submit(std::span<const mqtt::Publish> messages) {
  std::vector<Incoming>& incoming = switchboard_->incoming_of_this_read();
  incoming.clear();
  Bytes pubacks;
  for (const mqtt::Publish& message : messages) {
    incoming.push_back({message.topic, {}, message.payload});
    if (message.qos > 0) mqtt::put_puback(pubacks, message.packet_id);
  }
  const auto submitted =
      switchboard_->intake().submit(submitter_, *identity_, incoming, std::move(pubacks));
  if (submitted) {
    in_flight_ += messages.size();
    return true;
  }
  if (submitted.error().outcome == Outcome::exhausted) return false;
  on_failure(submitted.error());
  return true;
}

void DeviceConnection::hold(std::span<const mqtt::Publish> messages) {
  held_.reserve(messages.size());
  for (const mqtt::Publish& message : messages) {
    held_.push_back(
        {std::string(message.topic), Bytes(message.payload), message.packet_id, message.qos});
  }
}

bool DeviceConnection::retry() {
  if (held_.empty() || ended_) return true;
  std::vector<mqtt::Publish> messages;
  messages.reserve(held_.size());
  for (const Held& held : held_) {
    messages.push_back({held.topic, held.payload, held.packet_id, held.qos, false, false});
  }
  if (!submit(messages)) return false;
  held_ = {};
  close_if_session_ended();
  update_reading();
  return true;
}

void DeviceConnection::on_durable(BytesView pubacks, std::size_t count) {
  in_flight_ -= count;
  if (!pubacks.empty()) connection_.send(pubacks);
  if (connection_.unsent_bytes() > switchboard_->options().unsent_bytes_max) {
    return end(Ending::slow, fmt::format("it does not read; unsent_bytes_max is {}",
                                         switchboard_->options().unsent_bytes_max));
  }
  update_reading();
}

void DeviceConnection::on_failure(const Error& error) {
  held_ = {};
  end(Ending::violation, "its messages could not be stored: " + error.message);
}

void DeviceConnection::deliver(const record::Message& command) {
  if (!commands_qos_ || ended_) return;
  if (!session_.deliver(command.topic, command.payload, *commands_qos_)) {
    switchboard_->close_log().add(
        Ending::undelivered,
        fmt::format("a command for {} was not sent: {} wait for its acknowledgement", describe(),
                    switchboard_->limits().deliveries_max),
        whose());
  }
  send_output();
}

void DeviceConnection::send_output() {
  if (session_.output().empty()) return;
  connection_.send(session_.output());
  session_.output().clear();
  if (connection_.unsent_bytes() > switchboard_->options().unsent_bytes_max) {
    end(Ending::slow, fmt::format("it does not read; unsent_bytes_max is {}",
                                  switchboard_->options().unsent_bytes_max));
  }
}

void DeviceConnection::close_if_session_ended() {
  // What it said before its last packet is stored first.
  if (session_.closed() && held_.empty()) {
    const std::string& reason = session_.close_reason();
    end(to_ending(session_.close_kind()), refusal_.empty() ? reason : reason + "; " + refusal_);
  }
}

void DeviceConnection::check_time() {
  if (paused_ || ended_) return;
  session_.check_time(switchboard_->clock().elapsed());
  close_if_session_ended();
}

void DeviceConnection::update_reading() {
  if (ended_) return;
  const bool pause = !held_.empty() || limited_ || switchboard_->disk_is_low() ||
                     in_flight_ >= switchboard_->options().publishes_in_flight_max;
  if (pause == paused_) return;
  paused_ = pause;
  if (paused_) {
    connection_.pause_reading();
  } else {
    session_.excuse_silence(switchboard_->clock().elapsed());
    connection_.resume_reading();
  }
}

void DeviceConnection::end(Ending ending, std::string_view reason) {
  if (ended_) return;
  note_end(ending, reason);
  connection_.close();
}

void DeviceConnection::on_closed(std::string_view why) {
  if (!ended_) note_end(Ending::left, why);
}

void DeviceConnection::on_violation(std::string_view why) {
  if (!ended_) note_end(Ending::violation, why);
}

void DeviceConnection::note_end(Ending ending, std::string_view why) {
  ended_ = true;
  // Who takes its place must find it free.
  allowance_ = Allowance();
  switchboard_->close_log().add(ending, fmt::format("{}: closed: {}", describe(), why), whose());
  switchboard_->forget_client(*this);
}

CloseLog::Whose DeviceConnection::whose() const {
  if (!identity_) return {};
  return {identity_->company, identity_->device};
}

std::string DeviceConnection::describe() const {
  if (!identity_) return fmt::format("an unknown client at {}", connection_.peer());
  return fmt::format("device {} of {} at {}", identity_->device, identity_->company,
                     connection_.peer());
}

}  // namespace cauce::gateway

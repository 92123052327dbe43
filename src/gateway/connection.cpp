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

// What a client of MQTT 5 is told when we end its connection (section 3.14.2.1).
mqtt::Reason to_reason(Ending ending) {
  switch (ending) {
    case Ending::replaced: return mqtt::Reason::session_taken_over;
    case Ending::revoked: return mqtt::Reason::administrative_action;
    case Ending::slow: return mqtt::Reason::quota_exceeded;
    default: return mqtt::Reason::unspecified;
  }
}

// How many PUBLISHes of QoS 1 and 2 these acknowledgements answer for good: PUBACKs, and PUBRECs
// that refuse, which a reason makes longer.
std::size_t last_answers(BytesView answers) {
  constexpr char puback = 0x40;
  std::size_t count = 0;
  while (!answers.empty()) {
    const bool refuses = answers[1] > 2;
    count += answers[0] == puback || refuses ? 1 : 0;
    answers.remove_prefix(2 + std::size_t(answers[1]));
  }
  return count;
}

}  // namespace

DeviceConnection::DeviceConnection(std::shared_ptr<Switchboard> switchboard,
                                   net::Connection& connection)
    : switchboard_(std::move(switchboard)),
      connection_(connection),
      dialogue_(*this, switchboard_->limits(), switchboard_->clock().elapsed()),
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
  dialogue_.receive(bytes, switchboard_->clock().elapsed());
  if (!messages.empty() && !submit(messages)) hold(messages);
  dialogue_.done();
  send_output();
  close_if_dialogue_ended();
  update_reading();
}

mqtt::Admission DeviceConnection::on_connect(const mqtt::Connect& connect) {
  if (switchboard_->disk_is_low()) return {mqtt::Reason::server_unavailable};
  identity_ = switchboard_->identify({connect.client_id, connect.user_name, connect.password});
  if (!identity_) return {mqtt::Reason::not_authorized};
  mqtt::Admission admission;
  client_id_ = connect.client_id;
  if (client_id_.empty()) {
    // Section 3.1.3.1: without one, the server assigns a unique one.
    client_id_ = "auto-" + to_hex(switchboard_->random().bytes(16));
    admission.assigned_client_id = client_id_;
  }
  switchboard_->take_over(*this);
  return admission;
}

mqtt::Taking DeviceConnection::on_publish(const mqtt::Publish& publish) {
  auto& messages = switchboard_->messages_of_this_read();
  if (!switchboard_->topic_policy().may_publish(*identity_, publish.topic)) {
    // 3.1.1 has no way to say so but to close (3.1.1 section 3.3.5.2).
    const bool can_tell = dialogue_.version() == mqtt::Version::v5 && publish.qos > 0;
    if (!can_tell) return mqtt::Taking::forbidden;
    messages.push_back({publish, mqtt::Reason::not_authorized, false});
    return mqtt::Taking::refused;
  }
  if (publish.qos == 2) {
    if (unreleased_.count() >= switchboard_->options().unreleased_max) {
      return mqtt::Taking::overfull;
    }
    if (!unreleased_.insert(publish.packet_id)) {
      messages.push_back({publish, mqtt::Reason::success, false});
      return mqtt::Taking::repeated;
    }
  }
  messages.push_back({publish});
  return mqtt::Taking::taken;
}

bool DeviceConnection::on_release(std::uint16_t packet_id) {
  return unreleased_.erase(packet_id);
}

mqtt::Reason DeviceConnection::on_subscribe(const mqtt::Subscription& subscription) {
  if (subscription.filter != record::commands_topic(identity_->device)) {
    return mqtt::Reason::not_authorized;
  }
  commands_qos_ = std::min<std::uint8_t>(subscription.qos, 1);
  return mqtt::Reason(*commands_qos_);
}

mqtt::Reason DeviceConnection::on_unsubscribe(std::string_view filter) {
  const bool subscribed = commands_qos_ && filter == record::commands_topic(identity_->device);
  if (!subscribed) return mqtt::Reason::no_subscription_existed;
  commands_qos_.reset();
  return mqtt::Reason::success;
}

bool DeviceConnection::submit(std::span<const TakenPublish> messages) {
  std::vector<Incoming>& incoming = switchboard_->incoming_of_this_read();
  incoming.clear();
  Bytes answers;
  for (const TakenPublish& message : messages) {
    const mqtt::Publish& publish = message.publish;
    if (message.stored) incoming.push_back({publish.topic, publish.content_type, publish.payload});
    if (publish.qos == 0) continue;
    const auto type = publish.qos == 1 ? mqtt::PacketType::puback : mqtt::PacketType::pubrec;
    mqtt::put_acknowledgement(answers, dialogue_.version(), type, publish.packet_id,
                              message.reason);
  }
  if (incoming.empty()) {
    answer(answers);
    return true;
  }
  const auto submitted =
      switchboard_->intake().submit(submitter_, *identity_, incoming, std::move(answers));
  if (submitted) {
    last_group_ = *submitted;
    in_flight_ += incoming.size();
    return true;
  }
  if (submitted.error().outcome == Outcome::exhausted) return false;
  on_failure(submitted.error());
  return true;
}

void DeviceConnection::hold(std::span<const TakenPublish> messages) {
  held_.reserve(messages.size());
  for (const TakenPublish& message : messages) {
    const mqtt::Publish& publish = message.publish;
    held_.push_back({message, std::string(publish.topic), std::string(publish.content_type),
                     Bytes(publish.payload)});
  }
}

bool DeviceConnection::retry() {
  if (held_.empty() || ended_) return true;
  std::vector<TakenPublish> messages;
  messages.reserve(held_.size());
  for (const Held& held : held_) {
    TakenPublish message = held.taken;
    message.publish.topic = held.topic;
    message.publish.content_type = held.content_type;
    message.publish.payload = held.payload;
    messages.push_back(message);
  }
  if (!submit(messages)) return false;
  held_ = {};
  close_if_dialogue_ended();
  update_reading();
  return true;
}

void DeviceConnection::on_durable(BytesView answer, std::size_t count) {
  in_flight_ -= count;
  // Its memory is not kept for an idle connection.
  if (in_flight_ == 0) last_group_.reset();
  send_answer(answer);
  close_if_slow();
  update_reading();
}

void DeviceConnection::answer(BytesView answers) {
  if (!Intake::add_answer(last_group_, answers)) send_answer(answers);
}

void DeviceConnection::send_answer(BytesView answers) {
  if (answers.empty()) return;
  if (dialogue_.version() == mqtt::Version::v5) dialogue_.answered(last_answers(answers));
  connection_.send(answers);
}

void DeviceConnection::on_failure(const Error& error) {
  held_ = {};
  end(Ending::violation, "its messages could not be stored: " + error.message);
}

void DeviceConnection::deliver(const record::Message& command) {
  if (!commands_qos_ || ended_) return;
  if (!dialogue_.deliver(command.topic, command.payload, *commands_qos_)) {
    switchboard_->close_log().add(
        Ending::undelivered,
        fmt::format("a command for {} was not sent: {} wait for its acknowledgement", describe(),
                    switchboard_->limits().deliveries_max),
        whose());
  }
  send_output();
}

void DeviceConnection::send_output() {
  if (dialogue_.output().empty()) return;
  connection_.send(dialogue_.output());
  dialogue_.output().clear();
  close_if_slow();
}

void DeviceConnection::close_if_slow() {
  if (connection_.unsent_bytes() <= switchboard_->options().unsent_bytes_max) return;
  end(Ending::slow, fmt::format("it does not read; unsent_bytes_max is {}",
                                switchboard_->options().unsent_bytes_max));
}

void DeviceConnection::close_if_dialogue_ended() {
  // What it said before its last packet is stored first.
  if (dialogue_.closed() && held_.empty()) {
    end(to_ending(dialogue_.close_kind()), dialogue_.close_reason());
  }
}

void DeviceConnection::check_time() {
  if (paused_ || ended_) return;
  dialogue_.check_time(switchboard_->clock().elapsed());
  close_if_dialogue_ended();
}

void DeviceConnection::update_reading() {
  if (ended_) return;
  const bool pause = !held_.empty() || switchboard_->disk_is_low() ||
                     in_flight_ >= switchboard_->options().publishes_in_flight_max;
  if (pause == paused_) return;
  paused_ = pause;
  if (paused_) {
    connection_.pause_reading();
  } else {
    dialogue_.excuse_silence(switchboard_->clock().elapsed());
    connection_.resume_reading();
  }
}

void DeviceConnection::end(Ending ending, std::string_view reason) {
  if (ended_) return;
  ended_ = true;
  dialogue_.dismiss(to_reason(ending));
  if (!dialogue_.output().empty()) connection_.send(dialogue_.output());
  switchboard_->close_log().add(ending, fmt::format("{}: closed: {}", describe(), reason), whose());
  switchboard_->forget_client(*this);
  connection_.close();
}

void DeviceConnection::on_closed(std::string_view why) {
  if (ended_) return;
  ended_ = true;
  switchboard_->close_log().add(Ending::left, fmt::format("{}: closed: {}", describe(), why),
                                whose());
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

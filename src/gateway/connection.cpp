#include "gateway/connection.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "gateway/claimed_name.h"
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
  switchboard_->intake().catch_up();
  if (ended_) return;
  auto& messages = switchboard_->messages_of_this_read();
  messages.clear();
  const Duration now = switchboard_->clock().elapsed();
  const std::uint64_t notes = switchboard_->intake().notes();
  const bool was_welcome = dialogue_.connected();
  reading_ = true;
  dialogue_.receive(bytes, now);
  reading_ = false;
  const bool noted = switchboard_->intake().notes() != notes;
  // A refusal need not wait: it says nothing of a session.
  const bool refused = dialogue_.closed() && dialogue_.close_kind() == mqtt::CloseKind::refused;
  if (noted && !refused) close_gate(!was_welcome);
  if ((gate_ || !messages.empty()) && !submit(messages)) hold(messages);
  draw(messages.size(), bytes.size(), now);
  dialogue_.done();
  send_output();
  close_if_dialogue_ended();
  update_reading();
  if (!gate_) resume_session();
}

void DeviceConnection::resume_session() {
  const bool resumes = std::exchange(resumes_, false);
  if (session_ == nullptr || !session_->has_outbox()) return;
  if (resumes) return switchboard_->broker().resume(*session_);
  switchboard_->broker().pump(*session_);
}

mqtt::Admission DeviceConnection::on_connect(const mqtt::Connect& connect) {
  if (switchboard_->disk_is_low()) {
    return {mqtt::Reason::server_unavailable,
            "the disk of the server is almost full: connect again later"};
  }
  const Bytes certificate = connection_.certificate();
  const Bytes holder = connection_.shared_key_holder();
  auto identity = switchboard_->identify(
      {connect.client_id, connect.user_name, connect.password, certificate, holder});
  if (!identity) {
    refusal_ = identity.error().message;
    if (refusal_.empty()) refusal_ = claimed_name(connect.user_name.value_or(std::string_view{}));
    // The same in all cases.
    return {mqtt::Reason::not_authorized, "its credentials are no device's"};
  }
  identity_ = *std::move(identity);
  mqtt::Admission admission;
  std::string client_id{connect.client_id};
  if (client_id.empty()) {
    // Section 3.1.3.1: without one, the server assigns a unique one.
    client_id = "auto-" + to_hex(switchboard_->random().bytes(16));
    admission.assigned_client_id = client_id;
  }
  admission.reason = join(connect, client_id, admission);
  if (admission.reason == mqtt::Reason::success) admission.reason = admit_one_more(admission);
  admission.payload_bytes_max =
      allowance_.payload_limit(switchboard_->options().payload_bytes_max).bytes_max;
  return admission;
}

mqtt::Reason DeviceConnection::join(const mqtt::Connect& connect, std::string_view client_id,
                                    mqtt::Admission& admission) {
  if (connect.will) {
    const mqtt::Will& will = *connect.will;
    if (!switchboard_->topic_policy().may_publish(*identity_, will.topic)) {
      admission.why = fmt::format("it may not publish its will on \"{}\"", will.topic);
      return mqtt::Reason::not_authorized;
    }
    const mqtt::Limits& limits = switchboard_->limits();
    const auto content_type = will.properties.content_type.value_or(std::string_view{});
    if (will.topic.size() > limits.topic_bytes_max ||
        content_type.size() > limits.content_type_bytes_max) {
      admission.why = fmt::format(
          "its will has a topic of {} bytes and a content type of {}; {} and {} are the most",
          will.topic.size(), content_type.size(), limits.topic_bytes_max,
          limits.content_type_bytes_max);
      return mqtt::Reason::packet_too_large;
    }
    const Allowance allowance =
        switchboard_->allowances().of(*identity_, switchboard_->clock().elapsed());
    if (const auto oversize = allowance.oversize(will.payload.size())) {
      switchboard_->count(*oversize);
      admission.why =
          fmt::format("its will has {} bytes; {}", will.payload.size(), oversize->text());
      return mqtt::Reason::quota_exceeded;
    }
    const std::size_t bytes = will.payload.size() + will.properties.all.size();
    if (will.retain &&
        !switchboard_->broker().has_room_to_retain(identity_->company, will.topic, bytes)) {
      admission.why = fmt::format("no room to retain its will on \"{}\"", will.topic);
      return mqtt::Reason::quota_exceeded;
    }
  }
  // 3.1.1 section 3.1.2.4 gives a session no end; ours have one.
  const std::uint32_t wanted_s = connect.level == 5
                                     ? connect.properties.session_expiry_s.value_or(0)
                                     : (connect.clean_start ? 0 : UINT32_MAX);
  broker::Greeting greeting;
  greeting.company = identity_->company;
  greeting.device = identity_->device;
  greeting.client_id = client_id;
  greeting.clean_start = connect.clean_start;
  greeting.expiry = std::chrono::seconds{wanted_s};
  greeting.receive_maximum = connect.properties.receive_maximum.value_or(UINT16_MAX);
  greeting.will = will_of(connect);
  greeting.may_subscribe = [this](std::string_view filter) {
    return switchboard_->topic_policy().may_subscribe(*identity_,
                                                      broker::split_shared(filter).filter);
  };
  const Duration holds = std::min(greeting.expiry, switchboard_->broker().limits().expiry_max);
  const broker::Welcome welcome = switchboard_->broker().connect(std::move(greeting), *this);
  if (welcome.session == nullptr) {
    admission.why = fmt::format("its device has {} sessions that are kept, which is the limit",
                                switchboard_->broker().limits().sessions_max);
    return mqtt::Reason::quota_exceeded;
  }
  session_ = welcome.session;
  resumes_ = welcome.present;
  admission.session_present = welcome.present;
  admission.session_expiry_s =
      std::uint32_t(std::chrono::duration_cast<std::chrono::seconds>(holds).count());
  return mqtt::Reason::success;
}

std::unique_ptr<broker::Will> DeviceConnection::will_of(const mqtt::Connect& connect) const {
  if (!connect.will) return nullptr;
  const mqtt::Will& said = *connect.will;
  auto will = std::make_unique<broker::Will>();
  will->identity = *identity_;
  will->topic = said.topic;
  will->payload = said.payload;
  will->properties = said.properties.all;
  will->content_type = said.properties.content_type.value_or(std::string_view{});
  will->delay = std::chrono::seconds{said.properties.will_delay_s.value_or(0)};
  will->qos = said.qos;
  will->retain = said.retain;
  return will;
}

mqtt::Taking DeviceConnection::on_publish(const mqtt::Publish& publish) {
  if (!switchboard_->topic_policy().may_publish(*identity_, publish.topic)) {
    return refuse(publish, mqtt::Reason::not_authorized, mqtt::Taking::forbidden,
                  fmt::format("it may not publish on \"{}\"", publish.topic));
  }
  if (const auto oversize = allowance_.oversize(publish.payload.size())) {
    return refuse(publish, *oversize);
  }
  const std::size_t payload_bytes_max = switchboard_->limits().payload_bytes_max;
  if (publish.payload.size() > payload_bytes_max) {
    return refuse(publish, mqtt::Reason::quota_exceeded, mqtt::Taking::oversized,
                  fmt::format("payload of {} bytes; the limit of one message is {}",
                              publish.payload.size(), payload_bytes_max));
  }
  if (publish.retain &&
      !switchboard_->broker().has_room_to_retain(
          identity_->company, publish.topic, publish.payload.size() + publish.properties.size())) {
    return refuse(publish, mqtt::Reason::quota_exceeded, mqtt::Taking::unkept,
                  fmt::format("no room to retain a message on \"{}\"", publish.topic));
  }
  auto& messages = switchboard_->messages_of_this_read();
  if (publish.qos == 2) {
    mqtt::UnreleasedIds& unreleased = session_->unreleased();
    if (unreleased.is_repeat(publish.packet_id, publish.duplicate)) {
      messages.push_back({publish, mqtt::Reason::success, false});
      return mqtt::Taking::repeated;
    }
    const bool is_new = !unreleased.contains(publish.packet_id);
    if (is_new && unreleased.count() >= switchboard_->options().unreleased_max) {
      return mqtt::Taking::overfull;
    }
    unreleased.insert(publish.packet_id);
  }
  messages.push_back({publish});
  return mqtt::Taking::taken;
}

// 3.1.1 has no way to say so but to close (3.1.1 section 3.3.5.2).
mqtt::Taking DeviceConnection::refuse(const mqtt::Publish& publish, mqtt::Reason reason,
                                      mqtt::Taking otherwise, std::string_view why) {
  if (dialogue_.version() == mqtt::Version::v3_1_1 || publish.qos == 0) return otherwise;
  switchboard_->messages_of_this_read().push_back({publish, reason, false});
  const bool is_topic = reason == mqtt::Reason::not_authorized;
  switchboard_->close_log().add(is_topic ? Ending::forbidden : Ending::limited,
                                fmt::format("{}: refused a message: {}", describe(), why), whose());
  return mqtt::Taking::refused;
}

// In MQTT 5.0 section 3.4.2.1 "packet too large" is no reason for PUBACK; what an administrator
// imposed is a quota.
mqtt::Taking DeviceConnection::refuse(const mqtt::Publish& publish, const Excess& oversize) {
  switchboard_->count(oversize);
  const auto taking =
      refuse(publish, mqtt::Reason::quota_exceeded, mqtt::Taking::oversized,
             fmt::format("payload of {} bytes; {}", publish.payload.size(), oversize.text()));
  if (taking == mqtt::Taking::oversized) refusal_ = oversize.text();
  return taking;
}

bool DeviceConnection::on_release(std::uint16_t packet_id) {
  return switchboard_->broker().release(*session_, packet_id);
}

bool DeviceConnection::on_acknowledged(mqtt::PacketType type, const mqtt::Acknowledgement& told) {
  return switchboard_->broker().acknowledge(*session_, type, told.packet_id, told.reason);
}

mqtt::Reason DeviceConnection::on_subscribe(const mqtt::Subscription& subscription,
                                            std::uint32_t identifier) {
  const broker::SharedFilter shared = broker::split_shared(subscription.filter);
  if (subscription.filter.size() > switchboard_->limits().topic_bytes_max) {
    return mqtt::Reason::quota_exceeded;
  }
  if (!shared.filter.empty() &&
      !switchboard_->topic_policy().may_subscribe(*identity_, shared.filter)) {
    // The suites that ask for it know no other refusal than that of 3.1.1.
    return shared.filter == refused_filter ? mqtt::Reason::unspecified
                                           : mqtt::Reason::not_authorized;
  }
  return switchboard_->broker().subscribe(*session_, subscription, identifier);
}

mqtt::Reason DeviceConnection::on_unsubscribe(std::string_view filter) {
  return switchboard_->broker().unsubscribe(*session_, filter);
}

void DeviceConnection::on_disconnect(const mqtt::Disconnect& disconnect) {
  // [MQTT-3.14.4-3]: a normal goodbye takes the will along.
  leaves_will_ = disconnect.reason != mqtt::Reason::success;
  if (disconnect.session_expiry_s) {
    last_expiry_ = std::chrono::seconds{*disconnect.session_expiry_s};
  }
}

bool DeviceConnection::deliver(const mqtt::Outgoing& message) {
  const bool sent = dialogue_.send(message);
  connection_.send(dialogue_.output());
  dialogue_.output().clear();
  return sent;
}

void DeviceConnection::release(std::uint16_t packet_id) {
  dialogue_.send_release(packet_id);
  if (reading_) return;
  if (gate_ && gate_->welcomes) {
    gate_->output += dialogue_.output();
  } else {
    connection_.send(dialogue_.output());
  }
  dialogue_.output().clear();
}

bool DeviceConnection::has_room() const {
  return !ended_ && !gate_ &&
         connection_.unsent_bytes() < switchboard_->options().unsent_delivery_bytes_max;
}

void DeviceConnection::on_sent() {
  if (session_ != nullptr && session_->has_outbox()) switchboard_->broker().pump(*session_);
}

// After the take-over, which makes room for who comes again.
mqtt::Reason DeviceConnection::admit_one_more(mqtt::Admission& admission) {
  auto allowance = switchboard_->allowances().connect(*identity_, switchboard_->clock().elapsed());
  if (const auto* excess = std::get_if<Excess>(&allowance)) {
    switchboard_->count(*excess);
    admission.why = excess->text();
    // It was never there: no will, and no session but the one that it had.
    leaves_will_ = false;
    resumes_ = false;
    if (!admission.session_present) last_expiry_ = Duration{0};
    return mqtt::Reason::quota_exceeded;
  }
  allowance_ = std::get<Allowance>(std::move(allowance));
  return mqtt::Reason::success;
}

// What has come is taken, all of it; then nothing is read until the rates are kept again: of what
// MQTT 5 allows, the way that makes no client send twice.
void DeviceConnection::draw(std::size_t messages, std::size_t bytes, Duration now) {
  allowance_.take(messages, bytes, now);
  if (ended_) return;
  const auto debt = limited_ ? std::nullopt : allowance_.debt(now);
  if (debt) {
    limited_ = true;
    note(*debt, fmt::format("not read for {} ms", debt->wait.count() / 1000 + 1));
    switchboard_->await_allowance(*this);
  }
  const auto crowd = crowded_ ? std::nullopt : allowance_.crowd();
  if (crowd) {
    crowded_ = true;
    note(*crowd, "not read until messages of it are durable");
    allowance_.await_room(submitter_);
  }
}

void DeviceConnection::note(const Excess& excess, std::string_view what) {
  switchboard_->count(excess);
  switchboard_->close_log().add(
      Ending::limited, fmt::format("{}: {}: {}", describe(), what, excess.text()), whose());
}

void DeviceConnection::on_room() {
  crowded_ = allowance_.crowd().has_value();
  if (crowded_) return allowance_.await_room(submitter_);
  update_reading();
}

bool DeviceConnection::may_go_on() {
  if (ended_) return true;
  if (allowance_.debt(switchboard_->clock().elapsed())) return false;
  limited_ = false;
  update_reading();
  return true;
}

void DeviceConnection::send_output() {
  if (dialogue_.output().empty()) return;
  connection_.send(dialogue_.output());
  dialogue_.output().clear();
  close_if_slow();
}

void DeviceConnection::close_if_slow() {
  // Beside its answers there may be what it subscribed to, up to one message over its limit.
  const Options& options = switchboard_->options();
  const std::size_t deliveries_max = options.unsent_delivery_bytes_max + options.payload_bytes_max;
  if (connection_.unsent_bytes() <= options.unsent_bytes_max + deliveries_max) return;
  end(Ending::slow,
      fmt::format("it does not read; over {} bytes wait for it", options.unsent_bytes_max));
}

void DeviceConnection::close_if_dialogue_ended() {
  // What it said before its last packet is stored first.
  if (dialogue_.closed() && held_.empty() && !gate_) {
    const std::string& reason = dialogue_.close_reason();
    end(to_ending(dialogue_.close_kind()), refusal_.empty() ? reason : reason + "; " + refusal_);
  }
}

void DeviceConnection::check_time() {
  if (paused_ || ended_) return;
  dialogue_.check_time(switchboard_->clock().elapsed());
  close_if_dialogue_ended();
}

void DeviceConnection::update_reading() {
  if (ended_) return;
  const bool pause = !held_.empty() || gate_ || limited_ || crowded_ ||
                     switchboard_->disk_is_low() ||
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
  dialogue_.dismiss(to_reason(ending));
  // [MQTT-3.2.0-1]: nothing goes before CONNACK.
  const bool is_welcome = !gate_ || !gate_->welcomes;
  if (is_welcome && !dialogue_.output().empty()) connection_.send(dialogue_.output());
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
  flight_ = {};
  switchboard_->close_log().add(ending, fmt::format("{}: closed: {}", describe(), why), whose());
  leave();
}

void DeviceConnection::leave() {
  if (session_ == nullptr) return;
  // What was not even taken by the stream is new when it comes again.
  for (const Held& held : held_) {
    const bool is_forgotten = held.taken.stored && held.taken.publish.qos == 2;
    if (is_forgotten) session_->unreleased().erase(held.taken.publish.packet_id);
  }
  switchboard_->broker().disconnect(*std::exchange(session_, nullptr), leaves_will_, last_expiry_);
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

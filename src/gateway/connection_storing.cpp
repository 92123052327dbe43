// How a connection's messages are stored, and its client hears of it.
#include "gateway/connection.h"
#include "gateway/switchboard.h"

namespace cauce::gateway {
namespace {

// How many PUBLISHes of QoS 1 and 2 these acknowledgements answer for good: PUBACKs, and PUBRECs
// that refuse, which alone have a reason.
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

// Nothing is read while there is a gate, so there is one at most.
void DeviceConnection::close_gate(bool welcomes) {
  gate_ = std::make_unique<Gate>();
  gate_->output = std::exchange(dialogue_.output(), {});
  gate_->welcomes = welcomes;
}

void DeviceConnection::open_gate() {
  gate_.reset();
  close_if_dialogue_ended();
  update_reading();
  resume_session();
}

bool DeviceConnection::submit(std::span<const TakenPublish> messages) {
  std::vector<Incoming>& incoming = switchboard_->incoming_of_this_read();
  incoming.clear();
  const bool opens = gate_ && !gate_->submitted;
  Bytes answers;
  for (const TakenPublish& message : messages) {
    const mqtt::Publish& publish = message.publish;
    if (message.stored) {
      incoming.push_back({publish.topic, publish.content_type, publish.payload, publish.properties,
                          session_->id(), publish.qos, publish.retain});
      if (session_->is_durable()) name_session(publish, incoming.back());
    }
    if (publish.qos == 0) continue;
    const auto type = publish.qos == 1 ? mqtt::PacketType::puback : mqtt::PacketType::pubrec;
    mqtt::put_acknowledgement(answers, dialogue_.version(), type, publish.packet_id,
                              answer_of(message));
  }
  if (incoming.empty() && !opens) return answer(answers);
  if (flight_.is_empty()) flight_ = allowance_.depart(incoming.size());
  // What waits at the gate goes first.
  const auto outlet = gate_ ? nullptr : connection_.outlet();
  const auto submitted =
      switchboard_->intake().submit(submitter_, *identity_, incoming,
                                    {std::move(answers), outlet, awaits(incoming.size())}, flight_);
  if (submitted) {
    if (session_ != nullptr) session_->last_group() = *submitted;
    in_flight_ += incoming.size();
    if (opens) {
      gate_->group = *submitted;
      gate_->submitted = true;
    }
    return true;
  }
  if (submitted.error().outcome == Outcome::exhausted) return false;
  on_failure(submitted.error());
  return true;
}

// Of messages that are durable, the last are enough: those before them are so too.
bool DeviceConnection::awaits(std::size_t messages) const {
  return in_flight_ + messages >= switchboard_->options().publishes_in_flight_max ||
         allowance_.crowd().has_value();
}

// What a session that outlives its connection must be known by after a restart.
void DeviceConnection::name_session(const mqtt::Publish& publish, Incoming& message) const {
  message.session = session_->key();
  message.names_session = session_->shuns_own();
  if (publish.qos == 2) message.packet_id = publish.packet_id;
}

void DeviceConnection::hold(std::span<const TakenPublish> messages) {
  held_.reserve(messages.size());
  for (const TakenPublish& message : messages) {
    const mqtt::Publish& publish = message.publish;
    held_.push_back({message, std::string(publish.topic), std::string(publish.content_type),
                     Bytes(publish.payload), Bytes(publish.properties)});
  }
}

bool DeviceConnection::retry() {
  const bool waits = !held_.empty() || (gate_ && !gate_->submitted);
  if (!waits || ended_) return true;
  std::vector<TakenPublish> messages;
  messages.reserve(held_.size());
  for (const Held& held : held_) {
    TakenPublish message = held.taken;
    message.publish.topic = held.topic;
    message.publish.content_type = held.content_type;
    message.publish.payload = held.payload;
    message.publish.properties = held.properties;
    messages.push_back(message);
  }
  if (!submit(messages)) return false;
  held_ = {};
  close_if_dialogue_ended();
  update_reading();
  return true;
}

void DeviceConnection::on_durable(const Answer& answer, std::size_t count) {
  in_flight_ -= count;
  // Its memory is not kept for an idle connection.
  const bool opens = gate_ && gate_->submitted && !Intake::is_in_flight(gate_->group);
  if (in_flight_ == 0 && session_ != nullptr && (opens || !gate_)) session_->last_group().reset();
  if (opens && !ended_) connection_.send(gate_->output);
  if (answer.outlet) {
    note_answers(answer.bytes);
    // It leaves with what else this turn of the loop sends, behind what goes to subscribers.
    if (connection_.unsent_bytes() > 0) connection_.send({});
  } else {
    send_answer(answer.bytes);
  }
  close_if_slow();
  update_reading();
  if (opens) open_gate();
}

// Of 5.0 (section 3.4.2.1): that nobody subscribed is no failure.
mqtt::Reason DeviceConnection::answer_of(const TakenPublish& message) const {
  const bool is_new = message.stored && message.publish.qos == 1;
  if (!is_new || dialogue_.version() == mqtt::Version::v3_1_1 ||
      switchboard_->broker().is_heard(identity_->company, message.publish.topic)) {
    return message.reason;
  }
  return mqtt::Reason::no_matching_subscribers;
}

bool DeviceConnection::answer(BytesView answers) {
  const Intake::GroupHandle& group = session_->last_group();
  if (!Intake::is_in_flight(group)) {
    send_answer(answers);
    return true;
  }
  const auto waits = switchboard_->intake().answer_after(group, submitter_, answers);
  if (waits) return true;
  if (waits.error().outcome == Outcome::exhausted) return false;
  on_failure(waits.error());
  return true;
}

void DeviceConnection::send_answer(BytesView answers) {
  if (answers.empty()) return;
  note_answers(answers);
  connection_.send(answers);
}

void DeviceConnection::note_answers(BytesView answers) {
  if (dialogue_.version() == mqtt::Version::v5) dialogue_.answered(last_answers(answers));
}

void DeviceConnection::on_failure(const Error& error) {
  held_ = {};
  end(Ending::violation, "its messages could not be stored: " + error.message);
}

}  // namespace cauce::gateway

// What the broker does with commands, beside routing them as it does any message.
#include "gateway/broker/broker.h"
#include "gateway/broker/state_tables.h"
#include "gateway/mqtt/property.h"

namespace cauce::gateway::broker {
namespace {

// The id in "devices/{device}/commands/{id}/result"; empty when the topic is another one.
std::string_view answered_command(std::string_view topic) {
  constexpr std::string_view suffix = "/result";
  if (!topic.ends_with(suffix)) return {};
  topic.remove_suffix(suffix.size());
  return topic.substr(topic.rfind('/') + 1);
}

// Sections 3.3.2.3.5 and 3.3.2.3.6: where to answer, and to what.
Bytes properties_of(const record::Command& command) {
  Bytes properties;
  if (!command.message.content_type.empty()) {
    mqtt::put_property(properties, mqtt::Property::content_type, command.message.content_type);
  }
  if (command.id.empty()) return properties;
  mqtt::put_property(properties, mqtt::Property::response_topic,
                     record::command_result_topic(command.message.device, command.id));
  mqtt::put_property(properties, mqtt::Property::correlation, command.id);
  return properties;
}

}  // namespace

void Broker::take_command(stream::Position position, record::CommandRecord record) {
  if (replaying_) ended_.clear();
  if (const auto* withdrawal = std::get_if<record::Withdrawal>(&record)) {
    HeldCommands& held = company(withdrawal->company).commands;
    if (HeldCommand* command = held.find(withdrawal->id)) held.end(*command);
    return;
  }
  auto& command = std::get<record::Command>(record);
  record::Message& message = command.message;
  auto extras = std::make_shared<Extras>();
  extras->properties = properties_of(command);
  extras->expires_at = command.expires_at.time_since_epoch() + to_elapsed();
  if (!command.id.empty()) {
    HeldCommand held{command.id, message.device, position, extras,
                     message.received_at.time_since_epoch() + to_elapsed()};
    if (!company(message.company).commands.keep(std::move(held))) return;
  }
  auto publication = std::make_shared<Publication>();
  publication->place = {Shelf::commands, position};
  publication->topic = std::move(message.topic);
  publication->payload = std::move(message.payload);
  publication->extras = std::move(extras);
  publication->qos = 1;
  route(message.company, publication);
}

void Broker::hear_answer(std::string_view company_name, const Incoming& message) {
  const std::string_view id = answered_command(message.topic);
  if (id.empty()) return;
  Company* heard_in = find_company(company_name);
  HeldCommand* command = heard_in == nullptr ? nullptr : heard_in->commands.find(id);
  if (command == nullptr) return;
  if (message.topic != record::command_result_topic(command->device, id)) return;
  heard_in->commands.end(*command);
  record::CommandStep step{record::CommandStep::Kind::answered, heard_in->name, command->device,
                           command->id};
  step.content_type = message.content_type;
  step.answer = message.payload.substr(0, record::answer_bytes_max);
  step.answer_bytes = std::uint32_t(message.payload.size());
  note_step(message.session, std::move(step));
}

void Broker::note_step(std::string_view session, record::CommandStep step) {
  house_.note({Time{}, std::string(session), std::move(step)}, nullptr);
}

std::vector<Place> Broker::commands_for(std::string_view company_name, std::string_view device,
                                        std::size_t count_max) {
  std::vector<Place> places;
  Company* asked = find_company(company_name);
  if (asked == nullptr) return places;
  const std::string topic = record::commands_topic(device);
  for (const HeldCommand* command : asked->commands.wanted(topic, device, clock_.elapsed())) {
    if (places.size() == count_max) break;
    places.push_back({Shelf::commands, command->position});
  }
  return places;
}

std::optional<Broker::Handed> Broker::hand_over(std::string_view company_name,
                                                std::string_view device, Place place) {
  Company* asked = find_company(company_name);
  HeldCommand* command = asked == nullptr ? nullptr : asked->commands.find(place.position);
  const bool is_wanted =
      command != nullptr && asked->commands.is_wanted(place.position, device, clock_.elapsed());
  if (!is_wanted) return std::nullopt;
  if (!std::exchange(command->sent, true)) {
    note_step({}, {record::CommandStep::Kind::sent, asked->name, command->device, command->id});
  }
  return Handed{command->id, time_of(command->extras->expires_at, to_elapsed()),
                mqtt::content_type(command->extras->properties)};
}

bool Broker::knows_command(std::string_view company_name, std::string_view device,
                           std::string_view id) {
  Company* asked = find_company(company_name);
  const HeldCommand* command = asked == nullptr ? nullptr : asked->commands.find(id);
  return command != nullptr && command->device == device;
}

// What waited longest. A queue that is full would end the session, so half of it is left for
// others; the rest comes with the next SUBSCRIBE.
void Broker::send_commands(Session& session, std::string_view filter,
                           const SubscriptionOptions& options) {
  const Duration now = replaying_ ? replayed_at_ : clock_.elapsed();
  const auto wanted = session.company_.commands.wanted(filter, session.device(), now);
  if (wanted.empty()) return;
  Outbox& outbox = outbox_of(session);
  const std::set<stream::Position> known = outbox.commands();
  for (const HeldCommand* command : wanted) {
    if (outbox.queued() >= limits_.queued_max / 2) return;
    if (known.contains(command->position)) continue;
    Queued queued;
    queued.place = {Shelf::commands, command->position};
    queued.extras = command->extras;
    if (options.identifier > 0) queued.identifiers = {options.identifier};
    queued.qos = std::min<std::uint8_t>(options.qos, 1);
    enqueue(session, std::move(queued));
  }
}

void Broker::note_progress(Session& session, const Outbox::CommandProgress& progress) {
  HeldCommands& commands = session.company_.commands;
  HeldCommand* command = commands.find(progress.position);
  if (command == nullptr) return;
  const bool was_sent = std::exchange(command->sent, true);
  if (progress.kind == record::CommandStep::Kind::sent) {
    if (was_sent) return;
  } else {
    commands.finish(*command, session.device());
  }
  note_step(session.key(), {progress.kind, session.company_.name, command->device, command->id});
}

void Broker::replay_step(std::string_view session, const record::CommandStep& step) {
  HeldCommands& commands = company(step.company).commands;
  HeldCommand* command = commands.find(step.id);
  if (command == nullptr) return;
  command->sent = true;
  switch (step.kind) {
    case record::CommandStep::Kind::sent: return;
    case record::CommandStep::Kind::answered: return commands.end(*command);
    case record::CommandStep::Kind::given:
    case record::CommandStep::Kind::acknowledged:
    case record::CommandStep::Kind::refused:
      return commands.finish(*command, session.empty() ? command->device : device_of(session));
  }
}

CommandState Broker::state_of(const Company& company, const HeldCommand& command) const {
  CommandState state;
  state.company = company.name;
  state.device = command.device;
  state.id = command.id;
  state.position = command.position.number;
  state.given_at = time_of(command.given_at, to_elapsed());
  state.expires_at = time_of(command.extras->expires_at, to_elapsed());
  state.properties = command.extras->properties;
  state.sent = command.sent;
  state.over = command.over;
  state.done_by = command.done_by;
  return state;
}

void Broker::restore_commands(const State& state) {
  for (const CommandState& kept : state.commands) {
    auto extras = std::make_shared<Extras>();
    extras->properties = kept.properties;
    extras->expires_at = moment(kept.expires_at);
    company(kept.company)
        .commands.keep({kept.id,
                        kept.device,
                        {kept.position},
                        std::move(extras),
                        moment(kept.given_at),
                        kept.sent,
                        kept.over,
                        kept.done_by});
  }
}

}  // namespace cauce::gateway::broker

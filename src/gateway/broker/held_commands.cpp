#include "gateway/broker/held_commands.h"

#include <algorithm>

#include "gateway/mqtt/topic.h"
#include "record/message.h"

namespace cauce::gateway::broker {
namespace {

bool is_open_for(const HeldCommand& command, std::string_view listener, Duration now) {
  return !command.over && command.extras->expires_at > now &&
         std::ranges::find(command.done_by, listener) == command.done_by.end();
}

}  // namespace

bool HeldCommands::keep(HeldCommand command) {
  if (by_id_.contains(command.id) || all_.contains(command.position)) return false;
  const stream::Position position = command.position;
  HeldCommand& kept = all_.emplace(position, std::move(command)).first->second;
  by_id_.emplace(kept.id, &kept);
  if (!kept.over) by_topic_[record::commands_topic(kept.device)].insert(position);
  return true;
}

HeldCommand* HeldCommands::find(std::string_view id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

HeldCommand* HeldCommands::find(stream::Position position) {
  const auto found = all_.find(position);
  return found == all_.end() ? nullptr : &found->second;
}

std::vector<const HeldCommand*> HeldCommands::wanted(std::string_view filter,
                                                     std::string_view listener,
                                                     Duration now) const {
  std::vector<const HeldCommand*> wanted;
  const std::string_view beginning = mqtt::beginning_of(filter);
  for (auto topic = by_topic_.lower_bound(beginning);
       topic != by_topic_.end() && topic->first.starts_with(beginning); ++topic) {
    if (!mqtt::is_match(filter, topic->first)) continue;
    for (const stream::Position position : topic->second) {
      const HeldCommand& command = all_.at(position);
      if (is_open_for(command, listener, now)) wanted.push_back(&command);
    }
  }
  return wanted;
}

bool HeldCommands::is_wanted(stream::Position position, std::string_view listener,
                             Duration now) const {
  const auto found = all_.find(position);
  return found == all_.end() || is_open_for(found->second, listener, now);
}

void HeldCommands::finish(HeldCommand& command, std::string_view listener) {
  if (std::ranges::find(command.done_by, listener) != command.done_by.end()) return;
  command.done_by.emplace_back(listener);
}

void HeldCommands::end(HeldCommand& command) {
  command.over = true;
  const auto topic = by_topic_.find(record::commands_topic(command.device));
  if (topic == by_topic_.end()) return;
  topic->second.erase(command.position);
  if (topic->second.empty()) by_topic_.erase(topic);
}

void HeldCommands::forget(Duration now) {
  while (!all_.empty()) {
    HeldCommand& oldest = all_.begin()->second;
    if (oldest.given_at + record::command_wait_max > now) return;
    end(oldest);
    by_id_.erase(oldest.id);
    all_.erase(all_.begin());
  }
}

}  // namespace cauce::gateway::broker

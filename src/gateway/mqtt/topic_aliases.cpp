#include "gateway/mqtt/topic_aliases.h"

#include <algorithm>
#include <utility>

namespace cauce::gateway::mqtt {

std::optional<std::string_view> TopicAliases::resolve(std::uint16_t alias, std::string_view topic) {
  if (alias > alias_max_) return std::nullopt;
  if (topics_.empty()) topics_.resize(alias_max_);
  Topic& known = topics_[alias - 1];
  if (!topic.empty() && (!known || *known != topic)) {
    if (known) retired_.push_back(std::move(known));
    known = std::make_unique<const std::string>(topic);
  }
  if (!known) return std::nullopt;
  return *known;
}

SentAliases::Alias SentAliases::of(std::string_view topic) {
  const auto known = std::ranges::find(topics_, topic);
  if (known != topics_.end()) return {std::uint16_t(known - topics_.begin() + 1), false};
  if (topics_.size() >= alias_max_) return {};
  topics_.emplace_back(topic);
  return {std::uint16_t(topics_.size()), true};
}

}  // namespace cauce::gateway::mqtt

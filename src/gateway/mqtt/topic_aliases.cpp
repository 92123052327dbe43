#include "gateway/mqtt/topic_aliases.h"

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

}  // namespace cauce::gateway::mqtt

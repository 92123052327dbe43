// The topic aliases that a client of MQTT 5.0 has set on one connection (section 3.3.2.3.4).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cauce::gateway::mqtt {

// One thread. Holds no memory until the first alias.
class TopicAliases {
 public:
  explicit TopicAliases(std::uint16_t alias_max) : alias_max_(alias_max) {}

  // The topic that `alias` (not 0) stands for; with a topic, it stands for that one from now on.
  // nullopt: beyond alias_max, or it stands for none. Views live until forget_retired() at least.
  std::optional<std::string_view> resolve(std::uint16_t alias, std::string_view topic);

  // Topics whose alias stands for another one now are kept until here.
  void forget_retired() { retired_.clear(); }

 private:
  using Topic = std::unique_ptr<const std::string>;

  std::uint16_t alias_max_;
  std::vector<Topic> topics_;  // by alias - 1
  std::vector<Topic> retired_;
};

}  // namespace cauce::gateway::mqtt
